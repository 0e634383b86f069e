"""Sources and pages avoid phrases that a native engineer stumbles over.

Code is exempt: `code` in a line, blocks of code in a page, and what is neither text nor comment.
"""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator

import pytest
from docs_support import REPOSITORY

PHRASES = {
    r"(?<!there )(?:is|are) no (?!longer|better|worse|more|less|fewer)": "is not a, or: are not",
    r"by (?:itself|themselves)": "on its own, or: automatically",
    r"beside (?:the|its?|a|each|others?|those|what)\b": "next to, or: in addition to",
    r"mend(?:s|ed|ing)?": "fix",
    r"anew": "again, or: from scratch",
    r"as of now": "now, or: so far",
    r"abreast": "in parallel",
    r"by and by": "later, or: gradually",
    r"once more": "again",
    r"in the manner of": "following",
    r"last(?: \w+)? but one": "second to last",
    r"(?:says?|said) so": "what is said, e.g.: reports that nothing was found",
    r"(?:goes|went|go|going) on(?! to)": "continue, or: resume",
    r"(?:is|was|are|were|be) told": "is given, or: is informed",
    r"how far (?:it|he|they|the|a|each)\b[\w ]* (?:is|are)": "progress",
    r"(?:a|the) page asks for nothing": "the page makes no requests",
    r"or not at all\b": "or leave it out",
    r"type the same command": "rerun the same command",
    r"run the same command again": "rerun the same command",
    r"there twice": "duplicate",
    r"not the right way": "the wrong direction",
    r"let others": "release",
    r"commonest": "most common",
}
"""What not to write, and what to write instead."""

SUFFIXES = (".py", ".md", ".j2", ".rst", ".smk", ".yaml", ".toml")

ELSEWHERE = ("tests/", "benchmarks/", "docs/hooks/")
"""Not for users: tests quote what they look for, and benchmarks are notes."""

WORDS = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}

CODE = re.compile(r"``.*?``|`[^`]*`|\{[{%#]?[^{}]*\}")


def sources() -> Iterator[str]:
    """The tracked files with words for users, and those that explain the code."""
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone")
    for name in listed.stdout.splitlines():
        inside = name.startswith(ELSEWHERE) or "/tests/" in name
        if name.endswith(SUFFIXES) and not inside and (REPOSITORY / name).is_file():
            yield name


def prose(name: str, text: str) -> list[str]:
    """The lines of a file without code: of a program, its comments and texts."""
    if name.endswith(".md"):
        text = re.sub(r"^```.*?^```$", lambda m: "\n" * m[0].count("\n"), text, flags=re.M | re.S)
    elif name.endswith(".py"):
        lines = [""] * text.count("\n")
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in WORDS:
                for number, line in enumerate(token.string.splitlines(), token.start[0] - 1):
                    lines[number] += f" {line}"
        text = "\n".join(lines)
    return [CODE.sub(" ", line) for line in text.split("\n")]


def found_in(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Line, words and replacement of each phrase, also of one that a line break divides."""
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        joined = re.sub(r"[\s#\"']+", " ", f"{line}\0 {after}").strip()
        end = joined.find("\0")
        for phrase, instead in PHRASES.items():
            for match in re.finditer(rf"\b(?:{phrase})", joined.replace("\0", ""), flags=re.I):
                if match.start() < end:
                    yield number + 1, match[0], instead


def test_sources_and_pages_are_in_plain_english() -> None:
    wrong = [
        f"{name}:{line}: {words!r}; write: {instead}"
        for name in sources()
        for line, words, instead in found_in(
            prose(name, (REPOSITORY / name).read_text(encoding="utf-8"))
        )
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"x is no number"\n', ["is no "]),
        ('"there is no file"\n', []),
        ('"it is no longer there"\n', []),
        ("# the best are trained once\n    # more\n", ["once more"]),
        ('"""The search `goes on` here."""\n', []),
        ('("x is told "\n "twice")\n', ["is told"]),
        ("abreast = 3\n", []),
    ],
)
def test_a_phrase_is_noticed_where_it_is_not_code(text: str, expected: list[str]) -> None:
    assert [words for _, words, _ in found_in(prose("a.py", text))] == expected


def test_a_block_of_code_in_a_page_is_exempt() -> None:
    page = "Some words.\n```\nit goes on\n```\nIt goes on.\n"
    assert [line for line, _, _ in found_in(prose("a.md", page))] == [5]
