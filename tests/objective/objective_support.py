"""A search of three trainings, whose program each test writes itself."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harmonica_steps.config import parse
from harmonica_steps.files import read_json
from harmonica_steps.objective.trial import train
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part

RUNG_0, RUNG_1 = "final/rung-0", "final/rung-1"
ANSWER = 'echo \'{"error": 0.5}\' > "$HARMONICA_RESULT"\n'


class Trial:
    """Trial 0 of the first rung, in the current directory."""

    def __init__(
        self,
        space: dict[str, Any] | None = None,
        fidelity: dict[str, Any] | None = None,
        **objective: Any,
    ) -> None:
        final = {"configurations": 2, "eta": 2, "min_budget": 1, "max_budget": 2}
        config = {
            "search": "tiny",
            "objective": objective or {"command": "sh job.sh"},
            "space": space
            or {"a": {"type": "bool"}, "rate": {"type": "float", "low": 0, "high": 1}},
            "final": {**final, "fidelity": fidelity or {}},
        }
        self.folder = SearchFolder(Path("results/tiny"))
        self.work = self.folder.work(RUNG_0, 0)
        write_plan(self.folder, parse(config))
        draw_part(SearchRun.at(self.folder.root), RUNG_0)

    @property
    def record(self) -> dict[str, Any]:
        return read_json(self.folder.record(RUNG_0, 0))

    def run(self) -> dict[str, Any]:
        """Train in this process."""
        train(self.folder, RUNG_0, 0)
        return self.record

    def start(self) -> subprocess.Popen[bytes]:
        """Train as Snakemake does, in a process that can be killed."""
        return subprocess.Popen(
            [sys.executable, "-m", "harmonica_steps", "train", self.folder.root, RUNG_0, "0"],
            stderr=subprocess.PIPE,
        )

    def promote(self) -> None:
        """Go on to the second rung with one of the two."""
        for trial in (0, 1):
            train(self.folder, RUNG_0, trial)
        search = SearchRun.at(self.folder.root)
        collect_part(search, RUNG_0)
        draw_part(search, RUNG_1)


def shell(script: str, **objective: Any) -> Trial:
    """A trial whose program is a shell script."""
    Path("job.sh").write_text(script)
    return Trial(command="sh job.sh", **objective)


def python(program: str, **objective: Any) -> Trial:
    """A trial whose program is a Python function, ``job:objective``."""
    Path("job.py").write_text(program)
    return Trial(callable="job:objective", **objective)


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def pid_in(path: str) -> int:
    """The process id that the program has written, once it has."""
    wait_until(lambda: Path(path).is_file() and Path(path).read_text().endswith("\n"))
    return int(Path(path).read_text())


def killed_once(trial: Trial, number: int = signal.SIGKILL) -> int:
    """Start the training, and end its supervisor while it runs."""
    Path("pid").unlink(missing_ok=True)
    supervisor = trial.start()
    pid_in("pid")
    supervisor.send_signal(number)
    supervisor.communicate(timeout=20)
    return supervisor.returncode
