"""Modules of the user's folder are the training program's, and nobody else's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from objective_support import RUNG_0, Trial, python

from harmonica_steps.launch import snakemake
from harmonica_steps.objective import command

TAKEN = (
    *("json", "signal", "socket", "selectors", "subprocess", "shutil", "inspect", "types", "runpy"),
    *("yaml", "numpy", "pandas", "pydantic", "rich", "snakemake", "harmonica_steps"),
)
"""Names of modules that Harmonica imports, or Python in order to start it."""

PROGRAM = """
import pandas  # the one beside this file


def objective(configuration):
    return pandas.ERROR
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def take(*names: str) -> None:
    """Write modules that end whatever imports them, one of them a package."""
    for name in names:
        path = Path(name, "__init__.py") if name == "harmonica_steps" else Path(f"{name}.py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"raise SystemExit('{name} of the folder was imported')\n")


def harmonica(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, by a script: Python adds no folder to its path."""
    start = "import sys; from harmonica_steps.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-P", "-c", start, *words],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("shared", [False, True])
def test_a_training_imports_its_own_modules_and_harmonica_does_not(shared: bool) -> None:
    trial = python(PROGRAM)
    take(*TAKEN)
    Path("pandas.py").write_text("ERROR = 0.25\n")
    owner = {"HARMONICA_OWNER": str(os.getpid())} if shared else {}
    run = harmonica("train", "results/tiny", RUNG_0, "0", **owner)
    assert (run.returncode, run.stderr) == (0, "")
    assert (trial.record["status"], trial.record["value"]) == ("ok", 0.25)


def test_a_script_imports_its_own_modules() -> None:
    Path("job.py").write_text(
        "import os, signal\n"
        "with open(os.environ['HARMONICA_RESULT'], 'w') as out:\n"
        "    out.write('{\"error\": %s}' % signal.ERROR)\n"
    )
    trial = Trial(command="python job.py")
    Path("signal.py").write_text("ERROR = 0.25\n")
    run = harmonica("train", "results/tiny", RUNG_0, "0")
    assert (run.returncode, run.stderr) == (0, "")
    assert trial.record["value"] == 0.25


@pytest.mark.parametrize(("name", "shared"), [("numpy.py", False), ("mine.py", True)])
def test_trainings_with_a_module_of_a_loaded_name_are_not_forked(name: str, shared: bool) -> None:
    """A fork would have the other one: it must be as if each training had a process."""
    Path("job.py").write_text("def objective(configuration):\n    return 1.0\n")
    Path(name).write_text("")
    program = (
        "from harmonica_steps.objective.preload import preload\n"
        "objective = {'callable': 'job:objective', 'command': None, 'preload': None,\n"
        "    'timeout': 60, 'files': []}\n"
        "print(preload(objective).shared)\n"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == (f"{shared}\n", "")


@pytest.mark.workflow
def test_retry_starts_a_snakemake_that_imports_none(
    capfd: pytest.CaptureFixture[str],
) -> None:
    trial = python("def objective(configuration):\n    return 0.5\n")
    trial.run()
    take(*TAKEN)
    run = harmonica("retry", "results/tiny", RUNG_0, "--trials", "0", "--", "-n", "--cores", "1")
    assert "of the folder was imported" not in run.stdout + run.stderr
    assert "train_sample" in run.stdout + run.stderr
    assert run.returncode == 0, run.stderr


def test_every_python_that_is_started_has_no_folder_in_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert snakemake() == [str(tmp_path / "python"), "-P", "-m", "snakemake"]
    argv = command.command_line({"callable": "job:f"}, {}, {}, [])
    assert argv[1:3] == ["-P", "-m"]


def test_python_m_leaves_the_folder_out_of_its_path() -> None:
    take("yaml", "numpy", "rich", "pydantic")
    Trial()
    run = subprocess.run(
        [sys.executable, "-m", "harmonica_steps", "status"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "tiny: minimize error" in run.stdout
