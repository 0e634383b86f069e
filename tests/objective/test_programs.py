"""Programs that were not written for Harmonica, each as it is."""

import ast
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from objective_support import Trial

from harmonica_steps.objective.trial import train
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.finish import finish

PROGRAMS = Path(__file__).parent / "programs"

RATE = {"type": "float", "low": 0.1, "high": 0.5}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PROGRAMS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "data.txt").write_text("1\n0.5\n")
    monkeypatch.chdir(tmp_path)


def printed(trial: Trial) -> str:
    return (trial.work / "log.txt").read_text()


def settings(trial: Trial) -> Any:
    """What the program has printed of its settings."""
    return ast.literal_eval(next(x for x in printed(trial).splitlines() if x.startswith("{")))


FLAGS = {
    "learning_rate": RATE,
    "optimizer": {"type": "categorical", "values": ["sgd", "plain gradient"]},
    "momentum": {"type": "float", "low": -0.5, "high": -0.4, "when": {"optimizer": "sgd"}},
}
LOSS = r"loss (\S+)"


@pytest.mark.parametrize("switch", ["bias", "nesterov"])
def test_a_program_with_an_argument_parser(switch: str) -> None:
    """A pair of options (`--bias`, `--no-bias`), and one that is there or not."""
    trial = Trial(
        {**FLAGS, switch: {"type": "bool"}},
        command="python flags.py {args} data.txt --epochs {budget}",
        args={"booleans": "pair" if switch == "bias" else "flag", "names": "hyphens"},
        metric_pattern=LOSS,
    )
    seen = set()
    for number in (0, 1):
        train(trial.folder, "final/rung-0", number)
        record = json.loads(trial.folder.record("final/rung-0", number).read_text())
        log = trial.folder.work("final/rung-0", number) / "log.txt"
        assert record["status"] == "ok", log.read_text()
        first, last = log.read_text().splitlines()
        assert record["value"] == float(first.split()[-1])
        found = ast.literal_eval(last)
        given = record["configuration"]
        assert {name: found[name] for name in given} == given
        assert found["momentum"] == given.get("momentum", 0.0)
        assert found["epochs"] == 1
        seen.add(given[switch])
    assert seen == {False, True}


def test_a_program_whose_options_have_other_names() -> None:
    command = (
        "python flags.py data.txt --learning-rate {learning_rate} --momentum={momentum} "
        "--optimizer {optimizer} --epochs {epochs}"
    )
    trial = Trial(FLAGS, fidelity={"epochs": 2}, command=command, metric_pattern=LOSS)
    record = trial.run()
    assert record["status"] == "ok", printed(trial)
    assert record["value"] == float(printed(trial).splitlines()[1].split()[-1])
    assert settings(trial)["optimizer"] == record["configuration"]["optimizer"]


def test_a_hydra_application() -> None:
    notes = ["it's ${not.a.reference}, [1]", "null"]
    trial = Trial(
        {
            "optimizer.lr": RATE,
            "model.bias": {"type": "bool"},
            "model.width": {"type": "int", "low": 1, "high": 3},
            "note": {"type": "categorical", "values": notes},
        },
        fidelity={"optimizer.name": "adam"},
        command="python overrides.py {overrides} hydra.run.dir={workdir}/hydra",
        metric_pattern=r"^final loss: (\S+)",
    )
    record = trial.run()
    assert record["status"] == "ok", printed(trial)
    given, found = record["configuration"], settings(trial)
    assert found["optimizer"] == {"name": "adam", "lr": given["optimizer.lr"]}
    assert found["model"] == {"width": given["model.width"], "bias": given["model.bias"]}
    assert found["note"] == given["note"]
    expected = given["optimizer.lr"] * given["model.width"] + 0.5 * given["model.bias"]
    assert record["value"] == pytest.approx(expected)


def test_a_script_that_only_prints_its_loss() -> None:
    space = {"rate": RATE, "shift": RATE}
    trial = Trial(space, command="sh prints.sh {rate} {shift}", metric_pattern="loss=([0-9.]+)")
    record = trial.run()
    given = record["configuration"]
    assert record["value"] == pytest.approx(given["rate"] + given["shift"] / 3, rel=1e-4)
    assert printed(trial).count("loss=") == 3


def test_a_program_that_writes_a_log_in_columns() -> None:
    trial = Trial(
        {"lr": RATE},
        command="python logs.py {args} --out {workdir}",
        metric="val_loss",
        metric_file="metrics.csv",
    )
    record = trial.run()
    assert record["value"] == record["configuration"]["lr"] / 2
    assert record["metrics"] == {"epoch": 1.0}


def test_a_program_that_reads_and_writes_json() -> None:
    command = "python json_in_out.py {config} {result}"
    trial = Trial({"lr": RATE}, command=command, metric="loss")
    record = trial.run()
    assert record["value"] == 2 * record["configuration"]["lr"]
    assert record["metrics"] == {"steps": 3.0}


def test_the_best_can_be_trained_again_with_the_same_flags() -> None:
    trial = Trial(
        FLAGS,
        command="python flags.py data.txt {args} --epochs {budget}",
        args={"names": "hyphens"},
        metric_pattern=LOSS,
    )
    trial.promote()
    train(trial.folder, "final/rung-1", 0)
    search = SearchRun.at(trial.folder.root)
    collect_part(search, "final/rung-1")
    finish(search)
    best = json.loads(trial.folder.best.read_text())
    run = subprocess.run(["sh", "-c", best["train_again"]], capture_output=True, text=True)
    record = json.loads(Path(best["record"]).read_text())
    assert run.stdout == Path(record["log"]).read_text()
