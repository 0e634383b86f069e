"""What every optimiser of the final search keeps, those of the future too."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harmonica_steps.config import parse
from harmonica_steps.config.optimisers import OPTIMISERS
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import POINT, read_drawn
from harmonica_steps.search.plan import parts
from harmonica_steps.space import Region
from tests.docs.docs_support import BLOCKS
from tests.report.report_support import plan, run_part

FINALS: dict[str, dict[str, Any]] = {
    "successive_halving": {"configurations": 9, "eta": 3, "max_budget": 9},
    "hyperband": {"max_budget": 9},
    "guided": {"configurations": 8, "rounds": 2},
    "random": {"configurations": 8},
    "optuna": {"configurations": 8, "rounds": 2, "sampler": "tpe"},
    "mine:HillClimb": {"configurations": 8, "rounds": 2},  # that of the manual
}
CONFIG: dict[str, Any] = {
    "search": "made-up",
    "objective": {"command": "true", "metric": "loss", "timeout": 60},
    "space": {
        "on": {"type": "bool"},
        "kind": {"type": "categorical", "values": ["x", "y", "z"]},
        "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True, "when": {"on": True}},
        "layers": {"type": "int", "low": 1, "high": 6},
    },
    "stages": [{"samples": 40, "degree": 1, "sparsity": 2, "resamples": 0}],
}


def loss(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    if noise < 0.05:
        return None
    return 3.0 * configuration["on"] + configuration["layers"] / 10 + noise - budget / 100


def searched(root: Path, optimiser: str) -> SearchRun:
    search = plan(root, {**CONFIG, "final": {"optimiser": optimiser, **FINALS[optimiser]}})
    for part in search.parts:
        run_part(search, part.name, loss)
    return search


@pytest.fixture(scope="module", autouse=True)
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The optimiser of the manual can be imported."""
    folder = tmp_path_factory.mktemp("mine")
    (code,) = (block.text for block in BLOCKS if block.title == "mine.py")
    (folder / "mine.py").write_text(code)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.delitem(sys.modules, "mine", raising=False)
        yield
        sys.modules.pop("mine", None)


@pytest.fixture(scope="module", params=FINALS)
def search(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return searched(
        tmp_path_factory.mktemp(request.param.replace(":", "-")) / "made-up", request.param
    )


def test_every_optimiser_is_here() -> None:
    assert set(FINALS) - {"mine:HillClimb"} == set(OPTIMISERS)


def test_its_rounds_are_known_before_anything_runs(search: SearchRun) -> None:
    assert parts(parse(search.config.model_dump(mode="json"))) == search.parts
    names = [part.name for part in search.parts]
    assert len(set(names)) == len(names)
    for number, part in enumerate(search.parts):
        assert len(search.samples(part.name)) == part.trials
        assert {*part.informed_by, *filter(None, [part.previous])} <= set(names[:number])


def test_its_samples_are_in_what_the_stages_left(search: SearchRun) -> None:
    space = search.space
    for part in search.parts:
        whole = part.origin == "promote"  # may continue a training of a stage
        regions = [Region.whole(space)] if whole else search.restriction_before(part).regions(space)
        table = read_drawn(search, part.name)
        points = table[[POINT + name for name in space.names]].to_numpy(dtype=float)
        for sample, point in zip(search.samples(part.name), points, strict=True):
            configuration = sample["configuration"]
            assert configuration == space.active(space.decode(point))
            active = [name in configuration for name in space.names]
            assert any(region.contains(point)[active].all() for region in regions)


def test_it_draws_the_same_again_whatever_the_folder(search: SearchRun, tmp_path: Path) -> None:
    again = searched(tmp_path / "made-up", search.config.final.optimiser)
    for part in search.parts:
        one, two = (ran.folder.samples(part.name).read_text() for ran in (search, again))
        assert list(map(json.loads, one.splitlines())) == list(map(json.loads, two.splitlines()))


def test_it_is_told_trainings_of_the_same_kind_only(search: SearchRun) -> None:
    by_name = {part.name: part for part in search.parts}
    for part in search.parts:
        if part.origin == "ask":
            assert all(by_name[name].trains_like(part) for name in part.informed_by)
