"""Learning curves of real trainings, and what their records hold of them."""

import json
import os
from pathlib import Path

import pytest
from objective_support import ANSWER, RUNG_0, RUNG_1, Trial, killed_once, python, shell

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.objective.trial import train
from harmonica_steps.records.record import read_record


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def points(*numbers: int, where: str = '"$HARMONICA_CURVE_FILE"') -> str:
    """Commands that append a point for each step: its value is one in as many."""
    lines = (f'echo \'{{"step": {n}, "error": {1 / n}}}\' >> {where}\n' for n in numbers)
    return "".join(lines)


def test_what_a_command_appends_is_in_its_record() -> None:
    Path("job.sh").write_text(points(1, 2, 4, where='"$1"') + ANSWER)
    record = Trial(command="sh job.sh {curve_file}").run()
    assert record["curve"] == [[1, 1.0], [2, 0.5], [4, 0.25]]
    assert (record["status"], record["value"]) == ("ok", 0.5)


def test_what_a_function_appends_is_in_its_record() -> None:
    record = python(
        "import json\n"
        "def objective(configuration, curve_file):\n"
        "    with curve_file.open('a') as curve:\n"
        "        for step in range(1000):\n"
        "            print(json.dumps({'step': step, 'metric': 1 / (step + 1)}), file=curve)\n"
        "    return 0.5\n"
    ).run()
    assert len(record["curve"]) == 100
    assert (record["curve"][0], record["curve"][-1]) == ([0, 1.0], [999, 0.001])
    assert record["value"] == 0.5


def test_a_function_is_called_by_a_command_of_an_earlier_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from harmonica_steps.objective.call import arguments

    for name in ("SEED", "BUDGET", "WORKDIR", "CHECKPOINT"):
        monkeypatch.setenv(f"HARMONICA_{name}", "1")
    monkeypatch.delenv("HARMONICA_CURVE_FILE", raising=False)
    assert arguments()["curve_file"] == Path(os.devnull)


def test_a_training_without_a_curve_has_the_record_that_it_always_had() -> None:
    assert list(shell(ANSWER).run()) == [
        *("schema_version", "part", "trial", "key", "configuration", "seed", "budget", "status"),
        *("value", "metrics", "cause", "error", "log", "run"),
    ]


def test_a_curve_is_no_result() -> None:
    record = shell(points(1, 2)).run()
    assert (record["status"], record["cause"]) == ("failed", "wrote no result file")
    assert record["curve"] == [[1, 1.0], [2, 0.5]]


@pytest.mark.parametrize(
    "instead",
    ["mkdir {}", "mkfifo {}", "ln -s /dev/zero {}", "head -c 5000 /dev/urandom > {}", "ln -s . {}"],
)
def test_anything_else_in_its_place_hurts_nothing(instead: str) -> None:
    record = shell(instead.format('"$HARMONICA_CURVE_FILE"') + "\n" + ANSWER).run()
    assert (record["status"], record["value"]) == ("ok", 0.5)
    assert "curve" not in record


def test_a_training_that_was_killed_goes_on_with_its_curve() -> None:
    """The steps after its checkpoint are there twice, and half a line."""
    trial = shell(
        f"if [ -e $HARMONICA_CHECKPOINT/step ]; then\n"
        f"{points(2, 3)}"
        f"{ANSWER}exit\nfi\n"
        f"{points(1)}touch $HARMONICA_CHECKPOINT/step\n"
        f'echo \'{{"step": 2, "error": 9}}\' >> $HARMONICA_CURVE_FILE\n'
        f'printf \'{{"step": 3, "err\' >> $HARMONICA_CURVE_FILE\n'
        "echo $$ > pid\nexec sleep 100\n"
    )
    killed_once(trial)
    record = trial.run()
    assert (record["status"], record["run"]["deaths"]) == ("ok", 1)
    assert record["curve"] == [[1, 1.0], [2, 0.5], [3, 1 / 3]]


def test_a_training_that_died_too_often_keeps_its_curve() -> None:
    trial = shell(points(1) + "echo $$ > pid\nexec sleep 100\n", deaths=1)
    killed_once(trial)
    record = trial.run()
    assert (record["status"], record["curve"]) == ("killed", [[1, 1.0]])


def test_a_training_that_runs_again_starts_a_new_curve() -> None:
    trial = shell(points(1, 2) + ANSWER)
    trial.run()
    trial.folder.record(RUNG_0, 0).unlink()
    shell(points(1) + ANSWER)
    assert trial.run()["curve"] == [[1, 1.0]]


def test_a_later_rung_starts_a_new_curve() -> None:
    trial = shell(f"if [ $HARMONICA_BUDGET = 1 ]; then\n{points(1)}else\n{points(2)}fi\n" + ANSWER)
    trial.promote()
    train(trial.folder, RUNG_1, 0)
    assert trial.record["curve"] == [[1, 1.0]]
    assert read_json(trial.folder.record(RUNG_1, 0))["curve"] == [[2, 0.5]]


def test_a_copy_of_a_training_has_its_curve() -> None:
    trial = shell(points(1, 2) + ANSWER)
    trial.run()
    samples = trial.folder.samples(RUNG_0)
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    lines[1]["copied"] = {"part": RUNG_0, "trial": 0, "value": 0.5}
    samples.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    train(trial.folder, RUNG_0, 1)
    assert read_json(trial.folder.record(RUNG_0, 1))["curve"] == [[1, 1.0], [2, 0.5]]


@pytest.mark.parametrize("curve", [[[1]], [[1, 2, 3]], [1, 2], "x", [[1, None]], [[1, 1e200]]])
def test_a_record_with_a_damaged_curve_is_refused(curve: object) -> None:
    trial = shell(points(1) + ANSWER)
    record = trial.run()
    path = trial.folder.record(RUNG_0, 0)
    write_json(path, {**record, "curve": curve})
    with pytest.raises(HarmonicaError, match="curve"):
        read_record(path)
