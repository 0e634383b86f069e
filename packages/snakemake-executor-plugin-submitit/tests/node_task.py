"""A task as a node sees it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_submitit.submission import START_WORKER


class Task:
    """One task, written down as the ledger does."""

    def __init__(self, folder: Path, *commands: str, **about: Any) -> None:
        self.folder = folder
        for name in ("status", "logs"):
            (folder / name).mkdir()
        common = {"shell": "/bin/bash", "env": {}, "inputs": [], "outputs": []}
        task = {
            "cwd": str(folder),
            "latency": 0,
            "restarts": 3,
            "resumable": False,
            "parallel": 1,
            "limit": None,
            "pieces": {n: {**common, "command": c} for n, c in enumerate(commands)},
            **about,
        }
        self.batch = folder / "batch.jsonl"
        self.batch.write_text(json.dumps(task) + "\n")

    def start(
        self,
        cwd: Path | None = None,
        preexec_fn: Callable[[], object] | None = None,
        **variables: str,
    ) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-IS", str(START_WORKER), str(self.batch), "0"]
        environment = {**os.environ, **variables}
        return subprocess.Popen(command, env=environment, cwd=cwd, preexec_fn=preexec_fn)

    def run(self, **variables: str) -> int:
        return self.start(**variables).wait(30)

    def statuses(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "status").iterdir())
