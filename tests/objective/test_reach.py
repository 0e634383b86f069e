"""A command that no configuration can reach is refused, as far as can be known."""

from pathlib import Path
from typing import Any

import pytest

from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.placeholders import budget_text
from harmonica_steps.preflight import check


def checked(command: str, **objective: Any) -> None:
    check(
        parse(
            {
                "search": "x",
                "objective": {"command": command, "metric_pattern": "(.)", **objective},
                "space": {"rate": {"type": "float", "low": 0, "high": 1}},
                "final": {"optimiser": "random", "configurations": 3},
            }
        )
    )


@pytest.fixture(autouse=True)
def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("code").mkdir()
    Path("code/train.py").write_text("import model\n")
    Path("code/model.py").write_text("print(1)\n")


@pytest.mark.parametrize(
    "command", ["python code/train.py", "sh -c 'python code/train.py' code/train.py"]
)
def test_a_command_without_any_way_in_is_refused(command: str) -> None:
    with pytest.raises(HarmonicaError, match="the program cannot receive a configuration"):
        checked(command)


@pytest.mark.parametrize(
    "command",
    [
        "python code/train.py {args}",
        "python code/train.py --rate {rate}",
        "env CONFIG={config} python code/train.py",
        "sh -c 'python code/train.py $HARMONICA_CONFIG' code/train.py",
        "echo",
        "python -m somewhere",
    ],
)
def test_a_way_in_or_an_unknown_program_is_not(command: str) -> None:
    checked(command)


@pytest.mark.parametrize("name", ["train.py", "model.py", "run.sh", "deep/er.py"])
def test_a_program_that_mentions_the_variable_in_any_file_is_not(name: str) -> None:
    path = Path("code", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("import os; print(os.environ['HARMONICA_CONFIG'])\n")
    checked("python code/train.py")


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        (3, "3"),
        (1000.0, "1000"),
        (1e15, "1000000000000000"),
        (0.5, "0.5"),
        (0.1 * 3, "0.3"),
        (0.07 * 10 * 10, "7"),
        (0.1 * 3**7, "218.7"),
        (1e-5, "1e-05"),
        (2.125, "2.125"),
    ],
)
def test_a_program_gets_a_whole_budget_as_a_whole_number(budget: float, text: str) -> None:
    assert budget_text(budget) == text
