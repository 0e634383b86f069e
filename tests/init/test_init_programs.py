"""Programs as people write them: what is searched, and that they can be trained with it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from init_support import written

from harmonica_steps.config import Search
from harmonica_steps.objective.trial import train
from harmonica_steps.preflight import check
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part


def trained(config: Search, count: int = 2) -> list[dict[str, Any]]:
    """The records of the first trainings of a search, after what `harmonica plan` checks."""
    check(config)
    folder = SearchFolder(Path("results") / config.search)
    write_plan(folder, config)
    search = SearchRun.at(folder.root)
    part = search.parts[0].name
    draw_part(search, part)
    for trial in range(count):
        train(folder, part, trial)
        log = folder.work(part, trial) / "log.txt"
        record = json.loads(folder.record(part, trial).read_text())
        assert record["status"] == "ok", log.read_text() if log.exists() else record
    return [json.loads(folder.record(part, n).read_text()) for n in range(count)]


def test_a_boosting_program_is_trained_with_its_data_passed_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("table.csv").write_text("".join(f"{x},{x * x}\n" for x in range(10)))
    content, search = written("lightgbm_like.py", "--", "--data", "table.csv")
    assert content["objective"]["command"] == (
        "python lightgbm_like.py --seed {seed} {args} --data table.csv"
    )
    assert content["objective"]["args"] == {"booleans": "flag", "names": "hyphens"}
    assert content["objective"]["metric"] == "rmse"
    assert content["objective"]["direction"] == "minimize"
    assert list(content["space"]) == [
        *("learning_rate", "num_leaves", "max_depth", "subsample", "reg_lambda", "boosting"),
        *("extra_trees", "n_estimators"),
    ]
    rate = {"type": "float", "low": 0.01, "high": 1.0, "log": True}
    assert content["space"]["learning_rate"] == rate
    assert content["space"]["max_depth"] == {"type": "int", "low": 2, "high": 12}
    assert content["start"][0]["learning_rate"] == 0.1
    assert "TODO" not in capsys.readouterr().out + Path("harmonica.yaml").read_text()
    first, second = trained(search)
    assert first["configuration"]["learning_rate"] == 0.1
    assert first["value"] != second["value"]


def test_what_has_to_be_given_and_is_not_is_to_be_filled_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    content, _ = written("lightgbm_like.py")
    assert "--data TODO-data" in content["objective"]["command"]
    assert "--data has to be given" in capsys.readouterr().out
    assert "# TODO: objective.command: --data" in Path("harmonica.yaml").read_text()


def test_a_program_with_subcommands_is_trained_by_the_one_that_trains() -> None:
    content, search = written("torch_like.py")
    assert content["objective"]["command"] == (
        "python torch_like.py train --seed {seed} --epochs {budget} --output-dir {workdir} {args}"
    )
    assert content["space"]["no-bias"] == {"type": "bool"}
    assert content["space"]["batch_size"] == {"type": "ordinal", "values": [16, 32, 64, 128]}
    assert not {"log-interval", "no-cuda", "model"} & set(content["space"])
    assert content["objective"]["metric"] == "Average_loss"
    assert (content["final"]["min_budget"], content["final"]["max_budget"]) == (2, 18)
    trained(search)


def test_a_program_with_many_options_is_searched_by_those_that_matter() -> None:
    content, _ = written("mae_like.py")
    assert list(content["space"]) == [
        *("batch_size", "model", "mask_ratio", "norm_pix_loss", "weight_decay", "use_bn"),
    ]
    # The other switch is one without a value.
    assert content["space"]["use_bn"] == {"type": "categorical", "values": ["true", "false"]}
    assert content["space"]["model"]["values"] == ["cnn", "mlp"]
    command = content["objective"]["command"]
    assert "--output_dir {workdir} --save {workdir}/model.pt" in command
    assert "--seed {seed} --epochs {budget}" in command
    assert content["objective"]["metric"] == "Max_accuracy"
    assert content["objective"]["direction"] == "maximize"
    text = Path("harmonica.yaml").read_text()
    for name, reason in {
        "--betas": "takes several values",
        "--ema": "type=bool treats any text as true",
        "--untyped": "has no type",
        "--status": "Harmonica uses this name itself",
        "--a b": "not a valid name of a parameter",
        "--data_path": "a text",
        "--device": "where it runs",
        "--max_steps": "another length of a training",
        "--adam": "is one of several that exclude each other",
    }.items():
        assert f"#   {name}: {reason}" in text


def test_options_with_names_that_only_a_run_tells_are_mentioned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    written("mae_like.py")
    number = Path("mae_like.py").read_text().split("\n").index("    for name in OPTIONS:") + 2
    assert f"known only when it runs (line {number})" in capsys.readouterr().out


def test_a_program_that_reads_json_is_trained() -> None:
    content, search = written("json_in.py")
    assert content["objective"]["command"] == "python json_in.py --config {config} --out {result}"
    assert content["objective"]["metric"] == "val_loss"
    assert list(content["space"]) == ["learning_rate", "dropout", "momentum"]
    # It needs these as well, and they are in the file that it reads today.
    fixed = {"optimizer": "sgd", "data": "digits", "epochs": 5}
    assert content["final"]["fidelity"] == fixed
    assert content["start"] == [{"learning_rate": 0.01, "dropout": 0.2, "momentum": 0.9}]
    trained(search)


def test_a_hydra_application_is_trained() -> None:
    content, search = written("hydra_app.py")
    assert content["objective"]["command"] == (
        "python hydra_app.py {overrides} seed={seed} trainer.max_epochs={budget} "
        "hydra.run.dir={workdir}/hydra"
    )
    assert list(content["space"]) == [
        *("model.width", "model.dropout", "optimizer.lr", "optimizer.nesterov"),
    ]
    assert content["space"]["optimizer.lr"]["log"] is True
    text = Path("harmonica.yaml").read_text()
    assert "#   model: stays small; large would have settings of their own" in text
    trained(search, 1)


STRUCTURED = """
from dataclasses import dataclass, field
import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

@dataclass
class Optimizer:
    lr: float = 3e-4
    betas: list = field(default_factory=list)

@dataclass
class Base:
    seed: int = 0
    optimizer: Optimizer = field(default_factory=Optimizer)

@dataclass
class Config(Base):
    width: int = 64
    root: str = MISSING

ConfigStore.instance().store(name="config", node=Config)

@hydra.main(version_base=None, config_name="config")
def main(cfg):
    print("loss:", cfg.optimizer.lr)

main()
"""


def test_a_configuration_in_dataclasses_is_read() -> None:
    Path("app.py").write_text(STRUCTURED)
    content, search = written("app.py", "--", "root=/data")
    assert list(content["space"]) == ["optimizer.lr", "width"]
    assert content["objective"]["command"] == (
        "python app.py {overrides} seed={seed} hydra.run.dir={workdir}/hydra root=/data"
    )
    trained(search, 1)


def test_a_value_that_hydra_needs_is_to_be_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    Path("app.py").write_text(STRUCTURED)
    content, _ = written("app.py")
    assert "root=TODO-root" in content["objective"]["command"]
    assert "root has to be given" in capsys.readouterr().out


def test_a_function_is_called() -> None:
    content, search = written("functions.py")
    assert content["objective"]["callable"] == "functions:objective"
    assert content["objective"]["metric"] == "error"
    assert content["space"]["depth"] == {"type": "int", "low": 2, "high": 8}
    assert content["final"]["max_budget"] == 9
    trained(search, 1)


def test_a_function_for_optuna_lends_its_space(capsys: pytest.CaptureFixture[str]) -> None:
    content, _ = written("optuna_study.py")
    assert content["space"] == {
        "lr": {"type": "float", "low": 1e-05, "high": 0.1, "log": True},
        "layers": {"type": "int", "low": 1, "high": 3},
        "units": {"type": "ordinal", "values": [32, 64, 96, 128, 160, 192, 224, 256]},
        "activation": {"type": "categorical", "values": ["relu", "tanh"]},
    }
    assert content["objective"]["direction"] == "maximize"
    assert "write trial[NAME] for trial.suggest_...(NAME" in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("train.sh", "echo error 0.5\n", "sh train.sh {args}"),
        ("train.sh", "#!/usr/bin/env bash\necho error 0.5\n", "bash train.sh {args}"),
        ("train.R", "cat('error 0.5')\n", "Rscript train.R {args}"),
        ("train", "#!/usr/bin/perl -w\n", "perl train {args}"),
        ("a program", "#!/usr/bin/env -S python3 -u\nprint(1)\n", "python 'a program' {args}"),
        ("binary", "\0", "./binary {args}"),
    ],
)
def test_a_program_in_any_language_has_a_configuration_to_fill_in(
    name: str, text: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(text)
    content, _ = written(name, "--template", "command")
    assert content["objective"]["command"] == command
    assert "TODO" in capsys.readouterr().out


def test_a_program_of_click_has_a_configuration_to_fill_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("app.py").write_text("import click\n\n\ndef main():\n    print(f'loss={1}')\n")
    content, _ = written("app.py")
    assert content["objective"]["metric_pattern"] == r"\bloss\s*=\s*(\S+)"
    assert "app.py reads its options by click" in capsys.readouterr().out


def test_a_program_is_not_run() -> None:
    Path("harmful.py").write_text(
        "import argparse, pathlib\npathlib.Path('harm').touch()\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--lr', type=float, default=1e-3)\n"
    )
    written("harmful.py")
    assert not Path("harm").exists()


def test_it_works_from_a_folder_of_its_own_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harmonica_steps", "init", str(Path("torch_like.py").absolute())],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "harmonica run harmonica.yaml" in done.stdout
    # A path within the folder is relative: so the program counts as a part of the search.
    assert "command: python torch_like.py train" in Path("harmonica.yaml").read_text()
