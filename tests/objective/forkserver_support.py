"""A process that owns a fork server, and trainings that it forks."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from objective_support import RUNG_0, Trial

ONCE = 'open("imported", "a").write("x\\n")\n'
"""An import that leaves a trace."""

PROGRAM = f"""
{ONCE}
def objective(configuration, seed):
    print(configuration)
    return configuration["rate"] + seed % 10
"""

SCRIPT = """
import json, os, sys
import shared
assert __name__ == "__main__" and sys.argv == ["tools/job.py", "--fast"], sys.argv
json.dump({"error": shared.VALUE}, open(os.environ["HARMONICA_RESULT"], "w"))
"""


def servers() -> list[int]:
    """Fork servers that run in this test's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            here = (process / "cwd").resolve() == Path.cwd()
            if here and b"objective.forkserver" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def start(owner: subprocess.Popen[bytes], trial: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "harmonica_steps", "train", "results/tiny", RUNG_0, str(trial)],
        env={**os.environ, "HARMONICA_OWNER": str(owner.pid)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(owner: subprocess.Popen[bytes], trial: int = 0) -> tuple[int, str]:
    with start(owner, trial) as process:
        output, _ = process.communicate()
    return process.returncode, output


def forked(owner: subprocess.Popen[bytes], trial: Trial) -> dict[str, Any]:
    trial.folder.record(RUNG_0, 0).unlink(missing_ok=True)
    assert run(owner) == (0, "")
    return trial.record


def without_run(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "run"}


def imports() -> int:
    return len(Path("imported").read_text().split())
