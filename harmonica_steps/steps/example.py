"""The command of one training as an example, and what the command leaves to the program."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from harmonica_steps.config import Search
from harmonica_steps.objective.command import (
    ARGS,
    OVERRIDES,
    command_line,
    names_in,
    setting_names,
    split_command,
)
from harmonica_steps.objective.placeholders import training_values
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.search.draw import draws
from harmonica_steps.search.plan import parts
from harmonica_steps.search.restriction import Restriction

MOST_NAMED = 8
"""Settings that a sentence names."""


def example_command(search: Search, root: Path) -> str | None:
    """The command of a uniform sample of the first part, quoted for a shell.

    Parameters
    ----------
    search
        The search.
    root
        Its folder, which need not be there.

    Returns
    -------
    str or None
        None for a callable.
    """
    if search.objective.callable:
        return None
    space, first = search.build_space(), parts(search)[0]
    samples = draws(space, Restriction(), search.seed, 0, 0)
    sample = next(s for s in samples if not space.forbids(s.configuration))
    configuration = {**space.active(sample.configuration), **first.fidelity}
    work = WorkDirectory(SearchFolder(root.absolute()).work(first.name, 0))
    values = training_values({"seed": sample.seed, "budget": first.budget}, work)
    objective = search.objective.model_dump(mode="json")
    return shlex.join(command_line(objective, values, configuration, _names(search)))


def left_to_the_program(search: Search) -> Iterator[str]:
    """Sentences about what a command does not pass on, which the program must know on its own."""
    objective = search.objective
    if not objective.command:
        return
    words = split_command(objective.command)
    named = {name for word in words for name in names_in(word)}
    missing = [name for name in _names(search) if name not in named]
    if missing and named.isdisjoint(("config", ARGS[1:-1], OVERRIDES[1:-1])):
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        yield (
            f"The command does not name {', '.join(missing[:MOST_NAMED])}{more}: the program must "
            "read the JSON file $HARMONICA_CONFIG."
        )
    if "result" not in named and not objective.metric_pattern and not objective.metric_file:
        yield (
            f"The command does not name {{result}}: the program must write {objective.metric!r} "
            "to the JSON file $HARMONICA_RESULT. If it prints or logs the metric, set "
            "objective.metric_pattern or objective.metric_file."
        )


def _names(search: Search) -> list[str]:
    return setting_names(search.space, (part.fidelity for part in parts(search)))
