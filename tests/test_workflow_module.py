"""What the Snakefile is told, without starting Snakemake."""

import json
import re
import sys
from pathlib import Path

import pytest

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.plan import write_plan
from harmonica_steps.workflow import Workflow

CONFIG = {
    "search": "tiny",
    "objective": {"command": "sh train.sh {config} {result}"},
    "space": {"a": {"type": "bool"}, "b": {"type": "bool"}},
    "stages": [{"samples": 10, "sparsity": 1}, {"samples": 12, "sparsity": 1}],
    "final": {"configurations": 9, "eta": 3, "min_budget": 1, "max_budget": 3},
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.sh").write_text("true $HARMONICA_CONFIG\n")


def changed(**sections: object) -> dict[str, object]:
    return {**json.loads(json.dumps(CONFIG)), **sections}


def test_every_record_of_every_part_is_listed() -> None:
    search = Workflow(CONFIG, [])
    records = [path for path in search.everything() if "/trials/" in path]
    assert len(records) == 10 + 12 + 9 + 3
    assert search.inputs.records("final/rung-1")[-1] == "results/tiny/final/rung-1/trials/0002.json"


def files_of(*parts: str) -> list[str]:
    """What the trainings of some parts have brought."""
    return [
        f"results/tiny/{part}/{name}"
        for part in parts
        for name in ("metrics.parquet", "samples.jsonl")
    ]


def test_each_part_is_drawn_from_what_was_trained_and_frozen_before_it() -> None:
    search = Workflow(CONFIG, [])
    assert search.inputs.drawn_from("stage-1") == []
    assert search.inputs.drawn_from("stage-2") == [
        *files_of("stage-1"),
        "results/tiny/stage-1/frozen.json",
    ]
    assert search.inputs.drawn_from("final/rung-0") == [
        *files_of("stage-1", "stage-2"),
        "results/tiny/stage-2/frozen.json",
    ]
    assert search.inputs.drawn_from("final/rung-1") == [
        "results/tiny/final/rung-0/metrics.parquet",
        "results/tiny/final/rung-0/samples.jsonl",
    ]


def test_results_are_in_the_folder_of_that_name_below_the_prefix_of_a_module() -> None:
    search = Workflow(changed(results="out/there"), with_prefix="sub/{}".format)
    assert search.inputs.records("stage-1")[0] == "out/there/tiny/stage-1/trials/0000.json"
    search.begin()
    assert Path("sub/out/there/tiny/plan.json").is_file()
    assert not Path("out").exists()


def test_where_the_results_are_may_change() -> None:
    search = Workflow(changed(results="out"), [])
    search.begin()
    Path("out").rename("results")
    assert Workflow(CONFIG, []).place == "results/tiny"


@pytest.mark.parametrize("results", ["", "out {part}", "~/out", "$HOME"])
def test_a_place_that_rules_or_shells_would_read_otherwise_is_refused(results: str) -> None:
    with pytest.raises(HarmonicaError, match="results: "):
        Workflow(changed(results=results), [])


def test_the_users_own_files_are_apart_from_the_results() -> None:
    Path("start.json").write_text('{"a": true}')
    stages = [{"samples": 12, "sparsity": 1}, {"samples": 12, "sparsity": 1}]
    search = Workflow(changed(start="start.json", stages=stages), [])
    assert search.inputs.given("stage-1") == ["start.json"]
    assert search.inputs.given("stage-2") == []


def test_without_stages_the_first_rung_is_drawn_from_the_whole_space() -> None:
    assert Workflow(changed(stages=[]), []).inputs.drawn_from("final/rung-0") == []


def test_the_programs_own_files_are_inputs() -> None:
    assert Workflow(CONFIG, []).program == ["train.sh"]


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        ({"command": "trian {config}"}, "there is no program 'trian' in the PATH"),
        ({"command": "sh 'train.sh"}, "cannot be read"),
        ({"command": "python trian.py {config}"}, "there is no file 'trian.py' here"),
        ({"command": "sh train.sh {conf}"}, "unknown placeholder {conf}, did you mean {config}?"),
        ({"command": "sh train.sh {aa}"}, "unknown placeholder {aa}, did you mean {a}?"),
        ({"command": "sh train.sh {args}x"}, "must be a word of its own"),
        ({"command": "sh train.sh {b}{layers}"}, "not every training has 'layers'"),
        ({"callable": "trian:objective"}, "there is no file trian.py"),
        ({"command": "sh train.sh", "files": ["lost.csv"]}, "there is no file 'lost.csv'"),
        ({"command": "sh train.sh", "files": ["x" * 999]}, "there is no file 'xxxx"),
        ({"command": f"python {'x' * 999}"}, "there is no file 'xxxx"),
        ({"command": "x" * 9999}, "there is no program 'xxxx"),
        ({"command": "python train.sh", "preload": ["lost.part"]}, "has no module 'lost'"),
        ({"command": "python train.sh", "preload": [".lost"]}, "has no module ''"),
    ],
)
def test_a_program_that_does_not_exist_is_named(objective: dict[str, object], message: str) -> None:
    final = {**CONFIG["final"], "fidelity": {"layers": 2}}
    with pytest.raises(HarmonicaError, match=re.escape(message)) as caught:
        Workflow(changed(objective=objective, final=final), [])
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "command",
    [
        "awk '{print $1}' train.sh",
        "awk '{{print}}' train.sh",
        "sh -c 'echo ${HOME} {1..3} {}'",
        """sh train.sh '{"a": 1, "rate": {"b": {seed}}}'""",
        "python -m this",
    ],
)
def test_other_braces_and_modules_are_the_programs_own(command: str) -> None:
    Workflow(changed(objective={"command": command}), [])


@pytest.mark.parametrize("modules", [["numpy.linalg", "sys"], ["beside"]])
def test_modules_to_preload_are_of_the_environment_or_beside_the_program(
    modules: list[str], tmp_path: Path
) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/beside.py").write_text("")
    (tmp_path / "tools/train.py").write_text("# It reads HARMONICA_CONFIG.")
    Workflow(changed(objective={"command": "python tools/train.py", "preload": modules}), [])


def test_an_unchanged_configuration_goes_on() -> None:
    search = Workflow(CONFIG, [])
    write_plan(search.folder, search.config)
    assert Workflow(CONFIG, []).config == search.config


def test_policies_and_timeouts_may_change_in_the_middle() -> None:
    search = Workflow(CONFIG, [])
    write_plan(search.folder, search.config)
    stages = [{"samples": 10, "sparsity": 1, "failures": {"counts_as": 3.0}}, CONFIG["stages"][1]]
    objective = {**CONFIG["objective"], "timeout": 5}
    later = Workflow(changed(stages=stages, objective=objective), [])
    assert later.inputs.collected_with("stage-1") != search.inputs.collected_with("stage-1")
    assert later.inputs.drawn_with("stage-1") == search.inputs.drawn_with("stage-1")
    assert later.inputs.recovered_with(1) == search.inputs.recovered_with(1)


@pytest.mark.parametrize(
    "sections",
    [
        {"stages": [{**CONFIG["stages"][0], "samples": 40}, CONFIG["stages"][1]]},
        {"stages": CONFIG["stages"][:1]},
        {"stages": []},
        {"stages": [*CONFIG["stages"], {"samples": 10, "sparsity": 1, "budget": 3}]},
        {"final": {"configurations": 9, "fidelity": {"layers": 4}}},
        {"objective": {**CONFIG["objective"], "direction": "maximize"}},
    ],
    ids=["samples", "a stage less", "no stage", "a stage more", "final", "direction"],
)
def test_what_leaves_trainings_as_they_are_may_change_and_back(sections: dict) -> None:
    search = Workflow(CONFIG, [])
    write_plan(search.folder, search.config)
    other = Workflow(changed(**sections), [])
    assert other.config != search.config
    write_plan(search.folder, other.config)
    assert Workflow(CONFIG, []).config == search.config


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"seed": 1}, "seed: 0 in the results, 1 in the config"),
        (
            {"stages": [{**CONFIG["stages"][0], "budget": 7}, CONFIG["stages"][1]]},
            "stages.1.budget: 1 in the results, 7 in the config",
        ),
        ({"space": dict(reversed(CONFIG["space"].items()))}, "space: "),
        ({"space": {**CONFIG["space"], "c": {"type": "bool"}}}, "space.c.type: absent in the"),
    ],
)
def test_another_configuration_is_refused_by_key(sections: dict, message: str) -> None:
    search = Workflow(CONFIG, [])
    write_plan(search.folder, search.config)
    with pytest.raises(HarmonicaError, match=message):
        Workflow(changed(**sections), [])


def test_only_a_dead_controllers_lock_is_removed() -> None:
    locks = Path(".snakemake/locks")
    locks.mkdir(parents=True)
    own, other = locks / "0.output.lock", locks / "1.output.lock"
    own.write_text("results/tiny/stage-1/metrics.parquet\n")
    other.write_text("results/tiny-2/stage-1/metrics.parquet\n")
    alive = Workflow(CONFIG, [])
    alive.begin()
    Workflow(CONFIG, []).forget_dead_controller()
    assert own.exists()
    alive._lock.release()  # what the end of the process does
    Workflow(CONFIG, []).forget_dead_controller()
    assert not own.exists()
    assert other.exists()


def test_a_second_claim_names_the_first_process() -> None:
    first = Workflow(CONFIG, [])
    first.begin()
    with pytest.raises(HarmonicaError, match=r"another snakemake is running .*process \d+ on"):
        Workflow(CONFIG, []).begin()


def test_figures_are_asked_for_where_they_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Workflow(CONFIG, [])
    assert (search.figures(), search.advice()) == (["results/tiny/figures"], "")
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert search.figures() == []
    assert "pip install 'harmonica-hpo[figures]'" in search.advice()
