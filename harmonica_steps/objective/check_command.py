"""Whether the placeholders of a command exist, and can be filled in for every training."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from itertools import pairwise

from harmonica_steps.errors import MOST_COMPARED, HarmonicaError
from harmonica_steps.objective.command import (
    ARGS,
    NAME,
    OVERRIDES,
    can_be_left_out,
    names_in,
    split_command,
)
from harmonica_steps.objective.placeholders import PLACEHOLDERS
from harmonica_steps.terminal import quoted

MOST_SHOWN = 20
"""Names of parameters that a message lists."""


def check_placeholders(command: str, names: Sequence[str], optional: Collection[str]) -> None:
    """Refuse a command with a placeholder that does not exist or cannot be filled in.

    Braces around anything but a name are left to the program, e.g. JSON or ``awk '{print $1}'``;
    a name in braces that is meant for it is written ``{{name}}``.

    Parameters
    ----------
    command
        The command.
    names
        Of all settings that some training may have.
    optional
        Those of them that some trainings do not have.

    Raises
    ------
    HarmonicaError
        With what exists, or how to write it.
    """
    for before, word in pairwise(["", *split_command(command)]):
        if word in (ARGS, OVERRIDES):
            continue
        for content in names_in(word):
            _check_exists(content, names)
            if f"{{{content}}}" in (ARGS, OVERRIDES):
                _refuse_part_of_a_word(content, word)
            is_own = content in optional and content not in PLACEHOLDERS
            if is_own and not can_be_left_out(before, word):
                raise HarmonicaError(
                    f"objective.command: not every training has {quoted(content)}, and from "
                    f"{quoted(word)} it cannot be left out. Write --option {{{content}}}, "
                    f"--option={{{content}}} or key={{{content}}}, or give all "
                    f"settings as {ARGS} or {OVERRIDES}."
                )


def _check_exists(content: str, names: Sequence[str]) -> None:
    known = [*PLACEHOLDERS, ARGS[1:-1], OVERRIDES[1:-1], *names]
    if content in known or not (NAME.fullmatch(content) or content.strip() in known):
        return
    content = content[:60]
    close = get_close_matches(content.strip(), known[:MOST_COMPARED], n=1)
    meant = f", did you mean {{{close[0]}}}?" if close else "."
    more = ", ..." if len(names) > MOST_SHOWN else ""
    listed = ", ".join(f"{{{name[:40]}}}" for name in known[: len(known) - len(names) + MOST_SHOWN])
    raise HarmonicaError(
        f"objective.command: unknown placeholder {{{content}}}{meant} The placeholders are "
        f"{listed}{more}. "
        f"To pass the program a literal {{{content}}}, write {{{{{content}}}}}."
    )


def _refuse_part_of_a_word(content: str, word: str) -> None:
    raise HarmonicaError(
        f"objective.command: {{{content}}} becomes several words, so it must be a word of its own, "
        f"not a part of {quoted(word)}. For a shell: sh -c 'train \"$@\"' sh {{{content}}}"
    )
