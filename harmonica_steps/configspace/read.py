"""Reads a JSON file of ConfigSpace as sections of a config file that ``plan`` accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harmonica_steps.config import Search, parse
from harmonica_steps.configspace import entries as of
from harmonica_steps.configspace.clauses import imported_clause
from harmonica_steps.configspace.conditions import Conditions, names_in
from harmonica_steps.configspace.kinds import OURS, Only, translated
from harmonica_steps.configspace.problems import listed, refusal, some
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import parse_json, read_bytes
from harmonica_steps.space import Parameter, Value
from harmonica_steps.space.forbidden import Clause
from harmonica_steps.space.problems import Gathered
from harmonica_steps.terminal import quoted

LARGEST_FILE = 2**22
"""Bytes: a space of a thousand hyperparameters needs a tenth of them."""

_SMALLEST = {"search": "imported", "objective": {"command": "true {config}", "metric": "metric"}}
"""A configuration that lacks only its space."""


@dataclass
class Translated:
    """What a file of ConfigSpace becomes."""

    sections: dict[str, Any]
    """``space`` and, if there are any, ``forbidden``, as a configuration file spells them."""
    constants: dict[str, Value] = field(default_factory=dict)
    """Hyperparameters that always have the same value."""
    left_out: list[str] = field(default_factory=list)
    """What else is not in the sections, in words."""

    @property
    def remarks(self) -> list[str]:
        """All that is not in the sections."""
        constants = listed(self.constants)
        about = "constants (put them into the training command, or under fidelity)"
        return [*([f"{about}: {constants}"] if constants else []), *self.left_out]


def from_configspace(path: Path) -> Translated:
    """Translate a ConfigSpace JSON file into the sections ``space:`` and ``forbidden:``.

    What `to_configspace` has written comes back as it was.

    Parameters
    ----------
    path
        Written by ``ConfigSpace.ConfigurationSpace.to_json``, by version 0.4 or later.

    Raises
    ------
    HarmonicaError
        With all that has no counterpart here, such as priors that are not uniform, or that a search
        would refuse.
    """
    content = parse_json(read_bytes(path, LARGEST_FILE), path)
    if not isinstance(content, dict) or "hyperparameters" not in content:
        raise HarmonicaError(
            f"{path}: is not a ConfigSpace JSON file; it has no key hyperparameters. Give a file "
            "written by ConfigSpace's to_json."
        )
    try:
        return _translated(of.checked("", content, of.Document))
    except HarmonicaError as error:
        raise refusal(path, str(error).splitlines()) from None


def _translated(document: of.Document) -> Translated:
    reading = _Reading(document)
    reading.read_hyperparameters()
    reading.read_conditions()
    reading.read_forbidden()
    return Translated(reading.sections(), reading.constants(), reading.left_out())


class _Reading:
    """The steps of a translation, which note their problems."""

    def __init__(self, document: of.Document) -> None:
        self._document, self._problems = document, Gathered()
        self._entries: dict[str, of.AnyHyperparameter] = {}
        self._space: dict[str, dict[str, Any]] = {}
        self._only: dict[str, Any] = {}
        self._parameters: dict[str, Parameter] = {}
        self._forbidden: list[dict[str, Any]] = []
        self._named: set[str] = set()
        self._conditions = Conditions({})

    def read_hyperparameters(self) -> None:
        """Translate each, and check it as a search would."""
        conditions = self._document.conditions or []
        parent = {name for condition in conditions for name in names_in(condition, "parent")}
        for number, content in enumerate(self._document.hyperparameters, start=1):
            with self._problems.noting():
                self._read(of.place("hyperparameters", number, content), content, parent)

    def _read(self, where: str, content: object, parent: set[str]) -> None:
        name = content.get("name") if isinstance(content, dict) else None
        if isinstance(name, str):
            if name in self._named:
                raise HarmonicaError(f"{where}: duplicate name")
            self._named.add(name)
        entry = of.typed(where, content, of.HYPERPARAMETERS)
        found = translated(where, entry, entry.name in parent)
        if isinstance(found, Only):
            self._only[entry.name] = found.value
        else:
            search = _accepted({"space": {entry.name: found}})
            self._parameters[entry.name] = search.space[entry.name]
            self._space[entry.name] = found
        self._entries[entry.name] = entry

    def read_conditions(self) -> None:
        """Translate those among hyperparameters that have been read."""
        levels: dict[str, Sequence[Value] | None] = {
            name: None if parameter.numeric else parameter.grid()
            for name, parameter in self._parameters.items()
        }
        self._conditions = Conditions({**levels, **{n: (v,) for n, v in self._only.items()}})
        unread = self._unread()
        for number, content in enumerate(self._document.conditions or [], start=1):
            if unread.isdisjoint(names_in(content)):
                with self._problems.noting():
                    self._conditions.add(of.place("conditions", number, content), content)
        for name, entry in self._space.items():
            with self._problems.noting():
                if when := self._when(name):
                    entry["when"] = when

    def _when(self, name: str) -> dict[str, list[Value]]:
        """The conditions of a hyperparameter; those on a constant always hold."""
        when = self._conditions.when(name)
        for parent in [p for p in when if p in self._only]:
            if self._conditions.when(parent):
                raise HarmonicaError(
                    f"conditions of {quoted(name)}: {quoted(parent)} has one value, and conditions "
                    "of its own; name those instead"
                )
            del when[parent]
        return when

    def read_forbidden(self) -> None:
        """Translate the clauses, and check each among the parameters that have been read."""
        unread = self._unread()
        for number, content in enumerate(self._document.forbiddens or [], start=1):
            where = of.place("forbiddens", number, content)
            with self._problems.noting():
                clause = imported_clause(where, content, self._space.keys() | unread, self._only)
                if unread.isdisjoint(clause):
                    Clause.parse(clause, self._parameters, where)
                    self._forbidden.append(clause)

    def sections(self) -> dict[str, Any]:
        """The sections, checked as a search would.

        Raises
        ------
        HarmonicaError
            With a line for every problem that was noted.
        """
        self._problems.raise_them()
        found: dict[str, Any] = {"space": self._space}
        if self._forbidden:
            found["forbidden"] = self._forbidden
        _accepted(found)
        return found

    def _unread(self) -> set[str]:
        """Hyperparameters with a problem: what names them cannot be checked."""
        return self._named - self._entries.keys()

    def constants(self) -> dict[str, Value]:
        """The hyperparameters with only one value in all configurations, and that value."""
        return {
            name: value
            for name, value in self._only.items()
            if isinstance(value, bool | int | float | str) and not self._conditions.when(name)
        }

    def left_out(self) -> list[str]:
        """What else was in the file and is not in the sections."""
        entries, constants = self._entries.values(), self.constants()
        others = {n: value for n, value in self._only.items() if n not in constants}
        defaults = {e.name: e.given_default for e in entries if e.name in self._space}
        given = {name: value for name, value in defaults.items() if value is not None}
        noted = [quoted(entry.name) for entry in entries if _foreign(entry.meta)]
        name = self._document.name
        found = {
            "conditional constants and those that are neither a number nor text": listed(others),
            "default values (to train them first, write them under start)": listed(given),
            "meta": some(noted),
            "the name of the space": quoted(name) if name else "",
        }
        return [f"{what}: {values}" for what, values in found.items() if values]


def _accepted(sections: Mapping[str, Any]) -> Search:
    """A search in a space.

    Raises
    ------
    HarmonicaError
        With a line for every problem that `plan` would name.
    """
    try:
        return parse({**_SMALLEST, **sections})
    except HarmonicaError as error:
        heading, *problems = str(error).split("\n  - ")
        raise HarmonicaError("\n".join(problems or [heading])) from None


def _foreign(meta: Any) -> bool:
    """Whether a hyperparameter has notes of others."""
    return bool(meta.keys() - {OURS}) if isinstance(meta, dict) else meta is not None
