"""Guided samples: what they lean towards, and what makes no difference to them."""

from collections.abc import Callable

import numpy as np
import pytest
from guided_support import of, proposed, uniform_round
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import CONDITIONAL, bits, samples_of, space

from harmonica_steps.search.draw import CHILD, GUIDED, MUTANT, UNIFORM
from harmonica_steps.search.guided import ATTEMPTS, LEAST, Guide, Proposal
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.search.samples import Samples, observed
from harmonica_steps.space import Interval, Space

BITS = bits(12)
MIXED = space(
    rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True},
    width={"type": "int", "low": 1, "high": 100, "levels": 4},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
    kind={"type": "categorical", "values": ["a", "b", "c"]},
    on={"type": "bool"},
    child={"type": "bool", "when": {"on": True}},
)


def mixed(x: dict[str, object]) -> float:
    return abs(np.log10(x["rate"]) + 2) + (x["kind"] != "b") + 0.01 * x["width"] - 0.5 * x["on"]


def same(one: list[Proposal], other: list[Proposal]) -> bool:
    return all(
        a.origin == b.origin and a.point.tolist() == b.point.tolist()
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize(
    "transform",
    [lambda y: 1e6 * y, lambda y: y - 1e3, np.exp, lambda y: y**3, lambda y: -1.0 / (y + 10)],
    ids=["scaled", "shifted", "exp", "cubed", "inverse"],
)
def test_any_increasing_function_of_the_metric_gives_the_same_proposals(
    transform: Callable[[np.ndarray], np.ndarray],
) -> None:
    first = uniform_round(MIXED, mixed)
    second = of(MIXED, proposed(Guide(MIXED, [first]), 60), mixed)
    rounds = [first, second]
    changed = [found._replace(scores=transform(found.scores)) for found in rounds]
    assert same(proposed(Guide(MIXED, rounds)), proposed(Guide(MIXED, changed)))


def test_the_same_is_proposed_again() -> None:
    rounds = [uniform_round(MIXED, mixed)]
    one, other = (proposed(Guide(MIXED, rounds), 50, seed=3) for _ in range(2))
    assert same(one, other)
    assert not same(one, proposed(Guide(MIXED, rounds), 50, seed=4))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), st.sampled_from([MIXED, CONDITIONAL, BITS]))
def test_every_proposal_is_a_point_of_the_space(seed: int, where: Space) -> None:
    rng = np.random.default_rng(seed)
    drawn = samples_of(where, Restriction(), 30, seed)
    guide = Guide(where, [observed(drawn, rng.normal(size=30))])
    for proposal in proposed(guide, 10, seed):
        changed, neighbour = guide.changed(proposal, rng), guide.neighbour(rng)
        assert (changed.point != proposal.point).sum() <= 1
        assert (changed.origin, neighbour.origin) == (proposal.origin, MUTANT)
        for one in (proposal, changed, neighbour):
            last = np.where(where.numeric, 1, where.sizes - 1)
            assert ((one.point >= 0) & (one.point <= last)).all()
            listed = one.point[~where.numeric]
            assert listed.tolist() == np.floor(listed).tolist()


def test_parameters_that_are_a_few_of_many_are_seldom_drawn_uniformly() -> None:
    found = uniform_round(BITS, lambda x: float(sum(x.values())), 60)
    alone, among = Guide(BITS, [found]), Guide(BITS, [found], among=1000)
    means = [np.mean([p.point for p in proposed(g, 400)]) for g in (alone, among)]
    assert means[1] < means[0] - 0.02


def test_attempts_begin_with_the_sample_and_have_its_kind_or_are_mutants() -> None:
    guide = Guide(BITS, [uniform_round(BITS, lambda x: float(sum(x.values())))])
    for kind in (GUIDED, CHILD, MUTANT):
        first, *others = guide.attempts(np.random.default_rng(1), kind)
        again = guide.propose(np.random.default_rng(1), kind)
        assert same([first], [again])
        assert [o.origin for o in others] == [kind] * (ATTEMPTS - 1) + [MUTANT] * ATTEMPTS


def test_children_mix_two_of_the_best_and_mutants_change_one() -> None:
    found = uniform_round(BITS, lambda x: 2.0 * x["p0"] * x["p1"] + x["p2"] * x["p3"], 200)
    best = found.points[np.argsort(found.scores, kind="stable")[:20]]
    proposals = proposed(Guide(BITS, [found]), 600)
    distances = {
        kind: np.mean(
            [np.abs(best - p.point).sum(axis=1).min() for p in proposals if p.origin == kind]
        )
        for kind in (GUIDED, CHILD, MUTANT)
    }
    assert distances[MUTANT] < 1.7  # of twelve: each of three is changed half of the time
    assert distances[CHILD] < distances[GUIDED]


def shares(proposals: list[Proposal]) -> dict[str, float]:
    kinds = [proposal.origin for proposal in proposals]
    return {kind: kinds.count(kind) / len(kinds) for kind in (GUIDED, CHILD, MUTANT)}


@pytest.mark.parametrize("lucky", [GUIDED, CHILD, MUTANT])
def test_a_kind_that_brought_the_best_is_used_more_often(lucky: str) -> None:
    first = uniform_round(MIXED, mixed, 200)
    before = shares(proposed(Guide(MIXED, [first]), 1000))
    rng = np.random.default_rng(0)
    origin = np.array([GUIDED, CHILD, MUTANT] * 50, dtype=object)
    points = uniform_round(MIXED, mixed, 150, seed=9).points
    scores = rng.random(150) + 10 - 20 * (origin == lucky)
    second = Samples(np.full(150, -1), points, scores, origin)
    after = shares(proposed(Guide(MIXED, [first, second]), 1000))
    assert after[lucky] > before[lucky] + 0.05
    assert min(after.values()) > LEAST - 0.03


WITHIN = Restriction(
    (
        Candidate({"rate": Interval(1e-3, 1e-2), "size": Interval(8, 32), "kind": "a"}),
        Candidate({"rate": Interval(1e-2, 1e-1), "size": Interval(16, 64), "kind": "b"}),
    )
)


def test_proposals_are_within_one_candidate_of_the_restriction() -> None:
    guide = Guide(MIXED, [uniform_round(MIXED, mixed)], WITHIN)
    rng = np.random.default_rng(0)
    proposals = proposed(guide, 200)
    proposals += [guide.changed(proposal, rng) for proposal in proposals]
    proposals += [guide.neighbour(rng) for _ in range(200)]
    used = set()
    for proposal in proposals:
        found = [bool(region.contains(proposal.point).all()) for region in WITHIN.regions(MIXED)]
        assert any(found)
        used |= {number for number, inside in enumerate(found) if inside}
    assert used == {0, 1}


def test_without_a_restriction_all_of_the_space_is_proposed() -> None:
    rounds = [uniform_round(MIXED, lambda _: 0.0)]
    for within in (None, Restriction()):
        points = np.array([p.point for p in proposed(Guide(MIXED, rounds, within), 500)])
        for at, size in enumerate(MIXED.sizes):
            if not MIXED.numeric[at]:
                assert set(points[:, at]) == set(range(size))
        assert points[:, 0].min() < 0.1
        assert points[:, 0].max() > 0.9


def test_a_failure_counts_as_the_worst() -> None:
    found = uniform_round(BITS, lambda x: float(x["p0"]), 80)
    failed = found.points[:, 4] == 1
    rounds = [found._replace(scores=np.where(failed, np.nan, found.scores))]
    worst = [found._replace(scores=np.where(failed, 1.0, found.scores))]
    assert same(proposed(Guide(BITS, rounds)), proposed(Guide(BITS, worst)))
    points = np.array([p.point for p in proposed(Guide(BITS, rounds), 600) if p.origin == GUIDED])
    assert (points[:, 4] == 0).mean() > 0.8


def test_the_worst_is_that_of_all_rounds() -> None:
    first, second = (
        uniform_round(BITS, lambda x: float(x["p0"])),
        uniform_round(BITS, lambda x: 5.0 + x["p0"], seed=1),
    )
    scores = first.scores.copy()
    scores[:3] = np.nan
    spelled = np.where(np.isnan(scores), 6.0, scores)
    one = Guide(BITS, [first._replace(scores=scores), second])
    other = Guide(BITS, [first._replace(scores=spelled), second])
    assert same(proposed(one), proposed(other))


def test_nothing_can_be_learnt_from_failures_alone() -> None:
    found = uniform_round(BITS, lambda _: np.nan)
    with pytest.raises(ValueError, match="no training has a score"):
        Guide(BITS, [found])


@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_few_samples_are_enough(count: int) -> None:
    found = uniform_round(MIXED, mixed, count)
    assert len(proposed(Guide(MIXED, [found]), 20)) == 20


def test_origins_are_not_that_of_a_uniform_sample() -> None:
    assert UNIFORM not in {p.origin for p in proposed(Guide(BITS, [uniform_round(BITS, len)]))}
