"""The documentation as data: its pages and their code blocks."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "config/README.md")),
    *sorted(DOCS.rglob("*.md")),
]

FENCE = re.compile(
    r'^(?P<ticks>```+)(?P<language>\w*)(?: title="(?P<title>[^"]*)")?\n'
    r"(?P<text>.*?)^(?P=ticks)$",
    flags=re.M | re.S,
)


class Block(NamedTuple):
    """A fenced block of code."""

    page: str
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        """Where it is, for a test's name or message."""
        return f"{self.page}: {self.title or self.text.splitlines()[0]}"


def blocks(page: Path) -> Iterator[Block]:
    """All blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    fences = list(FENCE.finditer(text))
    # A fence that the pattern does not know would be a block that no test sees.
    assert len(re.findall(r"^```", text, flags=re.M)) == 2 * len(fences), page
    for fence in fences:
        name = page.relative_to(REPOSITORY).as_posix()
        yield Block(name, fence["language"], fence["title"] or "", fence["text"])


BLOCKS = [block for page in PAGES for block in blocks(page)]


def options_of(parser: argparse.ArgumentParser) -> dict[str, set[str]]:
    """The options of each subcommand, apart from --help."""
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: {o for a in command._actions for o in a.option_strings} - {"-h", "--help"}
        for name, command in action.choices.items()
    }
