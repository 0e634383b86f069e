"""Entries of ``stages``."""

from typing import Any

import pytest

from harmonica_steps.config import Search, parse
from harmonica_steps.errors import HarmonicaError


def with_stages(*stages: dict[str, Any]) -> Search:
    space = {"a": {"type": "bool"}, "b": {"type": "bool"}}
    return parse(
        {"search": "x", "objective": {"command": "true"}, "space": space, "stages": [*stages]}
    )


def test_a_repeated_stage_is_as_many_equal_ones() -> None:
    first, small = {"samples": 40, "sparsity": 2}, {"samples": 30, "sparsity": 3, "patience": 2}
    short = with_stages(first, {**small, "repeat": 3})
    long = with_stages(first, small, small, small)
    assert short == long
    assert short.model_dump() == long.model_dump()


def test_only_the_first_of_repeated_stages_takes_over_the_study() -> None:
    config = with_stages(
        {"samples": 40, "sparsity": 2, "repeat": 2, "study": {"path": "a.journal"}}
    )
    assert [stage.study is not None for stage in config.stages] == [True, False]


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (0, "stages.1.repeat: must be greater than or equal to 1, got 0"),
        (101, "stages.1.repeat: must be less than or equal to 100, got 101"),
        ("often", "stages.1.repeat: must be an integer, got 'often'"),
        (None, "stages.1.repeat: must be an integer, got None"),
        (2.5, "stages.1.repeat: must be an integer"),
    ],
)
def test_a_wrong_count_is_refused(count: object, message: str) -> None:
    with pytest.raises(HarmonicaError, match=message):
        with_stages({"samples": 40, "sparsity": 2, "repeat": count})


def test_mistakes_of_repeated_stages_name_the_first() -> None:
    with pytest.raises(HarmonicaError, match=r"^the configuration has a problem") as caught:
        with_stages({"samples": 5, "sparsity": 2, "repeat": 3})
    assert "stages.1.samples" in str(caught.value)
