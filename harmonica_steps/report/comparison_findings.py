"""Parameter by parameter: where searches have found the same, and where they disagree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from harmonica_steps.report.comparison import Compared, Comparison
from harmonica_steps.report.effects import shown
from harmonica_steps.report.facts import Facts
from harmonica_steps.space import Assigned, Interval, Space
from harmonica_steps.space.kind_base import same_value

AGREE, DISAGREE, ONE, NONE = "agree", "disagree", "one", "none"


@dataclass(frozen=True)
class Finding:
    """What a search has found about a parameter."""

    kind: str
    """frozen, narrowed, leans, free or absent."""
    settings: tuple[Assigned, ...] = ()
    """What it is restricted to or leans towards; several where the kept candidates differ."""
    allowed: tuple[Assigned, ...] = ()
    """The same, value by value where the parameter lists its values."""
    stage: int | None = None
    by_hand: bool = False
    probability: float | None = None
    share: float | None = None
    """Share of the variance that its terms explain, in the stage in which they explain most."""

    @property
    def settled(self) -> bool:
        """Whether it says which setting is better."""
        return bool(self.settings)

    @property
    def words(self) -> str:
        """The settings, for people."""
        return " or ".join(dict.fromkeys(map(shown, self.settings)))

    def allows(self, other: "Finding") -> bool:
        """Whether there is a setting that both would take."""
        return any(_overlap(a, b) for a in self.allowed for b in other.allowed)


@dataclass(frozen=True)
class FoundRow:
    """A parameter, search by search."""

    name: str
    findings: list[Finding]
    verdict: str
    """agree, disagree, one (only one search has found anything) or none."""
    said: str
    """The same in words."""
    ranges_differ: bool
    """Whether the spaces do not give it the same settings."""

    @property
    def share(self) -> float:
        """The largest share of the variance."""
        return max(finding.share or 0.0 for finding in self.findings)

    @property
    def everywhere(self) -> bool:
        """Whether it is in all spaces."""
        return all(finding.kind != "absent" for finding in self.findings)


def found_rows(comparison: Comparison) -> list[FoundRow]:
    """All parameters of all spaces, those that explain most in front."""
    searches = comparison.searches
    spaces = [search.facts.search.space for search in searches]
    found = [_findings(search.facts) for search in searches]
    names = dict.fromkeys(name for space in spaces for name in space.names)
    absent = Finding("absent")
    rows = [
        _row(name, [one.get(name, absent) for one in found], searches, differ(name, spaces))
        for name in names
    ]
    return sorted(rows, key=_order)


def differ(name: str, spaces: Sequence[Space]) -> bool:
    """Whether spaces that have a parameter define it in different ways."""
    kinds = [space.parameters[name] for space in spaces if name in space.parameters]
    return any(kind != kinds[0] for kind in kinds)


def _row(
    name: str, findings: list[Finding], searches: Sequence[Compared], ranges_differ: bool
) -> FoundRow:
    settled = [finding for finding in findings if finding.settled]
    if not settled:
        verdict, said = NONE, "none"
    elif len(settled) == 1:
        only = next(s for s, f in zip(searches, findings, strict=True) if f.settled)
        verdict, said = ONE, f"only {only.short}"
    elif all(a.allows(b) for a, b in combinations(settled, 2)):
        every = len(settled) == len(findings)
        verdict, said = AGREE, "agree" if every else f"{len(settled)} of {len(findings)} agree"
    else:
        verdict, said = DISAGREE, "disagree"
    return FoundRow(name, findings, verdict, said, ranges_differ)


def _order(row: FoundRow) -> tuple[int, float, float, list[tuple[int, str]], str]:
    """Most searches first, then the largest share, then the surest, then by name: x2 before x10."""
    settled = sum(finding.settled for finding in row.findings)
    sure = max(1.0 if f.settled and not f.probability else f.probability or 0 for f in row.findings)
    by_name = [
        (len(word) if word.isdigit() else 0, word) for word in re.split("([0-9]+)", row.name)
    ]
    return -settled, -row.share, -sure, by_name, row.name


def _findings(facts: Facts) -> dict[str, Finding]:
    shares = _shares(facts)
    leaning = {
        entry["parameter"]: (stage.number, entry)
        for stage in facts.stages
        for entry in stage.leaning
    }
    found = {}
    for parameter in facts.parameters:
        name, share = parameter.name, shares.get(parameter.name)
        assigning = [s.restriction for s in facts.stages if name in s.restriction.assigned]
        if assigning and parameter.stage:
            last = assigning[-1]
            kept = [candidate.assignment[name] for candidate in last.candidates]
            found[name] = Finding(
                "narrowed" if name in last.narrowed else "frozen",
                tuple(kept),
                stage=parameter.stage,
                by_hand=parameter.why == "frozen by hand",
                share=share,
            )
        elif name in leaning:
            stage, entry = leaning[name]
            towards = entry["towards"]
            setting = Interval(**towards) if isinstance(towards, dict) else towards
            found[name] = Finding(
                "leans", (setting,), stage=stage, probability=entry["probability"], share=share
            )
        else:
            found[name] = Finding("free", share=share)
    space = facts.search.space
    return {
        name: replace(one, allowed=tuple(v for s in one.settings for v in _listed(space, name, s)))
        for name, one in found.items()
    }


def _shares(facts: Facts) -> dict[str, float]:
    """The largest share of the variance that the terms with a parameter explain in a stage."""
    found: dict[str, float] = {}
    for stage in facts.stages:
        here: dict[str, float] = {}
        for term in stage.terms:
            for name in term["parameters"]:
                here[name] = here.get(name, 0.0) + term["share"]
        found |= {name: max(share, found.get(name, 0.0)) for name, share in here.items()}
    return found


def _listed(space: Space, name: str, assigned: Assigned) -> tuple[Assigned, ...]:
    """The values of an interval of a parameter that lists its values; else what is assigned."""
    if not isinstance(assigned, Interval) or space.parameters[name].numeric:
        return (assigned,)
    low, high = (space.level(name, end) for end in assigned)
    return space.grids[name][low : high + 1]


def _overlap(one: Assigned, other: Assigned) -> bool:
    """Whether two settings have more in common than an end."""
    if not isinstance(one, Interval):
        one, other = other, one
    if not isinstance(one, Interval):
        return same_value(one, other)
    ends = other if isinstance(other, Interval) else (other, other)
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in (*one, *ends)):
        return False  # a number in one space, a list in the other
    low, high = max(one.low, ends[0]), min(one.high, ends[1])
    return low < high or (low == high and ends[0] == ends[1])  # type: ignore[operator]
