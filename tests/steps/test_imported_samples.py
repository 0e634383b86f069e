"""A stage whose samples come from a study in part."""

import json
from pathlib import Path
from typing import Any

import optuna
import pytest
from steps_support import CONFIG, PROGRAM, plan, run_part

from harmonica_steps.cli import main
from harmonica_steps.files import read_json
from harmonica_steps.objective.program import definition, training_key
from harmonica_steps.objective.trial import train
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.search.draw import UNIFORM, draw
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.steps.draw import draw_part

ROOT = "results/tiny"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def tried(sampler: optuna.samplers.BaseSampler, count: int) -> None:
    def objective(trial: optuna.Trial) -> float:
        signs = [1 if trial.suggest_categorical(n, [False, True]) else -1 for n in "abcdef"]
        trial.suggest_categorical("kind", ['"x"', "1", "true"])
        if trial.params["d"]:
            trial.suggest_float("rate", 0.0, 1.0)
        if trial.number == 4:
            raise ValueError
        return 3.0 * signs[0] * signs[1] + 2 * signs[2]

    backend = optuna.storages.journal.JournalFileBackend("old.journal")
    study = optuna.create_study(
        storage=optuna.storages.JournalStorage(backend), study_name="old", sampler=sampler
    )
    study.optimize(objective, count, catch=ValueError)


def planned(**study: Any) -> SearchRun:
    stage = {**CONFIG["stages"][0], "study": {"path": "old.journal", **study}}
    return plan({"stages": [stage]})


def lines(search: SearchRun) -> list[dict[str, Any]]:
    text = search.folder.samples("stage-1").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_what_was_tried_is_recorded_and_the_rest_is_drawn_and_trained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried(optuna.samplers.RandomSampler(seed=1), 20)
    search = planned()
    drawn = list(draw(search.space, Restriction(), search.config.seed, 1, 30))
    run_part(search, "stage-1")
    assert "20 of the 20 trials of old.journal are samples, 10 are drawn" in capsys.readouterr().out
    found = lines(search)
    before = [line["configuration"] for line in found[:20]]
    for line, without in zip(found[20:], drawn[20:], strict=True):
        assert line["configuration"] not in before
        # What the study has tried is not trained again: another is drawn in its place.
        configuration = search.space.active(without.configuration)
        if configuration not in before:
            assert line["configuration"] == configuration
        assert (line["seed"], line["origin"]) == (without.seed, UNIFORM)
        before.append(line["configuration"])
    for trial, line in enumerate(found):
        record = read_json(search.folder.record("stage-1", trial))
        assert record["configuration"] == line["configuration"]
        assert ("imported" in record) == ("imported" in line) == (trial < 20)
        if trial == 4:
            assert (record["status"], record["cause"]) == ("failed", "failed in the study")
            assert record["error"] == "failed in the study (trial 4 of the study 'old')"
        elif trial < 20:
            assert record["imported"]["trial"] == trial
            signs = [1 if record["configuration"][name] else -1 for name in "abc"]
            assert record["value"] == 3 * signs[0] * signs[1] + 2 * signs[2]
            assert record["run"]["cpu_seconds"] == 0
            assert record["metrics"] == {}
        else:
            assert record["metrics"]["steps"] == 1
    table = read_table(search.folder.metrics("stage-1"))
    assert table["value"].notna().sum() == 29
    rates = table["rate"].dropna()
    assert table.loc[rates.index, "point:rate"].tolist() == pytest.approx(rates.tolist())
    assert table["point:rate"].between(0, 1).all()


def test_the_plan_does_not_count_what_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    tried(optuna.samplers.RandomSampler(seed=1), 20)
    stage = {**CONFIG["stages"][0], "study": {"path": "old.journal"}}
    Path("config.yaml").write_text(json.dumps({**CONFIG, "stages": [stage]}))
    Path("job.py").write_text(PROGRAM)

    def shown() -> str:
        capsys.readouterr()
        main(["plan", "config.yaml", "--parallel", "1"])
        return " ".join(capsys.readouterr().out.split())

    before = shown()
    assert "│ stage-1 │ 30 │ 10 │ 10 │" in before
    assert "Not trained again: 20 of stage-1" in before
    search = planned()
    draw_part(search, "stage-1")
    for trial in (0, 1, 25):
        train(search.folder, "stage-1", trial)
    assert "│ stage-1 │ 30 │ 9 │ 9 │" in shown()


def test_a_record_from_a_study_is_done_whatever_the_program() -> None:
    tried(optuna.samplers.RandomSampler(seed=1), 20)
    search = planned()
    draw_part(search, "stage-1")
    train(search.folder, "stage-1", 3)
    record = read_json(search.folder.record("stage-1", 3))
    Path("job.py").write_text("# another program\n")
    train(search.folder, "stage-1", 3)
    assert read_json(search.folder.record("stage-1", 3)) == record
    objective = definition(search.config.objective.model_dump(mode="json"))
    assert record["key"] == training_key(record, objective, None)
    pretended = {name: value for name, value in record.items() if name != "imported"}
    assert record["key"] != training_key(pretended, objective, None)


def test_the_same_study_gives_the_same_samples() -> None:
    tried(optuna.samplers.RandomSampler(seed=1), 20)
    search = planned()
    draw_part(search, "stage-1")
    names = ("samples.jsonl", "samples.parquet")
    before = [Path(f"{ROOT}/stage-1/{name}").read_bytes() for name in names]
    draw_part(search, "stage-1")
    assert [Path(f"{ROOT}/stage-1/{name}").read_bytes() for name in names] == before


def test_a_study_of_an_adaptive_sampler_ends_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried(optuna.samplers.TPESampler(seed=1, multivariate=False), 60)
    planned()
    assert main(["draw", ROOT, "stage-1"]) == 1
    assert "was not drawn uniformly" in capsys.readouterr().err
    planned(uniform=True)
    assert main(["draw", ROOT, "stage-1"]) == 0


def test_only_the_first_stage_and_only_files(capsys: pytest.CaptureFixture[str]) -> None:
    stage = {"samples": 30, "sparsity": 2}
    study = {"path": "old.journal"}
    path = Path("c.yaml")
    path.write_text(json.dumps({**CONFIG, "stages": [stage, {**stage, "study": study}]}))
    assert main(["plan", str(path)]) == 1
    assert "stages.2.study: only the first stage" in capsys.readouterr().err
    url = {"path": "mysql://host/db"}
    path.write_text(json.dumps({**CONFIG, "stages": [{**stage, "study": url}]}))
    assert main(["plan", str(path)]) == 1
    assert "stages.1.study.path: 'mysql://host/db' is not a file" in capsys.readouterr().err
