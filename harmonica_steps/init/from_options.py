"""A draft for a program whose options are those of argparse."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from harmonica_steps.init.constants import Constants
from harmonica_steps.init.draft import (
    Draft,
    Settings,
    fill_space,
    set_metric,
    shown_names,
    sort_settings,
)
from harmonica_steps.init.metric import Metric, find_metrics
from harmonica_steps.init.names import REASONS
from harmonica_steps.init.options import Option, Options, read_options
from harmonica_steps.init.parsers import MAIN
from harmonica_steps.init.setting import plain_name
from harmonica_steps.init.source import Program, quoted
from harmonica_steps.init.style import Style, by_name, in_one_style, place_of, style_of

LIKELY = ("train", "fit", "run", "learn", "training", "main")
"""Names of the subcommand that trains."""

WRITES = REASONS["output"]


@dataclass
class _Reading:
    """What is known of a program while its draft is made."""

    program: Program
    options: Options
    passed: list[str]
    """Words that the user passes on to the program."""
    subcommand: str = MAIN
    usable: list[Option] = field(default_factory=list)
    """The options that the subcommand has and the user does not pass on."""


def draft_from_options(
    program: Program,
    passed: Sequence[str],
    name: str,
    known: Mapping[str, dict[str, Any]] | None = None,
) -> Draft:
    """A draft with the options of a program as parameters.

    Parameters
    ----------
    program
        The program.
    passed
        Words to pass on to it unchanged; options among them are not searched.
    name
        Of the search.
    known
        The space, if it is known: other options are not searched.
    """
    tree = program.syntax
    reading = _Reading(program, read_options(tree, Constants(tree)), list(passed))
    _choose(reading)
    draft = Draft(name, f"the options of {program.path} (argparse)")
    reading.usable = in_one_style(reading.usable)
    settings = sort_settings(reading.usable)
    if known is not None:
        _keep_known(settings, reading.usable, known)
    style = style_of(_options(settings), settings.specs, reading.subcommand)
    if style.place is None:
        _drop_switches(settings, style)
    metrics = find_metrics(tree)
    result = _result_option(reading, metrics)
    words = _command(reading, settings, style, result, draft)
    draft.objective["command"] = " ".join(words)
    fill_space(draft, settings, {o.name: style.parameter(o) for o in _options(settings)})
    if style.place and style.keys:
        draft.objective["args"] = style.keys
    to_file = "{result}" in draft.objective["command"]
    usable = (m for m in metrics if m.where == ("written" if to_file else "printed"))
    set_metric(draft, next(usable, None), str(program.path))
    _tell(draft, settings, reading)
    return draft


def has_parameters(program: Program) -> bool:
    """Whether a program has options that can be searched."""
    tree = program.syntax
    return bool(sort_settings(read_options(tree, Constants(tree)).options).parameters)


def _options(settings: Settings) -> list[Option]:
    return [setting for setting in settings.parameters if isinstance(setting, Option)]


def _choose(reading: _Reading) -> None:
    """Choose the subcommand, and the options that it can be given."""
    names = reading.options.subcommands
    passed = reading.passed
    if names and passed and passed[0] in names:
        reading.subcommand = passed.pop(0)
    elif names:
        count = {n: sum(n in o.owners for o in reading.options.options) for n in names}
        likely = [name for name in LIKELY if name in names]
        reading.subcommand = likely[0] if likely else max(names, key=lambda name: count[name])
    flags = {word.partition("=")[0] for word in passed if word.startswith("-")}
    positional = next((n for n, w in enumerate(passed) if w.startswith("-")), len(passed))
    for option in reading.options.options:
        if not option.owners & {MAIN, reading.subcommand} or flags & set(option.strings):
            continue
        if not option.flag and positional:
            positional -= 1
            continue
        reading.usable.append(option)


def _keep_known(
    settings: Settings, options: Sequence[Option], known: Mapping[str, dict[str, Any]]
) -> None:
    """Let the parameters be those of a space, whatever they are for by their names."""
    for option in options:
        entry = known.get(option.name, known.get(option.name.replace("-", "_")))
        settings.others = [found for found in settings.others if found[0] != option]
        settings.places = [found for found in settings.places if found[0] != option]
        if option in settings.parameters:
            settings.parameters.remove(option)
        if entry is None:
            continue
        settings.parameters.append(option)
        settings.specs[option.name] = entry
        settings.seed = None if option == settings.seed else settings.seed
        settings.budget = None if option == settings.budget else settings.budget


def _drop_switches(settings: Settings, style: Style) -> None:
    """Leave out the parameters that cannot be written by name."""
    for option in _options(settings):
        if by_name(option, style, settings.specs[option.name]) is None:
            settings.parameters.remove(option)
            settings.others.append((option, "a switch, which cannot be part of this command"))


def _result_option(reading: _Reading, metrics: Sequence[Metric]) -> Option | None:
    """The option that names the file with the metric."""
    for metric in metrics:
        for option in reading.usable:
            if metric.file and re.search(rf"\.{re.escape(option.dest)}\b", metric.file):
                return option
    return None


def _command(
    reading: _Reading, settings: Settings, style: Style, result: Option | None, draft: Draft
) -> list[str]:
    """The words of the command, quoted where a shell would need it."""
    places: dict[str, list[str]] = {"main": [], "subcommand": []}
    # What is known by its position comes first: an option with several values would take it.
    for option in sorted(reading.usable, key=lambda option: bool(option.flag)):
        words = _words(option, settings, style, result)
        if words is None and option.required and option not in settings.parameters:
            words = [option.flag, f"TODO-{option.name}"]
            draft.todo.append(f"objective.command: {option.shown} has to be given")
        if words:
            settings.others = [entry for entry in settings.others if entry[0] != option]
        places[place_of(option, reading.subcommand)] += filter(None, words or [])
    if style.place and settings.parameters:
        places[style.place].append("{args}")
    subcommand = [reading.subcommand] if reading.subcommand != MAIN else []
    found = [*reading.program.words, *places["main"], *subcommand, *places["subcommand"]]
    return [quoted(word) for word in (*found, *reading.passed)]


def _words(
    option: Option, settings: Settings, style: Style, result: Option | None
) -> list[str] | None:
    """An option in the command; None if it is not there."""
    if option == result:
        return [option.flag, "{result}"]
    if option == settings.seed:
        return [option.flag, "{seed}"]
    if option == settings.budget:
        return [option.flag, "{budget}"]
    if option in settings.parameters:
        return None if style.place else by_name(option, style, settings.specs[option.name])
    value = _place(option, {setting.name: place for setting, place in settings.places})
    return [option.flag, value] if value else None


def _place(option: Option, places: dict[str, str]) -> str | None:
    """Where a program is to write a file, so that trainings do not overwrite each other's."""
    if places.get(option.name) in ("workdir", "checkpoint"):
        return f"{{{places[option.name]}}}"
    writes = option.name in places or _writes(option.name)
    if option.kind != "text" or option.choices or option.problem or not writes:
        return None
    default = option.known_default
    if isinstance(default, str) and PurePath(default).suffix and "{" not in default:
        return f"{{workdir}}/{PurePath(default).name}"
    return f"{{workdir}}/{plain_name(option.name)}" if option.required else None


def _writes(name: str) -> bool:
    return any(REASONS.get(word) == WRITES for word in plain_name(name).split("_"))


def _tell(draft: Draft, settings: Settings, reading: _Reading) -> None:
    """Say what was assumed."""
    program = reading.program.path
    if reading.subcommand != MAIN:
        others = [name for name in reading.options.subcommands if name != reading.subcommand]
        more = f" (the others: {shown_names(others)})" if others else ""
        draft.assumed.append(f"{reading.subcommand} is the subcommand that trains{more}")
    if settings.seed:
        draft.assumed.append(f"{settings.seed.shown} is the seed")
    if reading.options.unread:
        lines = shown_names(map(str, reading.options.unread))
        draft.assumed.append(
            f"{program} has options whose names are known only when it runs (line {lines}); "
            "they keep their defaults"
        )
