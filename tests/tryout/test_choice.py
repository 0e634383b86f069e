"""Which training is tried: the first of the search, the best, or one of its samples again."""

import json
from pathlib import Path

import pytest
from tryout_support import ANSWER, CONFIG, configured, try_it, write

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json
from harmonica_steps.objective.trial import train
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.tryout.choice import again, best, configuration, drawn, in_part


def planned() -> SearchRun:
    folder = SearchFolder(Path("results/tiny"))
    write_plan(folder, configured())
    return SearchRun.at(folder.root)


def samples(search: SearchRun, part: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in search.folder.samples(part).read_text().splitlines()]


def test_the_first_sample_is_what_the_search_trains_first() -> None:
    search = planned()
    draw_part(search, "stage-1")
    first = samples(search, "stage-1")[0]
    chosen = drawn(configured())
    assert configuration(search.space, chosen) == first["configuration"]
    assert (chosen.seed, chosen.budget) == (first["seed"], 2)
    assert drawn(configured(), 1) != chosen


def test_a_configuration_to_start_from_comes_first() -> None:
    named = {"optimiser": "sgd", "momentum": 0.125, "depth": 7}
    assert named.items() <= drawn(configured(start=[named])).complete.items()


def test_another_part_gives_its_budget_and_its_fixed_settings() -> None:
    chosen = in_part(drawn(configured()), configured(), "final/rung-1", None)
    assert (chosen.budget, chosen.fixed) == (4, {"width": 8})
    assert in_part(chosen, configured(), None, 9).budget == 9


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("17", "'17' is not a training; expected e.g. stage-1/17"),
        ("stage-1/12", "stage-1 has trainings 0 to 11, got 12"),
        ("stage-1/3", "the samples of stage-1 have not been drawn"),
        ("stage-9/3", "'stage-9' is not a part of this search"),
    ],
)
def test_a_training_that_is_not_there_is_explained(name: str, message: str) -> None:
    with pytest.raises(HarmonicaError, match=message):
        again(planned(), name)


def test_without_a_success_there_is_no_best() -> None:
    with pytest.raises(HarmonicaError, match="has no best configuration yet"):
        best(planned())


def test_the_best_and_any_other_training_of_a_search_can_be_tried_again() -> None:
    write('echo "{\\"error\\": 0.$HARMONICA_SEED}" > "$HARMONICA_RESULT"')
    search = planned()
    draw_part(search, "stage-1")
    for trial in range(12):
        train(search.folder, "stage-1", trial)
    collect_part(search, "stage-1")
    before = {path: path.read_bytes() for path in Path("results").rglob("*") if path.is_file()}
    records = [read_json(search.folder.record("stage-1", trial)) for trial in range(12)]
    lowest = min(records, key=lambda record: record["value"])
    for arguments, record in ((["--best"], lowest), (["--trial", "stage-1/7"], records[7])):
        assert try_it(*arguments, "--output", "kept" + arguments[0]) == 0
        (tried,) = Path("kept" + arguments[0]).rglob("trials/*.json")
        found = read_json(tried)
        same = ("part", "trial", "key", "configuration", "seed", "budget", "value")
        assert [found[name] for name in same] == [record[name] for name in same]
    after = {path: path.read_bytes() for path in Path("results").rglob("*") if path.is_file()}
    assert after == before


def test_a_training_that_continues_another_is_given_its_checkpoint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(
        'echo step >> "$HARMONICA_CHECKPOINT/steps"; cat "$HARMONICA_CHECKPOINT/steps"\n' + ANSWER
    )
    folder = SearchFolder(Path("results/tiny"))
    write_plan(folder, configured(stages=[]))
    search = SearchRun.at(folder.root)
    draw_part(search, "final/rung-0")
    for trial in range(4):
        train(folder, "final/rung-0", trial)
    collect_part(search, "final/rung-0")
    draw_part(search, "final/rung-1")
    Path("tiny.yaml").write_text(json.dumps({**CONFIG, "stages": []}))
    assert try_it("--trial", "final/rung-1/0") == 0
    assert "step\nstep\n" in capsys.readouterr().out
