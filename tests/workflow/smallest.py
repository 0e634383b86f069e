"""The smallest search there is: two trainings, for tests of how the workflow is found and run."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

CONFIG = {
    "search": "smallest",
    "objective": {"command": "python train.py {config} {result} {budget}"},
    "space": {"a": {"type": "bool"}, "rate": {"type": "float", "low": 0, "high": 1}},
    "final": {"optimiser": "random", "configurations": 2, "budget": 1},
}

PROGRAM = """
import json, sys

configuration = json.load(open(sys.argv[1]))
open("ran.txt", "a").write(f"{sys.argv[3]}\\n")
json.dump({"error": configuration["rate"]}, open(sys.argv[2], "w"))
"""


def smallest(folder: Path, name: str = "mine.yaml", **keys: object) -> Path:
    """Write its configuration and program to a folder."""
    (folder / "train.py").write_text(PROGRAM)
    (folder / name).write_text(yaml.safe_dump({**CONFIG, **keys}, sort_keys=False))
    return folder / name


def run(
    command: Sequence[str | Path], folder: Path, *, status: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program of users in a folder, without what pytest has in the environment."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def snakemake(folder: Path, *arguments: str | Path, status: int = 0, **environment: str) -> str:
    """Run snakemake; what it says."""
    command = [sys.executable, "-m", "snakemake", "--cores=2", *arguments]
    done = run(command, folder, status=status, **environment)
    return done.stdout + done.stderr
