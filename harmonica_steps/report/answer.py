"""The answer of a search, setting by setting, for the first screen of the report."""

from collections.abc import Mapping
from dataclasses import dataclass

from harmonica_steps.report.effects import shown
from harmonica_steps.report.facts import Facts
from harmonica_steps.search.draw import START
from harmonica_steps.space import Space, Value

MOST_TERMS = 8
"""More do not fit on a screen."""
MIDDLE = (1 / 3, 2 / 3)
"""The part of a range that counts as its middle."""


@dataclass(frozen=True)
class Setting:
    """A parameter of the best configuration."""

    name: str
    value: str
    before: str | None
    """Its value in the configuration to start from, else the middle of its range, if any."""
    changed: bool
    """Whether it differs from that: outside the middle third, if it is a range."""
    why: str
    """What speaks for it; empty where it is only the setting of the best training."""


@dataclass(frozen=True)
class ExplainedTerm:
    """A term with its share of the variance."""

    name: str
    share: float
    joint: bool
    """Whether it is of several parameters."""
    stage: int


def important_terms(facts: Facts) -> list[ExplainedTerm]:
    """What the stages found, stage by stage, the largest shares first; at most `MOST_TERMS`."""
    several = sum(bool(stage.terms) for stage in facts.stages) > 1
    found = [
        ExplainedTerm(
            " × ".join(term["parameters"]) + (f", stage {stage.number}" if several else ""),
            term["share"],
            len(term["parameters"]) > 1,
            stage.number,
        )
        for stage in facts.stages
        for term in sorted(stage.terms, key=lambda term: -term["share"])
    ]
    kept = sorted(found, key=lambda term: -term.share)[:MOST_TERMS]
    return [term for term in found if term in kept]


def important_parameters(facts: Facts) -> list[str]:
    """All parameters: those in terms first, by their share, then those that a stage leans on."""
    found: dict[str, float] = {}
    for stage in facts.stages:
        for term in stage.terms:
            for name in term["parameters"]:
                found[name] = found.get(name, 0.0) + term["share"]
    in_terms = sorted(found, key=lambda name: -found[name])
    known = facts.search.space.names  # a term may be of the kept candidates
    important = dict.fromkeys([*in_terms, *_reasons(facts)])
    return list(dict.fromkeys([*(name for name in important if name in known), *known]))


def best_settings(facts: Facts) -> list[Setting]:
    """The settings of the best configuration so far, those that something speaks for in front.

    Empty while no training has a metric. Parameters that are not active in it are left out.
    """
    configuration, start = facts.configuration or {}, _start(facts)
    reasons = _reasons(facts)
    found = [
        _setting(facts.search.space, name, configuration[name], start, reasons.get(name, ""))
        for name in facts.search.space.names
        if name in configuration
    ]
    order = list(reasons)
    last = len(order)
    return sorted(found, key=lambda s: (order.index(s.name) if s.why else last, not s.changed))


def _setting(
    space: Space, name: str, value: Value, start: Mapping[str, Value] | None, why: str
) -> Setting:
    if start is not None:
        before = shown(start[name]) if name in start else None
        return Setting(name, shown(value), before, before != shown(value), why)
    parameter, grid = space.parameters[name], space.grids[name]
    if parameter.numeric:
        middle, position = parameter.between(0.5), space.coordinate(name, value)
    elif parameter.ordered and len(grid) > 2:
        middle, position = grid[(len(grid) - 1) // 2], (space.level(name, value) + 0.5) / len(grid)
    else:
        return Setting(name, shown(value), None, False, why)
    low, high = MIDDLE
    return Setting(name, shown(value), shown(middle), not low <= position <= high, why)


def _start(facts: Facts) -> dict[str, Value] | None:
    """The first configuration that was named to start from, as far as it was named."""
    named = facts.search.config.start
    table = facts.parts[0].table
    if not named or table is None or START not in set(table["origin"]):
        return None
    trial = int(table.loc[table["origin"] == START, "trial"].iloc[0])
    trained = facts.search.samples(facts.parts[0].name)[trial]["configuration"]
    return {n: v for n, v in trained.items() if isinstance(named, str) or n in named[0]}


def _reasons(facts: Facts) -> dict[str, str]:
    """What speaks for settings, the strongest first: frozen, in a term, probably better."""
    found = {
        parameter.name: f"frozen in stage {parameter.stage}"
        for parameter in facts.parameters
        if parameter.stage
    }
    for stage in reversed(facts.stages):
        for entry in stage.leaning:
            found.setdefault(
                entry["parameter"],
                f"{shown(entry['towards'])} is better: {entry['probability']:.0%} sure",
            )
    return found
