"""The wheel, installed: ``harmonica run`` in folders that have nothing but a search."""

import json
import os
import shlex
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest
from smallest import run, smallest
from tiny_search import REPOSITORY

THEIRS = """
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.05)
parser.add_argument("--leaves", type=int, default=31)
parser.add_argument("--boosting", choices=["gbdt", "dart"], default="gbdt")
parser.add_argument("--epochs", type=int, default=10)
options = parser.parse_args()
loss = (options.learning_rate - 0.1) ** 2 + (options.leaves - 40) ** 2 / 10000
for epoch in range(options.epochs):
    print(f"epoch {epoch} val_loss={loss + 1 / (epoch + 1)}")
"""
"""A program that was not written for Harmonica."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    sources = [REPOSITORY, REPOSITORY / "packages/snakemake-executor-plugin-submitit"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", folder, *sources]
    subprocess.run([*pip, *map(str, build)], check=True)
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv/bin/python"
    install = ["install", "--no-deps", "--no-index", *map(str, folder.glob("*.whl"))]
    subprocess.run([*pip, "--python", str(python), *install], check=True)
    site = next((folder / "venv/lib").glob("python*/site-packages"))
    # Not by addsitedir: what is installed there as editable would come along.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv/bin"


@pytest.fixture(autouse=True)
def _no_other_harmonica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)


def test_the_wheel_carries_the_workflow_profiles_schema_and_configuration(installed: Path) -> None:
    (home,) = (installed.parent / "lib").glob("python*/site-packages/harmonica_steps/installed")
    for folder in ("workflow/rules", "workflow/report", "workflow/schemas", "profiles", "config"):
        assert files(home, folder) == files(REPOSITORY, folder)
    text = (REPOSITORY / "workflow/Snakefile").read_text()
    assert (home / "workflow/Snakefile").read_text() == text


def files(home: Path, folder: str) -> set[Path]:
    found = (path.relative_to(home) for path in (home / folder).rglob("*") if path.is_file())
    return {path for path in found if path.suffix != ".pyc"}


def test_a_newcomer_gets_from_a_program_to_a_search(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(THEIRS)
    for words, expected in (
        (["init", "train.py"], "harmonica try harmonica.yaml"),
        (["try", "harmonica.yaml"], "The whole search: 39 trainings"),
        (["run", "harmonica.yaml", "--", "search"], "Best val_loss"),
    ):
        start = time.monotonic()
        done = run([installed / "harmonica", *words], tmp_path)
        print(f"harmonica {words[0]}: {time.monotonic() - start:.1f} s")  # with pytest -s
        assert expected in " ".join(done.stdout.split())
    best = json.loads((tmp_path / "results/train/best.json").read_text())
    assert best["value"] < 0.2
    assert best["budget"] == 9

    # The printed line does the same.
    line = done.stderr.splitlines()[0]
    assert str(installed.parent) in line
    again = run(shlex.split(line), tmp_path)
    assert "Nothing to be done" in again.stdout + again.stderr
    retry = ["retry", "results/train", "final/rung-0", "--trials", "0", "--", "-n"]
    done = run([installed / "harmonica", *retry], tmp_path)
    assert "1 training to rerun" in done.stdout
    assert "This was a dry-run" in done.stdout + done.stderr


def test_a_dry_run_writes_nothing_but_snakemakes_own_files(installed: Path, tmp_path: Path) -> None:
    smallest(tmp_path)
    done = run([installed / "harmonica", "run", "mine.yaml", "--", "-n"], tmp_path)
    assert "This was a dry-run" in done.stdout + done.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"mine.yaml", "train.py", ".snakemake"}
    assert not (tmp_path / ".snakemake/harmonica").exists()


def test_a_later_configuration_wins_and_the_exit_status_is_snakemakes(
    installed: Path, tmp_path: Path
) -> None:
    smallest(tmp_path)
    (tmp_path / "more.yaml").write_text("objective: {command: python lost.py}")
    harmonica = [installed / "harmonica", "run", "mine.yaml", "more.yaml"]
    done = run(harmonica, tmp_path, status=1)
    assert "there is no file 'lost.py'" in done.stderr


def test_the_profiles_are_found_where_there_is_no_clone(installed: Path, tmp_path: Path) -> None:
    smallest(tmp_path)
    options = ["--profile", "slurm", "-n"]
    done = run([installed / "harmonica", "run", "mine.yaml", "--", *options], tmp_path)
    assert f"--profile {installed.parent}" in done.stderr
    assert "Using profile" in done.stderr
    assert "--cores" not in done.stderr.splitlines()[0]


def test_ctrl_c_stops_snakemake_and_its_jobs(installed: Path, tmp_path: Path) -> None:
    smallest(tmp_path)
    (tmp_path / "train.py").write_text(
        "import os, time\nopen(f'{os.getpid()}.pid', 'w')\ntime.sleep(120)"
    )
    process = subprocess.Popen(
        [installed / "harmonica", "run", "mine.yaml", "--", "--cores", "1", "search"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # Also where the tests run in the background, which ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 100
    while not (started := list(tmp_path.glob("*.pid"))):
        assert time.monotonic() < end
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.wait(timeout=60) != 0
    for pid in started:
        end = time.monotonic() + 10
        while Path("/proc", pid.stem).exists():
            assert time.monotonic() < end
            time.sleep(0.1)
