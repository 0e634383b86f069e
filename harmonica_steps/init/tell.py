"""What ``harmonica init`` says at the end."""

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harmonica_steps.init.draft import Draft
from harmonica_steps.init.sizes import training_count
from harmonica_steps.init.write import one_line, printable
from harmonica_steps.terminal import say

WIDTH = 98

NEXT = (
    ("plan", "check it, and show what the search will do and cost"),
    ("try", "run one training as a check"),
    ("run", "the search"),
)


def tell(draft: Draft, content: dict[str, Any], path: Path) -> None:
    """Print what a config file holds, what was assumed, and what to do next."""
    for line in lines(draft, content, path):
        say(line)


def lines(draft: Draft, content: dict[str, Any], path: Path) -> Iterator[str]:
    """What `tell` prints."""
    count, trainings = len(content["space"]), training_count(content["stages"], content["final"])
    plural = "s" if count > 1 else ""
    yield (
        f"{path}: {count} parameter{plural} from {one_line(draft.about)}; up to {trainings} "
        "trainings"
    )
    yield from _section("assumed", draft.assumed)
    yield from _section("not searched", [f"{r.name}: {r.text}" for r in draft.left_out])
    yield from _section("TODO: fill in", draft.todo)
    yield ""
    yield "next"
    file = shlex.quote(str(path))
    for command, text in NEXT:
        yield f"  {f'harmonica {command} {file}':<{len(file) + 17}} {text}"


def _section(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield ""
        yield title
        for entry in entries:
            yield from _entry(entry)


def _entry(text: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
