"""Names cut for their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonica_steps.report.labels import cut, labels

LONG = [f"model.encoder.layers.{i:03d}.attention.projection_dropout_rate" for i in range(300)]
NAMES = st.lists(st.text(max_size=90), max_size=20)


@given(st.text(), st.integers(8, 60))
def test_a_cut_name_fits_and_keeps_both_ends(name: str, longest: int) -> None:
    found = cut(name, longest)
    assert len(found) <= longest
    assert "\n" not in found
    if found != " ".join(name.splitlines()):
        assert "…" in found


@given(NAMES, st.integers(8, 60))
def test_labels_are_all_different(names: list[str], longest: int) -> None:
    found = labels(names, longest)
    assert len(found) == len(names)
    assert len(set(found)) == len(found) or any(" (" in name for name in names)


@given(NAMES)
def test_labels_do_not_depend_on_the_order_of_the_names(names: list[str]) -> None:
    names = list(dict.fromkeys(names))
    there = dict(zip(names, labels(names), strict=True))
    back = dict(zip(names[::-1], labels(names[::-1]), strict=True))
    assert there == back


@pytest.mark.parametrize("longest", [13, 16, 24, 30, 40])
def test_they_keep_what_tells_names_apart(longest: int) -> None:
    for name, label in zip(LONG, labels(LONG, longest), strict=True):
        assert len(label) <= longest
        number = name.split(".")[3]
        assert number in label


def test_short_names_stay_as_they_are() -> None:
    assert labels(["a", "b", "learning_rate"]) == ["a", "b", "learning_rate"]


def test_what_is_alike_is_numbered() -> None:
    assert labels(["1", "1", "x"]) == ["1 (1)", "1 (2)", "x"]
