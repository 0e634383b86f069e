"""A secret in the environment of a search is in no byte that the search, or its archive, writes."""

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tiny_search import TinySearch, kill

from harmonica_steps.archive.compression import zstd
from harmonica_steps.cli import main

TOKEN = "hm-7f3a9c51-secret-of-nobody"
OTHERS = ("AWS_SECRET_ACCESS_KEY", "HARMONICA_TOKEN", "SLURM_JWT", "SNAKEMAKE_TOKEN", "API_TOKEN")

SUBMITIT = ("--executor=submitit", "--submitit-cluster=local", "--submitit-poll-min=1", "--jobs=4")
EXECUTORS = {"snakemake's own": (), "submitit": SUBMITIT}


def contents(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    """A file as it is, and everything that is packed in it."""
    yield str(path), data
    if path.name.endswith(".zst"):
        plain = zstd.decompress(data)
        with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
            for member in tar:
                file = tar.extractfile(member)
                assert file
                yield from contents(path / member.name, file.read())
    elif path.suffix == ".parquet":
        table = pd.read_parquet(io.BytesIO(data))
        yield f"{path} as text", table.to_csv().encode()
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from contents(path / name, packed.read(name))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


@pytest.mark.parametrize(
    ("executor", "umask", "target"),
    [("snakemake's own", 0o022, "best.json"), ("submitit", 0o077, "stage-1/metrics.parquet")],
)
def test_no_secret_is_written_and_the_umask_decides_who_may_read(
    executor: str, umask: int, target: str, tiny: TinySearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OTHERS:
        monkeypatch.setenv(name, TOKEN)
    monkeypatch.chdir(tiny.folder)
    tiny.config["stages"] = [{"samples": 10, "degree": 1, "sparsity": 1}]
    tiny.config["final"] = {"optimiser": "random", "configurations": 2, "budget": 1}
    before = os.umask(umask)
    try:
        tiny.run(*EXECUTORS[executor], tiny.target(target), fail="0003")
        for step in (
            ["recover", "results/tiny", "1"],
            ["archive", "results/tiny", "stage-1"],
            ["export", "results/tiny"],
            ["export", "results/tiny", "--format", "csv"],
            ["report", "results/tiny"],
            ["restore", "results/tiny/archive/stage-1.tar.zst", "--into", "results/again"],
        ):
            assert main(step) == 0
    finally:
        os.umask(before)
    written = files(tiny.folder)
    assert {"stage-1.tar.zst", "report.html", "psr.json", "log.txt"} <= {p.name for p in written}
    found = [
        name
        for path in written
        for name, data in contents(path, path.read_bytes())
        if TOKEN.encode() in data
    ]
    assert found == []
    open_to_others = stat.S_IRWXG | stat.S_IRWXO
    for path in files(tiny.root) + files(tiny.folder / "results/again"):
        mode = path.stat().st_mode
        if umask == 0o077:
            assert not mode & open_to_others, path
        else:
            assert mode & (stat.S_IRGRP | stat.S_IROTH) == stat.S_IRGRP | stat.S_IROTH, path
            assert not mode & (stat.S_IWGRP | stat.S_IWOTH), path


def test_what_submitit_passes_to_nodes_holds_no_secret(
    tiny: TinySearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removed when a search has ended, but not when it was killed."""
    for name in OTHERS:
        monkeypatch.setenv(name, TOKEN)
    running = tiny.start(*SUBMITIT, "search", slow=2)
    tiny.wait_for("../../.snakemake/submitit/**/*submitted.pkl", 1)
    kill(running, group=True)
    passed_on = files(tiny.folder / ".snakemake")
    assert {".pkl", ".jsonl"} <= {path.suffix for path in passed_on}
    assert not [path for path in passed_on if TOKEN.encode() in path.read_bytes()]


def test_the_search_would_find_a_secret_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": [TOKEN] * 2}).to_parquet(path, compression="zstd")
    assert any(TOKEN.encode() in data for _, data in contents(path, path.read_bytes()))
