"""The command line: help, messages, no tracebacks, and what a training does not import."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harmonica_steps.cli import main

REPOSITORY = Path(__file__).parents[1]
COMMANDS = [
    *(
        "init",
        "plan",
        "try",
        "run",
        "status",
        "summary",
        "report",
        "figures",
        "retry",
        "import-space",
    ),
    *("schema", "export", "archive", "verify", "restore"),
    *("draw", "train", "collect", "recover", "finish"),
]


def test_help_lists_every_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    output = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s+\w", output, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_subcommand_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["try", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["summary", "nowhere"], "nowhere: not a search folder"),
        (["status", "nowhere"], "nowhere: not a search folder"),
        (["report", "nowhere"], "nowhere: not a search folder"),
        (["figures", "nowhere", "--output", "x"], "nowhere: not a search folder"),
        (["draw", "nowhere", "stage-1"], "nowhere: not a search folder"),
        (["train", "nowhere", "stage-1", "0"], "nowhere: not a search folder"),
        (["export", "nowhere"], "nowhere: not a search folder"),
        (["archive", "nowhere"], "nowhere: not a search folder"),
        (["verify", "nowhere.tar.zst"], "nowhere.tar.zst: there is no such file"),
        (["restore", "."], ".: is not a file"),
        (["schema", "--output", "x.txt"], "must end in .json"),
        (["import-space", "nowhere.json"], "nowhere.json: cannot be read"),
    ],
)
def test_a_mistake_ends_in_a_sentence(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_plan_shows_the_plan_of_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(REPOSITORY / "config/config.yaml")]) == 0
    output = capsys.readouterr().out
    assert "final/rung-2" in output
    assert f"harmonica run {REPOSITORY}/config/config.yaml" in output


def test_plan_looks_for_what_the_configuration_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = {
        "search": "mine",
        "objective": {"command": "python lost.py"},
        "space": {"a": {"type": "bool"}},
        "stages": [],
        "final": {"configurations": 9},
    }
    Path("mine.yaml").write_text(json.dumps(content))
    assert main(["plan", "mine.yaml"]) == 1
    assert "objective.command: there is no file 'lost.py' here" in capsys.readouterr().err


def imported(*modules: str) -> set[str]:
    """What a new process has imported after these."""
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_a_training_imports_the_standard_library_only() -> None:
    """It is started once per training: every heavy import would be paid thousands of times."""
    loaded = imported("harmonica_steps.cli", "harmonica_steps.objective.trial")
    assert not loaded & {"numpy", "scipy", "pandas", "pydantic", "sklearn", "yaml", "rich"}


@pytest.mark.parametrize(
    "module", ["steps.draw", "steps.collect", "steps.finish", "report.summary"]
)
def test_only_a_regression_imports_scikit_learn(module: str) -> None:
    """It takes longer to import than these steps take for their work."""
    assert not imported(f"harmonica_steps.{module}") & {"sklearn", "scipy.stats", "matplotlib"}
