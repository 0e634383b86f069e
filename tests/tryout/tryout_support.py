"""``harmonica try`` of a small search, as users type it, on programs that each test writes."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from harmonica_steps.cli import main
from harmonica_steps.config import Search, parse

CONFIG: dict[str, Any] = {
    "search": "tiny",
    "objective": {"command": "sh job.sh"},
    "space": {
        "optimiser": {"type": "categorical", "values": ["sgd", "adam"]},
        "momentum": {"type": "float", "low": 0, "high": 1, "when": {"optimiser": "sgd"}},
        "nesterov": {"type": "bool", "when": {"optimiser": "sgd"}},
        "depth": {"type": "int", "low": 1, "high": 9},
        "mode": {"type": "categorical", "values": ["no", "1", 1]},
    },
    "forbidden": [{"optimiser": "adam", "depth": {"low": 9}}],
    "stages": [{"samples": 12, "sparsity": 1, "budget": 2}],
    "final": {
        "configurations": 4,
        "eta": 2,
        "min_budget": 2,
        "max_budget": 4,
        "fidelity": {"width": 8},
    },
}

ANSWER = 'echo \'{"error": 0.5, "loss": 2}\' > "$HARMONICA_RESULT"\n'


def configured(**changes: Any) -> Search:
    return parse({**CONFIG, **changes})


def write(script: str, **objective: Any) -> None:
    """A configuration in the current directory, with a shell script as its program."""
    Path("job.sh").write_text(f"# $HARMONICA_CONFIG has the settings.\n{script}")
    config = {**CONFIG, "objective": {**CONFIG["objective"], **objective}}
    Path("tiny.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def try_it(*arguments: str) -> int:
    return main(["try", "tiny.yaml", *arguments])


def start(*arguments: str) -> subprocess.Popen[str]:
    """The same in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "harmonica_steps", "try", "tiny.yaml", *arguments],
        env={**os.environ, "TMPDIR": tempfile.gettempdir()},
        # Also where the tests run in the background, which ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def scratch_folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).iterdir())
