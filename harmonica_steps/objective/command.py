"""The command of a training: placeholders in, words and environment variables out."""

import re
import shlex
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.arguments import STYLE, flags, overrides, text
from harmonica_steps.terminal import quoted

ARGS, OVERRIDES = "{args}", "{overrides}"
"""Words that become several: all settings as flags, or as overrides of Hydra."""

NAME = re.compile(r"[A-Za-z_][\w.-]*")
"""What looks like a name, so that in braces it is a placeholder."""

_BRACES = re.compile(r"\{\{([^{}]+)\}\}|(?<!\$)\{([^{}]+)\}")
"""A name for the program itself (in double braces), or a placeholder. ``${x}`` is a shell's."""

_OPTION = re.compile(r"--?[A-Za-z][\w.-]*")
"""An option without a value of its own."""


CALL = "harmonica_steps.objective.call"
"""Puts the folder of the training first in the path, but not before it has loaded what it needs."""


def split_command(command: str) -> list[str]:
    """Split a command as a shell would, without running one."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise HarmonicaError(
            f"objective.command: {quoted(command, 500)} cannot be read: {error}."
        ) from None


def setting_names(space: Iterable[str], fidelities: Iterable[Mapping[str, object]]) -> list[str]:
    """The names of all settings that a training may have.

    Parameters
    ----------
    space
        The parameters.
    fidelities
        The fixed settings of each part.

    Returns
    -------
    list of str
        In the order of the configuration.
    """
    return list(dict.fromkeys([*space, *(name for fixed in fidelities for name in fixed)]))


def command_line(
    objective: Mapping[str, Any],
    values: Mapping[str, str],
    configuration: Mapping[str, object],
    names: Collection[str],
) -> list[str]:
    """The argument vector of a training.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.
    values
        As `training_values` returns them.
    configuration
        The training's settings.
    names
        Of all settings that some training may have, see `setting_names`. Words that name one which
        this training does not have are left out, each with the option before it.

    Raises
    ------
    HarmonicaError
        When the command cannot be split into words.
    """
    if objective["callable"]:
        return [sys.executable, "-P", "-m", CALL, objective["callable"]]
    settings = {name: configuration[name] for name in names if name in configuration}
    texts = {**{name: text(value) for name, value in settings.items()}, **values}
    absent = set(names) - set(texts)
    words = split_command(objective["command"])
    argv: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if word == ARGS:
            argv += flags(settings, objective.get("args") or STYLE)
        elif word == OVERRIDES:
            argv += overrides(settings)
        elif absent.isdisjoint(names_in(word)):
            argv.append(_fill(word, texts))
        elif is_option(before) and not word.startswith("-") and not _has_own_key(word):
            argv.pop()
    return argv


def names_in(word: str) -> list[str]:
    """The contents of all single braces in a word: names of placeholders, or the program's own."""
    return [found[2] for found in _BRACES.finditer(word) if found[2]]


def is_option(word: str) -> bool:
    """Whether a word is an option that expects its value, if any, in the next word."""
    return _OPTION.fullmatch(word) is not None


def can_be_left_out(before: str, word: str) -> bool:
    """Whether a word with a placeholder can be left out and what remains is clear.

    So it is with ``--rate {rate}``, ``--rate={rate}`` and ``rate={rate}``, but not with an
    argument that is known by its position, a word that has other placeholders, or a script.

    Parameters
    ----------
    before
        The word before it.
    word
        The word.
    """
    if len(names_in(word)) > 1 or re.search(r"\s", _BRACES.sub("", word)):
        return False
    # In `--set rate={rate}` the option would be left without a value.
    return is_option(before) != _has_own_key(word) or word.startswith("-")


def _has_own_key(word: str) -> bool:
    """Whether a word is ``key={rate}``, and not the value of an option before it."""
    key, equals, _ = word.partition("=")
    return bool(equals) and "{" not in key


def _fill(word: str, texts: Mapping[str, str]) -> str:
    def filled(found: re.Match[str]) -> str:
        doubled, name = found.groups()
        if doubled:
            is_name = doubled in texts or NAME.fullmatch(doubled)
            return f"{{{doubled}}}" if is_name else found[0]
        return texts.get(name, found[0])

    return _BRACES.sub(filled, word)
