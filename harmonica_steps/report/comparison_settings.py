"""The best configurations of several searches, side by side, and how the searches were set up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harmonica_steps.report.comparison import Compared, Comparison
from harmonica_steps.report.comparison_findings import FoundRow, differ
from harmonica_steps.report.effects import shown
from harmonica_steps.space.kind_base import same_value

CLOSE = 0.1
"""Share of a range: numbers that are nearer to each other than this are close."""

DIFFERS, NEAR, EQUAL, APART = "differs", "close", "equal", "apart"

MOST_KEYS = 200
"""Most keys listed of those in which the configurations differ."""

_NOT_SET_UP = ("search", "results", "space", "forbidden")
"""Sections that are shown elsewhere, or in which any two searches differ."""


@dataclass(frozen=True)
class SettingRow:
    """A parameter in the best configurations."""

    name: str
    values: list[str]
    """One per search, in words where it has none."""
    verdict: str
    """differs, close, equal or apart (not in two of the spaces)."""
    supported: bool
    """Whether a search has found which setting is better."""


def setting_rows(comparison: Comparison, found: Sequence[FoundRow]) -> list[SettingRow]:
    """All parameters, in the order of what was found; empty without two results."""
    searches = comparison.searches
    if sum(search.answer is not None for search in searches) < 2:
        return []
    return [
        SettingRow(
            row.name,
            [_shown(search, row.name) for search in searches],
            _verdict(searches, row.name),
            any(finding.settled for finding in row.findings),
        )
        for row in found
    ]


def _shown(search: Compared, name: str) -> str:
    if name not in search.facts.search.space.parameters:
        return "not in its space"
    if search.answer is None:
        return "no result yet"
    configuration = search.answer.configuration
    return shown(configuration[name]) if name in configuration else "not active"


def _verdict(searches: Sequence[Compared], name: str) -> str:
    known = [
        (search.facts.search.space, search.answer.configuration)
        for search in searches
        if search.answer and name in search.facts.search.space.parameters
    ]
    if len(known) < 2:
        return APART
    values = [configuration[name] for _, configuration in known if name in configuration]
    if values and len(values) < len(known):
        return DIFFERS
    if all(same_value(value, values[0]) for value in values):
        return EQUAL
    spaces = [space for space, _ in known]
    if spaces[0].parameters[name].numeric and not differ(name, spaces):
        at = [spaces[0].coordinate(name, value) for value in values]
        return NEAR if max(at) - min(at) < CLOSE else DIFFERS
    return DIFFERS


@dataclass(frozen=True)
class ConfigurationRow:
    """A key of the configuration that is not the same everywhere."""

    key: str
    values: list[str]


def configuration_rows(comparison: Comparison) -> list[ConfigurationRow]:
    """Every key that differs, at most `MOST_KEYS`; without the space, see `found_rows`."""
    flat = []
    for search in comparison.searches:
        content = search.facts.search.config.model_dump(mode="json")
        flat.append(
            dict(_flat({k: v for k, v in content.items() if k not in _NOT_SET_UP}))
            | {"space": f"{len(search.facts.search.space)} parameters"}
            | {"forbidden": f"{len(search.facts.search.space.forbidden)} combinations"}
        )
    keys = sorted(
        {key for one in flat for key in one if all(_numbered(key) <= one.keys() for one in flat)}
    )
    rows = [ConfigurationRow(key, [one.get(key, "") for one in flat]) for key in keys]
    return [row for row in rows if len(set(row.values)) > 1][:MOST_KEYS]


def _numbered(key: str) -> set[str]:
    """The elements of lists that a key is in: one that not all lists have says nothing new."""
    words = key.split(".")
    return {".".join(words[: i + 1]) for i, word in enumerate(words[:-1]) if word.isdecimal()}


def _flat(content: Any, key: str = "") -> list[tuple[str, str]]:
    """The keys of nested mappings, joined by dots; the elements of lists are numbered from 1."""
    if isinstance(content, Mapping) and content:
        below = [(str(name), value) for name, value in content.items()]
    elif isinstance(content, list) and any(isinstance(entry, Mapping) for entry in content):
        below = [(str(number), entry) for number, entry in enumerate(content, start=1)]
        found = [(key, f"{len(content)}"), *((f"{key}.{number}", "") for number, _ in below)]
        return [*found, *(line for n, entry in below for line in _flat(entry, f"{key}.{n}"))]
    elif isinstance(content, list):
        return [(key, ", ".join(map(shown, content)))]
    else:
        return [(key, "none" if content is None or content == {} else shown(content))]
    return [
        found for name, value in below for found in _flat(value, f"{key}.{name}" if key else name)
    ]
