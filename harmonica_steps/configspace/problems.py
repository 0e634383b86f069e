"""What in a file cannot be imported: all of it, as one message of bounded length."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.terminal import quoted

MOST_SHOWN = 10
"""Problems that a message lists."""

LONGEST = 240
"""Characters of each."""


def refusal(path: Path, problems: Sequence[str]) -> HarmonicaError:
    """The error about a file with problems, the first ones if there are many."""
    lines = [_clipped(problem) for problem in problems[:MOST_SHOWN]]
    if len(problems) > MOST_SHOWN:
        lines.append("and more")
    count = "a problem" if len(problems) == 1 else "problems"
    listed = "".join(f"\n  - {line}" for line in lines)
    return HarmonicaError(f"{path}: cannot be imported, it has {count}{listed}")


def some(texts: Sequence[str], most: int = 6) -> str:
    """The first of some texts, and how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def listed(values: Mapping[str, object]) -> str:
    """Names and values, shortened."""
    return some([f"{quoted(name)} = {quoted(value)}" for name, value in values.items()])


def _clipped(problem: str) -> str:
    return problem if len(problem) <= LONGEST else f"{problem[: LONGEST - 40]} ... {problem[-35:]}"
