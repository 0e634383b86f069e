"""The samples of a part: guided and uniform, none forbidden, nothing trained twice."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_support import CONDITIONAL, bits, evaluate, samples_of, space

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import UNIFORM, Sample, draw
from harmonica_steps.search.propose import Proposer, Seen, is_guided
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.search.samples import Samples, observed
from harmonica_steps.space import Interval, Space

BITS = bits(12)
SMALL = bits(3)
MIXED = space(
    rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
    kind={"type": "categorical", "values": ["a", "b", "c"]},
    on={"type": "bool"},
)


def known(where: Space, count: int = 60, number: int = 1) -> Samples:
    """A round in which the first parameter mattered."""
    drawn = samples_of(where, Restriction(), count, 0, number)
    first = where.names[0]
    return observed(drawn, evaluate(lambda x: where.coordinate(first, x[first]), drawn))


def proposer(where: Space, restriction: Restriction = Restriction(), **more: Any) -> Proposer:  # noqa: B008
    return Proposer(where, restriction, 0, 2, **more)


def active(where: Space, samples: list[Sample]) -> list[tuple[tuple[str, object], ...]]:
    return [tuple(where.active(sample.configuration).items()) for sample in samples]


@given(st.integers(0, 200), st.integers(0, 100))
def test_guided_samples_are_spread_evenly(count: int, percent: int) -> None:
    share = percent / 100
    guided = [is_guided(trial, share) for trial in range(count)]
    for length in range(count + 1):
        assert abs(sum(guided[:length]) - share * length) < 1 + 1e-6
    assert sum(guided) == int(count * share + 1e-6)


@pytest.mark.parametrize(("share", "expected"), [(0.0, "....."), (0.66, ".X.XX"), (1.0, "XXXXX")])
def test_the_first_of_a_shared_part_is_uniform(share: float, expected: str) -> None:
    assert "".join("X" if is_guided(trial, share) else "." for trial in range(5)) == expected


def test_the_share_is_that_of_guided_samples() -> None:
    samples = proposer(BITS, rounds=[known(BITS)], share=0.66).samples(range(50))
    guided = [sample.origin != UNIFORM for sample in samples]
    assert guided == [is_guided(trial, 0.66) for trial in range(50)]
    assert sum(guided) == 33


def test_a_longer_part_begins_with_the_shorter() -> None:
    one, other = (
        proposer(MIXED, rounds=[known(MIXED)], share=0.5, trained=Seen(MIXED, [known(MIXED)]))
        for _ in range(2)
    )
    assert one.samples(range(40))[:15] == other.samples(range(15))


def test_a_sample_does_not_depend_on_those_before_it_as_long_as_all_are_new() -> None:
    whole = proposer(MIXED, rounds=[known(MIXED)], share=0.5).samples(range(20))
    assert proposer(MIXED, rounds=[known(MIXED)], share=0.5).samples(range(7, 20)) == whole[7:]


TWO = Restriction(
    (
        Candidate({"rate": Interval(0.001, 0.01), "kind": "a"}),
        Candidate({"rate": Interval(0.01, 0.1), "kind": "b"}),
    )
)


@pytest.mark.parametrize("restriction", [Restriction(), TWO])
@pytest.mark.parametrize("rounds", [[], [known(MIXED)]], ids=["nothing known", "a round"])
def test_without_a_share_samples_are_those_that_are_drawn(
    restriction: Restriction, rounds: list[Samples]
) -> None:
    found = proposer(MIXED, restriction, rounds=rounds, share=0.0).samples(range(30))
    assert found == list(draw(MIXED, restriction, 0, 2, 30))


@pytest.mark.parametrize(
    "rounds",
    [[], [known(BITS)._replace(scores=np.full(60, np.nan))], [known(BITS).where(np.arange(0))]],
    ids=["none", "failures alone", "an empty one"],
)
def test_where_nothing_is_known_all_samples_are_uniform(rounds: list[Samples]) -> None:
    found = proposer(BITS, rounds=rounds, share=1.0).samples(range(20))
    assert found == list(draw(BITS, Restriction(), 0, 2, 20))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_small_space_is_trained_once_before_anything_is_trained_twice(share: float) -> None:
    found = proposer(SMALL, rounds=[known(SMALL, 8)], share=share)
    samples = found.samples(range(12))
    assert len(samples) == 12
    assert len(set(active(SMALL, samples[:8]))) == 8
    assert found.repeated == 4


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_was_trained_in_earlier_rounds_is_not_trained_again(share: float) -> None:
    drawn = samples_of(SMALL, Restriction(), 60)
    before = list({sample.point: sample for sample in drawn}.values())[:5]
    trained = observed(before, np.arange(5.0))
    found = proposer(SMALL, rounds=[trained], share=share, trained=Seen(SMALL, [trained]))
    samples = found.samples(range(3))
    assert not set(active(SMALL, samples)) & set(active(SMALL, before))
    assert len(set(active(SMALL, samples))) == 3


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_an_exhausted_space_still_gives_as_many_samples_as_are_asked_for(share: float) -> None:
    everything = observed(samples_of(SMALL, Restriction(), 99), np.arange(99.0))
    found = proposer(SMALL, rounds=[everything], share=share, trained=Seen(SMALL, [everything]))
    samples = found.samples(range(20))
    assert [sample.trial for sample in samples] == list(range(20))
    assert len({sample.seed for sample in samples}) == 20
    assert found.repeated == 20


def test_what_a_condition_withholds_makes_no_other_configuration() -> None:
    trained = Seen(CONDITIONAL)
    base = {"kind": "z", "rate": 1, "more": True, "size": 3, "other": True, "last": False}

    def sample(**changed: object) -> Sample:
        configuration = {**base, **changed}
        point = tuple(CONDITIONAL.point(configuration).tolist())
        return Sample(0, 0, 0, point, configuration)

    trained.add(sample())
    assert sample(rate=2, more=False, other=False) in trained
    assert sample(last=True) not in trained
    again = Seen(CONDITIONAL, [observed([sample()], np.zeros(1))])
    assert sample(rate=3) in again
    assert sample(kind="x") not in again


def test_one_and_true_are_different_configurations() -> None:
    where = space(mixed={"type": "categorical", "values": [1, True, "1"]})
    trained = Seen(where, [observed(samples_of(where, Restriction(), 1), np.zeros(1))])
    contained = [Sample(0, 0, 0, (float(at),), where.decode([at])) in trained for at in range(3)]
    assert sum(contained) == 1


def clauses(where: Space, *forbidden: dict[str, object]) -> Space:
    return Space(where.parameters, forbidden)


def best_is_forbidden(where: Space) -> Samples:
    """A round that says that the forbidden corner is the best by far."""
    drawn = samples_of(where, Restriction(), 80)
    wrong = np.array([where.forbids(sample.configuration) for sample in drawn])
    return observed(drawn, np.where(wrong, 0.0, 1.0))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    "where",
    [
        clauses(MIXED, {"kind": "a", "on": True}, {"rate": {"low": 0.05}}),
        clauses(BITS, {"p0": 1}, {"p1": 1, "p2": 1}),
        clauses(CONDITIONAL, {"rate": [2, 3]}, {"kind": "z", "last": True}),
    ],
    ids=["mixed", "bits", "conditional"],
)
def test_a_forbidden_combination_is_never_proposed(where: Space, share: float) -> None:
    rounds = [best_is_forbidden(where)]
    samples = proposer(where, rounds=rounds, share=share).samples(range(100))
    assert len(samples) == 100
    assert not any(where.forbids(sample.configuration) for sample in samples)


def test_uniform_samples_are_uniform_over_what_is_allowed() -> None:
    where = clauses(bits(2), {"p0": 1, "p1": 1})
    samples = Proposer(where, Restriction(), 3, 2).samples(range(900))
    counts = np.unique([sample.point for sample in samples[3:]], axis=0, return_counts=True)[1]
    assert len(counts) == 3
    assert counts / counts.sum() == pytest.approx([1 / 3] * 3, abs=0.06)


def test_a_part_in_which_everything_is_forbidden_says_what_to_do() -> None:
    where = clauses(BITS, {"p0": 1})
    restriction = Restriction((Candidate({"p0": 1}),))
    with pytest.raises(
        HarmonicaError, match=r"forbidden: .*Edit the frozen.json of the last stage"
    ):
        proposer(where, restriction).samples(range(1))


def test_guided_samples_stay_within_what_they_are_restricted_to() -> None:
    found = proposer(MIXED, TWO, rounds=[known(MIXED)], share=1.0, within=TWO)
    for sample in found.samples(range(60)):
        assert sample.candidate in (0, 1)
        assignment = TWO.candidates[sample.candidate].assignment
        low, high = assignment["rate"]
        assert low <= sample.configuration["rate"] <= high
        assert sample.configuration["kind"] == assignment["kind"]


def test_a_guided_sample_says_which_candidate_it_agrees_with() -> None:
    samples = proposer(MIXED, TWO, rounds=[known(MIXED)], share=1.0).samples(range(200))
    for sample in samples:
        agrees = [
            assignment["rate"].low <= sample.configuration["rate"] <= assignment["rate"].high
            and sample.configuration["kind"] == assignment["kind"]
            for assignment in (candidate.assignment for candidate in TWO.candidates)
        ]
        assert sample.candidate == (agrees.index(True) if any(agrees) else -1)
    assert -1 in {sample.candidate for sample in samples}


def test_a_samples_training_has_the_seed_that_it_would_have_without_guidance() -> None:
    found = proposer(MIXED, rounds=[known(MIXED)], share=0.5).samples(range(30))
    plain = samples_of(MIXED, Restriction(), 30, 0, 2)
    assert [sample.seed for sample in found] == [sample.seed for sample in plain]
    for sample in found:
        assert MIXED.decode(sample.point) == sample.configuration


def test_seeds_and_parts_propose_independently() -> None:
    rounds = [known(MIXED)]
    found = [
        tuple(
            s.point
            for s in Proposer(MIXED, Restriction(), seed, number, rounds, 1.0).samples(range(9))
        )
        for seed in (0, 1)
        for number in (2, 3)
    ]
    assert len(set(found)) == 4
