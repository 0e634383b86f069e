"""What is left of parameters with an order: a neighbourhood of what is best."""

import numpy as np
import pytest
from search_support import evaluate, samples_of, space, stage

from harmonica_steps.search.freeze import around
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.space import Assigned, Interval, Region

NUMBERS = space(
    rate={"type": "float", "low": 1e-4, "high": 1e-1, "log": True, "levels": 5},
    share={"type": "float", "low": 0.0, "high": 1.0, "levels": 2},
    width={"type": "int", "low": 1, "high": 100, "levels": 4},
    count={"type": "int", "low": 1, "high": 12},
    size={"type": "ordinal", "values": [1, 2, 4, 8]},
    few={"type": "ordinal", "values": ["s", "m", "l"]},
    kind={"type": "categorical", "values": ["a", "b", "c", "d", "e"]},
    switch={"type": "bool"},
)


@pytest.mark.parametrize(
    ("name", "level", "left"),
    [
        ("rate", 0, (0.0001, 0.0015849)),
        ("rate", 2, (0.00079433, 0.012589)),
        ("rate", 4, (0.0063096, 0.1)),
        ("share", 0, (0.05, 0.45)),
        ("share", 1, (0.55, 0.95)),
        ("width", 0, (1, 40)),
        ("width", 1, (18, 58)),
        ("width", 3, (61, 100)),
        ("count", 0, (1, 5)),
        ("count", 5, (4, 8)),
        ("count", 11, (8, 12)),
        ("size", 0, (1, 4)),
        ("size", 3, (2, 8)),
        ("few", 0, "s"),
        ("few", 1, "m"),
        ("kind", 3, "d"),
        ("switch", 1, True),
    ],
)
def test_what_is_ordered_keeps_its_neighbourhood_and_other_things_one_value(
    name: str, level: int, left: Assigned
) -> None:
    found = around(Region.whole(NUMBERS), name, level)
    assert isinstance(found, Interval) == isinstance(left, tuple)
    if isinstance(found, Interval):
        assert found == pytest.approx(left, rel=0.01)
    else:
        assert found == left


def narrowed(before: dict[str, Assigned], name: str, level: int) -> Assigned:
    return around(Region.of(NUMBERS, before), name, level)


@pytest.mark.parametrize("name", ["rate", "share", "width", "count"])
def test_every_narrowing_is_inside_the_one_before_and_smaller(name: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        before: dict[str, Assigned] = {}
        outer = (NUMBERS.parameters[name].low, NUMBERS.parameters[name].high)
        for _ in range(6):
            size = Region.of(NUMBERS, before).sizes()[NUMBERS.names.index(name)]
            found = narrowed(before, name, int(rng.integers(size)))
            if not isinstance(found, Interval):
                assert outer[0] <= found <= outer[1]
                break
            slack = 1e-9 if isinstance(found.low, float) else 0
            assert outer[0] - slack <= found.low < found.high <= outer[1] + slack
            assert found.high - found.low < outer[1] - outer[0] or name == "width"
            outer = found
            before = {name: found}


def test_a_list_is_narrowed_until_few_values_are_left_and_then_frozen() -> None:
    first = narrowed({}, "count", 5)
    assert first == (4, 8)
    second = narrowed({"count": first}, "count", 3)
    assert second == (6, 8)
    assert narrowed({"count": second}, "count", 1) == 7


def bowl(x: dict[str, object]) -> float:
    """Best at 3e-3, 70 and 32, and with the kind b."""
    rate = np.log10(x["rate"]) + 2.5
    size = abs(np.log2(x["size"]) - 5)
    return 2.0 * rate**2 + ((x["width"] - 70) / 30) ** 2 + size + 2.0 * (x["kind"] != "b")


BOWL = space(
    rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True, "levels": 4},
    width={"type": "int", "low": 1, "high": 100, "levels": 4},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
    kind={"type": "categorical", "values": ["a", "b", "c"]},
    idle={"type": "float", "low": 0.0, "high": 1.0},
)
BEST = {"rate": 10**-2.5, "width": 70, "size": 32, "kind": "b"}


@pytest.mark.parametrize("seed", range(3))
def test_stages_narrow_numbers_around_the_optimum_and_freeze_what_has_no_order(seed: int) -> None:
    restriction, widths = Restriction(), [4.0]
    for number in (1, 2, 3):
        samples = samples_of(BOWL, restriction, 150, seed, number)
        restriction = stage(BOWL, restriction, samples, evaluate(bowl, samples), sparsity=6)
        (kept,) = restriction.candidates
        assert kept.assignment["kind"] == "b"
        assert "idle" not in kept.assignment
        for name, best in BEST.items():
            assigned = kept.assignment.get(name)
            if isinstance(assigned, Interval):
                assert assigned.low <= best <= assigned.high, (name, number)
        rate = kept.assignment["rate"]
        assert isinstance(rate, Interval)
        widths.append(np.log10(rate.high / rate.low))
    assert restriction.frozen[-1:] == ("kind",)
    assert widths == pytest.approx([4 * 0.4**n for n in range(4)], rel=0.02)


def test_each_candidate_is_narrowed_inside_its_own_interval() -> None:
    before = Restriction(
        (
            Candidate({"rate": Interval(0.001, 0.01), "switch": True}),
            Candidate({"rate": Interval(0.01, 0.1), "switch": False}),
        )
    )
    samples = samples_of(NUMBERS, before, 200)

    def objective(x: dict[str, object]) -> float:
        low = 0.001 if x["switch"] else 0.01
        return 3.0 * np.log10(x["rate"] / low)

    after = stage(NUMBERS, before, samples, evaluate(objective, samples), keep=2)
    found = {c.assignment["switch"]: c.assignment["rate"] for c in after.candidates}
    assert found[True] == pytest.approx((0.001, 0.001 * 10**0.4), rel=0.01)
    assert found[False] == pytest.approx((0.01, 0.01 * 10**0.4), rel=0.01)
