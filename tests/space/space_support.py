"""Hypothesis strategies for every valid search space."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from harmonica_steps.space import Parameter, Space
from harmonica_steps.space.numbers import NUMBER

PARAMETER = TypeAdapter(Parameter)

# A busy machine is slow now and then, which is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

values = st.one_of(
    st.booleans(),
    st.integers(-1000, 1000),
    st.floats(-1e6, 1e6).map(lambda v: v + 0.5 if v.is_integer() else v),
    st.text(max_size=5).filter(lambda text: not NUMBER.fullmatch(text)),
)


def parameter(**content: object) -> BaseModel:
    """A parameter as a configuration file spells it."""
    return PARAMETER.validate_python(content)


def space(**entries: dict[str, object]) -> Space:
    """A space as a configuration file spells it."""
    return Space({name: parameter(**entry) for name, entry in entries.items()})


@st.composite
def listed(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(["categorical", "ordinal"]))
    unique = st.lists(values, min_size=2, max_size=6, unique_by=lambda v: (type(v), v))
    return {"type": kind, "values": draw(unique)}


@st.composite
def integers(draw: st.DrawFn) -> dict[str, object]:
    log = draw(st.booleans())
    low = draw(st.integers(1 if log else -50, 50))
    width = draw(st.integers(1, 15))
    levels = draw(st.none() | st.integers(2, width + 1)) if not log else None
    return {"type": "int", "low": low, "high": low + width, "log": log, "levels": levels}


@st.composite
def floats(draw: st.DrawFn) -> dict[str, object]:
    log = draw(st.booleans())
    low = draw(st.floats(1e-8, 10) if log else st.floats(-1e4, 1e4))
    high = low * draw(st.floats(1.5, 1e6)) if log else low + draw(st.floats(1e-3, 1e4))
    levels = draw(st.integers(2, 12))
    return {"type": "float", "low": low, "high": high, "log": log, "levels": levels}


entries = st.one_of(st.just({"type": "bool"}), listed(), integers(), floats())


@st.composite
def points(draw: st.DrawFn, where: Space) -> np.ndarray:
    """Coordinates of a configuration."""
    positions = st.floats(0, 1, exclude_max=True)
    return np.array(
        [
            draw(positions if numeric else st.integers(0, int(size) - 1))
            for numeric, size in zip(where.numeric, where.sizes, strict=True)
        ],
        dtype=float,
    )


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """One to six parameters; each may have conditions on those before it that list values."""
    built: dict[str, BaseModel] = {}
    for number, entry in enumerate(draw(st.lists(entries, min_size=1, max_size=6))):
        listing = sorted(name for name in built if not built[name].numeric)
        parents = draw(st.sets(st.sampled_from(listing), max_size=2)) if listing else set()
        when = {}
        for parent in sorted(parents):
            allowed = st.sampled_from(built[parent].grid())
            when[parent] = draw(allowed | st.lists(allowed, min_size=1, max_size=3))
        built[f"p{number}"] = parameter(**entry, when=when)
    names = draw(st.permutations(sorted(built)))
    return Space({name: built[name] for name in names})
