"""Kept records, counted deaths, checkpoints, and one owner of a directory at a time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from objective_support import (
    ANSWER,
    RUNG_1,
    is_alive,
    killed_once,
    pid_in,
    shell,
    wait_until,
)

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.objective.program import program_files
from harmonica_steps.objective.trial import train
from harmonica_steps.objective.workdir import WorkDirectory

COUNT = "echo ran >> ran\n" + ANSWER


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def times_run() -> int:
    return len(Path("ran").read_text().splitlines())


def age(path: Path) -> None:
    os.utime(path, (1, 1))


# Records


def test_the_record_of_just_this_training_is_kept_and_made_new() -> None:
    trial = shell(COUNT)
    before = trial.run()
    path = trial.folder.record("final/rung-0", 0)
    age(path)
    assert trial.run() == before
    assert times_run() == 1
    assert path.stat().st_mtime > 1


def test_a_changed_program_trains_again() -> None:
    before = shell(COUNT).run()
    after = shell(f"# changed\n{COUNT}").run()
    assert before["key"] != after["key"]
    assert times_run() == 2


@pytest.mark.parametrize(
    ("change", "again"),
    [({"metric": "loss"}, True), ({"files": ["data"]}, True), ({"timeout": 7}, False)],
    ids=["metric", "files", "timeout"],
)
def test_what_the_value_depends_on_trains_again(change: dict[str, object], again: bool) -> None:
    Path("data").write_text("1")
    shell(COUNT).run()
    shell(COUNT, **change).run()
    assert times_run() == 1 + again


def test_a_changed_listed_file_trains_again() -> None:
    Path("data").write_text("1")
    trial = shell(COUNT, files=["data"])
    trial.run()
    Path("data").write_text("2")
    trial.run()
    assert times_run() == 2


def test_a_damaged_record_is_trained_again() -> None:
    trial = shell(COUNT)
    before = trial.run()
    trial.folder.record("final/rung-0", 0).write_text('{"schema_version": 1, "ke')
    assert trial.run()["key"] == before["key"]
    assert times_run() == 2


@pytest.mark.parametrize(("part", "trial"), [("final/rung-0", 7), ("final/rung-9", 0)])
def test_a_trial_that_is_not_there_is_refused(part: str, trial: int) -> None:
    with pytest.raises(HarmonicaError):
        train(shell(COUNT).folder, part, trial)


# Deaths


HANGS_ONCE = f"""
[ -e $HARMONICA_CHECKPOINT/step ] && touch resumed && {ANSWER.strip()} && exit
touch $HARMONICA_CHECKPOINT/step
echo $$ > pid
exec sleep 100
"""


def test_a_training_whose_job_died_goes_on_from_its_checkpoint() -> None:
    trial = shell(HANGS_ONCE)
    killed_once(trial)
    record = trial.run()
    assert Path("resumed").exists()
    assert (record["status"], record["value"], record["run"]["deaths"]) == ("ok", 0.5, 1)


def test_a_training_whose_job_dies_too_often_is_recorded_as_killed() -> None:
    trial = shell("echo $$ > pid\nexec sleep 100\n", deaths=2)
    for _ in range(2):
        killed_once(trial)
        assert not trial.folder.record("final/rung-0", 0).exists()
    record = trial.run()
    assert (record["status"], record["value"]) == ("killed", None)
    assert record["cause"] == "its job died 2 times"


def test_an_orderly_end_is_no_death_but_keeps_the_checkpoint() -> None:
    trial = shell(HANGS_ONCE)
    assert killed_once(trial, signal.SIGTERM) == 130
    record = trial.run()
    assert Path("resumed").exists()
    assert record["run"]["deaths"] == 0


def test_a_job_that_ends_as_a_whole_is_no_death_whoever_hears_of_it_first() -> None:
    """SLURM signals the processes of a preempted job one by one."""
    trial = shell(HANGS_ONCE)
    Path("pid").unlink(missing_ok=True)
    supervisor = trial.start()
    os.kill(pid_in("pid"), signal.SIGTERM)
    time.sleep(1)
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate(timeout=20)
    assert supervisor.returncode == 130
    assert not trial.folder.record("final/rung-0", 0).exists()
    record = trial.run()
    assert (record["status"], record["run"]["deaths"]) == ("ok", 0)


def test_another_training_starts_from_an_empty_directory() -> None:
    killed_once(shell(HANGS_ONCE))
    trial = shell("ls $HARMONICA_CHECKPOINT > seen\n" + ANSWER)
    (trial.work / "left-over").write_text("x")
    trial.run()
    assert Path("seen").read_text() == ""
    assert not (trial.work / "left-over").exists()


def test_a_finished_training_that_runs_again_starts_afresh() -> None:
    """Its record was deleted: the same bytes again need the same start."""
    trial = shell("ls $HARMONICA_CHECKPOINT >> seen; touch $HARMONICA_CHECKPOINT/done\n" + ANSWER)
    trial.run()
    trial.folder.record("final/rung-0", 0).unlink()
    trial.run()
    assert Path("seen").read_text() == ""


# Checkpoints from rung to rung


APPENDS = "echo $HARMONICA_BUDGET >> $HARMONICA_CHECKPOINT/budgets\n" + ANSWER


def test_a_later_rung_gets_a_copy_of_the_checkpoint() -> None:
    trial = shell(APPENDS)
    trial.promote()
    for _ in range(2):
        train(trial.folder, RUNG_1, 0)
        inherited = trial.folder.work(RUNG_1, 0) / "checkpoint/budgets"
        assert inherited.read_text() == "1\n2\n"
        trial.folder.record(RUNG_1, 0).unlink()
    assert (trial.work / "checkpoint/budgets").read_text() == "1\n"


def test_links_in_a_checkpoint_are_inherited_as_links() -> None:
    """Trainings link `last` to their newest file; a link may also point to nothing."""
    trial = shell("ln -sf budgets $HARMONICA_CHECKPOINT/last\n" + APPENDS)
    trial.promote()
    (trial.work / "checkpoint/gone").symlink_to("nowhere")
    (trial.folder.work("final/rung-0", 1) / "checkpoint/gone").symlink_to("nowhere")
    train(trial.folder, RUNG_1, 0)
    last = trial.folder.work(RUNG_1, 0) / "checkpoint/last"
    assert last.is_symlink()
    assert last.read_text() == "1\n2\n"


def test_a_later_rung_trains_again_when_what_it_continues_was_another_training() -> None:
    trial = shell(APPENDS)
    trial.promote()
    train(trial.folder, RUNG_1, 0)
    before = read_json(trial.folder.record(RUNG_1, 0))["key"]
    for index in (0, 1):
        path = trial.folder.record("final/rung-0", index)
        write_json(path, {**read_json(path), "key": "of another program"})
    train(trial.folder, RUNG_1, 0)
    assert read_json(trial.folder.record(RUNG_1, 0))["key"] != before


# One owner


OWNER = """
import sys, time
from pathlib import Path
from harmonica_steps.objective.workdir import WorkDirectory
with WorkDirectory(Path("work")).owned():
    Path("owned").touch()
    time.sleep(0.5)
    Path("released").touch()
"""


def test_a_directory_has_one_owner_at_a_time(capfd: pytest.CaptureFixture[str]) -> None:
    other = subprocess.Popen([sys.executable, "-c", OWNER])
    wait_until(Path("owned").exists)
    with WorkDirectory(Path("work")).owned():
        assert Path("released").exists()
    other.wait()
    assert "work: an earlier copy of this training is still running" in capfd.readouterr().err


def test_a_dead_owner_leaves_the_directory_free() -> None:
    other = subprocess.Popen([sys.executable, "-c", OWNER.replace("0.5", "100")])
    wait_until(Path("owned").exists)
    other.kill()
    other.wait()
    with WorkDirectory(Path("work")).owned():
        assert not Path("released").exists()


def test_what_is_left_of_a_dead_training_is_ended_before_its_successor_starts() -> None:
    """Killing a supervisor kills its child, not the child's children: they may still write."""
    script = "[ -e pid ] && " + ANSWER.strip() + " && exit\nsleep 600 & echo $! > pid\nwait\n"
    trial = shell(script)
    supervisor = trial.start()
    left_over = pid_in("pid")
    supervisor.kill()
    supervisor.communicate()
    assert is_alive(left_over)
    assert trial.run()["status"] == "ok"
    assert not is_alive(left_over)


def test_two_copies_of_a_training_train_once() -> None:
    trial = shell("sleep 0.3\n" + COUNT)
    for copy in [trial.start(), trial.start()]:
        copy.communicate(timeout=20)
        assert copy.returncode == 0
    assert times_run() == 1


# The program's files


def objective(**given: object) -> dict[str, object]:
    return {"command": None, "callable": None, "files": [], **given}


def test_the_program_is_the_files_that_its_command_names() -> None:
    for name in ("train.py", "data.csv", "extra"):
        Path(name).touch()
    Path("folder").mkdir()
    command = f"python train.py --data data.csv folder missing.py {sys.executable} {{config}}"
    found = program_files(objective(command=command, files=["extra", "train.py"]))
    assert found == ["train.py", "data.csv", "extra"]


def test_the_program_of_a_callable_is_its_module() -> None:
    Path("package").mkdir()
    Path("package/job.py").touch()
    assert program_files(objective(callable="package.job:run")) == ["package/job.py"]
    assert program_files(objective(callable="numpy:sum")) == []


def test_a_long_inline_script_is_no_file() -> None:
    command = f"python -c 'print({'1 + ' * 200}1)'"
    assert program_files(objective(command=command)) == []


def test_a_listed_file_that_is_missing_is_named() -> None:
    trial = shell(COUNT, files=["data.csv"])
    with pytest.raises(HarmonicaError, match=r"objective\.files: data\.csv cannot be read"):
        trial.run()
