"""The exported study, as Optuna itself reads it."""

import datetime
import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import optuna
import pytest
from export_support import CONFIG, finished, metric
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState
from report_support import plan, report_curve, run_part, train_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.export.study import export_study
from harmonica_steps.files import read_json, write_json
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return finished(tmp_path_factory.mktemp("export") / "mixed")


def load(path: Path) -> optuna.Study:
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    return optuna.load_study(study_name=None, storage=optuna.storages.JournalStorage(backend))


@pytest.fixture(scope="module")
def journal(search: SearchRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "study.journal"
    assert "99 trials" in export_study(search, path)
    return path


@pytest.fixture(scope="module")
def study(journal: Path) -> optuna.Study:
    return load(journal)


def record(search: SearchRun, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
    return read_json(search.folder.root / trial.user_attrs["record"])


def test_every_stage_training_is_a_trial_with_its_own_parameters_and_value(
    search: SearchRun, study: optuna.Study
) -> None:
    assert study.study_name == "mixed"
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert study.metric_names == ["accuracy"]
    stages = [trial for trial in study.trials if "rung" not in trial.user_attrs]
    assert [trial.user_attrs["record"] for trial in stages] == [
        *(f"stage-1/trials/{i:04d}.json" for i in range(60)),
        *(f"stage-2/trials/{i:04d}.json" for i in range(30)),
    ]
    for trial in stages:
        found = record(search, trial)
        params = {k: json.loads(v) if k == "odd" else v for k, v in trial.params.items()}
        fidelity = trial.user_attrs.get("fidelity", {})
        assert {**params, **fidelity} == found["configuration"]
        assert [type(v) for v in params.values()] == [
            type(found["configuration"][name]) for name in params
        ]
        assert trial.state == (TrialState.COMPLETE if found["status"] == "ok" else TrialState.FAIL)
        assert trial.value == found["value"]
        assert trial.user_attrs["seed"] == found["seed"]
        assert trial.user_attrs.get("cause") == found["cause"]
        assert trial.intermediate_values == {}
    failed = [trial for trial in stages if trial.state == TrialState.FAIL]
    assert failed
    assert failed[0].user_attrs["cause"] == "exit status 1"


def test_an_inactive_parameter_is_left_out(study: optuna.Study) -> None:
    with_momentum = ["momentum" in trial.params for trial in study.trials]
    active = [t.params["switch"] and t.params["kind"] != "adam" for t in study.trials]
    assert with_momentum == active
    assert True in active
    assert False in active


def test_distributions_are_those_of_the_space(study: optuna.Study) -> None:
    trial = next(trial for trial in study.trials if "momentum" in trial.params)
    assert trial.distributions == {
        "switch": CategoricalDistribution((False, True)),
        "kind": CategoricalDistribution(("sgd", "adam", "lion")),
        "odd": CategoricalDistribution(('"x"', "1", "true")),
        "size": CategoricalDistribution((16, 32, 64)),
        "depth": IntDistribution(1, 4),
        "width": IntDistribution(8, 512, log=True),
        "rate": FloatDistribution(0.001, 1.0, log=True),
        "momentum": FloatDistribution(0.0, 0.9),
    }


def test_a_configuration_of_the_final_is_one_trial_over_its_rungs(
    search: SearchRun, study: optuna.Study
) -> None:
    bracket = [trial for trial in study.trials if "rung" in trial.user_attrs]
    assert len(bracket) == 9
    for trial in bracket:
        paths = [*trial.user_attrs.get("continued", []), trial.user_attrs["record"]]
        records = [read_json(search.folder.root / path) for path in paths]
        assert [path.split("/")[1] for path in paths] == [f"rung-{i}" for i in range(len(paths))]
        assert len({json.dumps(found["configuration"]) for found in records}) == 1
        assert trial.intermediate_values == {
            found["budget"]: found["value"] for found in records if found["value"] is not None
        }
    lengths = [len(t.user_attrs.get("continued", [])) for t in bracket]
    assert Counter(lengths) == {0: 6, 1: 2, 2: 1}
    for trial, length in zip(bracket, lengths, strict=True):
        if record(search, trial)["status"] != "ok":
            assert trial.state == TrialState.FAIL
        else:
            assert trial.state == (TrialState.COMPLETE if length == 2 else TrialState.PRUNED)


def test_the_study_says_what_was_found(search: SearchRun, study: optuna.Study) -> None:
    frozen = read_json(search.folder.frozen(1))["candidates"]
    assert study.user_attrs["stage-1: frozen"] == [entry["assignment"] for entry in frozen]
    assert len(frozen) == 2
    terms = study.user_attrs["stage-1: terms"]
    assert ["switch", "size"] in [term["parameters"] for term in terms]
    best = read_json(search.folder.best)
    found = study.user_attrs["best"]
    assert study.trials[found["trial"]].value == best["value"] == found["value"]
    for trial in study.trials:
        # A guided sample may carry none of them.
        if trial.user_attrs["part"] == "stage-2" and trial.user_attrs["candidate"] >= 0:
            assignment = frozen[trial.user_attrs["candidate"]]["assignment"]
            assert {name: trial.params[name] for name in assignment} == assignment


def test_times_are_those_of_the_records(search: SearchRun, study: optuna.Study) -> None:
    for trial in study.trials:
        found = record(search, trial)["run"]
        ended = datetime.datetime.fromtimestamp(found["started"] + found["seconds"])
        assert trial.datetime_complete == ended
    assert study.trials[7].datetime_start == datetime.datetime.fromtimestamp(1007)


def test_the_same_results_give_the_same_bytes(search: SearchRun, journal: Path) -> None:
    before = journal.read_bytes()
    export_study(search, journal)
    assert journal.read_bytes() == before


def test_a_running_search_has_a_study(tmp_path: Path) -> None:
    search = plan(tmp_path / "mixed", CONFIG)
    with pytest.raises(HarmonicaError, match="no training has finished yet"):
        export_study(search, tmp_path / "study.journal")
    draw_part(search, "stage-1")
    train_part(search, "stage-1", metric, range(10, 20))
    export_study(search, tmp_path / "study.journal")
    study = load(tmp_path / "study.journal")
    assert len(study.trials) == 10
    assert "stage-1: terms" not in study.user_attrs
    for part in ("stage-1", "stage-2", "final/rung-0"):
        run_part(search, part, metric)
    export_study(search, tmp_path / "study.journal")
    states = Counter(t.state for t in load(tmp_path / "study.journal").trials[-9:])
    assert states[TrialState.RUNNING] >= 6
    assert states[TrialState.RUNNING] + states[TrialState.FAIL] == 9
    draw_part(search, "final/rung-1")
    export_study(search, tmp_path / "study.journal")
    states = Counter(t.state for t in load(tmp_path / "study.journal").trials[-9:])
    assert states[TrialState.RUNNING] == 3
    assert states[TrialState.PRUNED] + states[TrialState.FAIL] == 6


def test_a_record_of_another_draw_is_left_out(tmp_path: Path) -> None:
    search = plan(tmp_path / "mixed", CONFIG)
    draw_part(search, "stage-1")
    train_part(search, "stage-1", metric)
    path = search.folder.record("stage-1", 3)
    write_json(path, {**read_json(path), "seed": 1})
    export_study(search, tmp_path / "study.journal")
    names = [t.user_attrs["record"] for t in load(tmp_path / "study.journal").trials]
    assert len(names) == 59
    assert "stage-1/trials/0003.json" not in names


@pytest.mark.parametrize("text", ["{}", '{"schema_version": 1}', "[", '{"schema_version": 9}'])
def test_a_damaged_record_is_named(tmp_path: Path, text: str) -> None:
    search = plan(tmp_path / "mixed", CONFIG)
    draw_part(search, "stage-1")
    path = search.folder.record("stage-1", 3)
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(HarmonicaError) as caught:
        export_study(search, tmp_path / "study.journal")
    assert str(path) in str(caught.value)


def test_fractions_of_an_epoch_are_counted_by_rung(tmp_path: Path) -> None:
    final = {"configurations": 9, "eta": 3, "min_budget": 0.5, "max_budget": 1.5}
    search = plan(tmp_path / "mixed", {**CONFIG, "stages": [], "final": final})
    for part in search.parts:
        run_part(search, part.name, metric)
    export_study(search, tmp_path / "study.journal")
    complete = [
        t for t in load(tmp_path / "study.journal").trials if len(t.intermediate_values) > 1
    ]
    assert [list(t.intermediate_values) for t in complete] == [[0, 1]] * len(complete)
    assert complete


def test_what_others_have_added_is_not_thrown_away(search: SearchRun, tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    export_study(search, path)
    load(path).set_user_attr("mine", 1)
    with pytest.raises(HarmonicaError, match=r"was not written \(only\) by Harmonica"):
        export_study(search, path)
    assert load(path).user_attrs["mine"] == 1
    path.write_text("something else\n")
    with pytest.raises(HarmonicaError, match=r"was not written \(only\) by Harmonica"):
        export_study(search, path)


def test_optuna_goes_on_from_the_study(search: SearchRun, tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    export_study(search, path)
    study = load(path)
    study.sampler = optuna.samplers.TPESampler(seed=0)
    trial = study.ask(study.trials[0].distributions)
    study.tell(trial, 1.0)
    assert trial.params["kind"] in ("sgd", "adam", "lion")
    assert len(load(path).trials) == 100


def test_importances_and_plots_can_be_computed(study: optuna.Study) -> None:
    evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=16, seed=0)
    stage = optuna.create_study(direction=study.direction)
    stage.add_trials(t for t in study.trials if t.user_attrs["part"] == "stage-1")
    found = optuna.importance.get_param_importances(stage, evaluator=evaluator)
    assert math.isclose(sum(found.values()), 1.0)
    assert next(iter(found)) == "switch"
    for plot in (
        optuna.visualization.plot_intermediate_values,
        optuna.visualization.plot_optimization_history,
        optuna.visualization.plot_parallel_coordinate,
        optuna.visualization.plot_slice,
        optuna.visualization.plot_timeline,
        optuna.visualization.plot_edf,
    ):
        assert plot(study).data


def test_without_optuna_the_message_says_what_to_type(search: SearchRun) -> None:
    program = (
        "import sys; sys.modules['optuna'] = None\n"
        "from harmonica_steps.cli import main\n"
        f"sys.exit(main(['export', {str(search.folder.root)!r}]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "pip install 'harmonica-hpo[optuna]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_learning_curves_are_intermediate_values(tmp_path: Path) -> None:
    search = finished(tmp_path / "mixed")
    first = next(i for i in range(60) if search.record("stage-1", i)["status"] == "ok")
    report_curve(search, "stage-1", first, (0, 1.0), (5, 2.0), (10, 3.0))
    failed = next(i for i in range(60) if search.record("stage-1", i)["status"] != "ok")
    report_curve(search, "stage-1", failed, (0.5, 1.0), (1.25, 2.0), (1.75, 3.0))
    (sample, *_) = search.drawn("final/rung-1")
    before = sample["continues"]
    assert before is not None
    report_curve(search, before["part"], before["trial"], (100, 1.0), (200, 2.0))
    report_curve(search, "final/rung-1", sample["trial"], (200, 2.5), (300, 3.0))
    export_study(search, tmp_path / "study.journal")
    trials = {
        path: t
        for t in load(tmp_path / "study.journal").trials
        for path in [t.user_attrs["record"], *t.user_attrs.get("continued", [])]
    }
    assert trials[f"stage-1/trials/{first:04d}.json"].intermediate_values == {0: 1, 5: 2, 10: 3}
    assert trials[f"stage-1/trials/{failed:04d}.json"].intermediate_values == {0: 1, 1: 3}
    curved = trials[f"final/rung-1/trials/{sample['trial']:04d}.json"]
    assert curved.intermediate_values == {100: 1.0, 200: 2.5, 300: 3.0}
    others = [t for t in trials.values() if "rung" in t.user_attrs and t is not curved]
    assert {step for t in others for step in t.intermediate_values} <= {1, 3, 9}
