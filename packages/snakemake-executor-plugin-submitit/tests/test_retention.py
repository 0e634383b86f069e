"""Logs of long ago are deleted, and nothing else."""

import os
import time
from pathlib import Path

from snakemake_executor_plugin_submitit.retention import delete_old


def test_only_what_ended_long_ago_is_deleted(tmp_path: Path) -> None:
    for name, file, days in (
        ("old", "closed.jsonl", 11),
        ("new", "closed.jsonl", 9),
        ("open", "batch.jsonl", 11),
    ):
        (tmp_path / name).mkdir()
        for made in (file, "closed"):
            (tmp_path / name / made).touch()
            then = time.time() - days * 86_400
            os.utime(tmp_path / name / made, (then, then))
    delete_old(tmp_path, 0)
    assert len(list(tmp_path.iterdir())) == 3
    delete_old(tmp_path, 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "open"]
