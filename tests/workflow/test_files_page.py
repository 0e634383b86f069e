"""The files of a search are those that docs/reference/results.md lists, and no others."""

import re
from pathlib import Path

import pytest
from tiny_search import TinySearch

from harmonica_steps.cli import main

PAGE = Path(__file__).parents[2] / "docs/reference/results.md"

PLACES = {"<part>": r"(?:stage-\d+|final/rung-\d+)", "<stage>": r"stage-\d+", "NNNN": r"\d{4}"}
HIDDEN = re.compile(r"figures/\.snakemake_timestamp")
"""Snakemake's own."""


def listed(*titles: str) -> list[re.Pattern[str]]:
    """Patterns of the files in the tables of some sections."""
    sections = dict(
        section.split("\n", 1) for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    )
    found = []
    for title in titles:
        table = next(t for t in sections[title].split("\n\n") if t.lstrip().startswith("| file |"))
        for row in re.findall(r"^\| (`.*?) \|", table, flags=re.M):
            for name in re.findall(r"`([^`]+)`", row):
                pattern = re.escape(name).replace(r"\*", "[^/]+")
                for place, expression in PLACES.items():
                    pattern = pattern.replace(re.escape(place), expression)
                found.append(re.compile(pattern))
    assert found
    return found


def test_the_files_of_a_search_are_listed_and_are_there(finished: TinySearch) -> None:
    names = [path.relative_to(finished.root).as_posix() for path in finished.root.rglob("*")]
    patterns = listed("Of the search", "Of a part", "Of a stage")
    files = [name for name in names if (finished.root / name).is_file()]
    unlisted = [n for n in files if not any(p.fullmatch(n) for p in patterns)]
    # What the program of these tests keeps is in its folder for checkpoints.
    assert not [n for n in unlisted if not (HIDDEN.fullmatch(n) or "/checkpoint/" in n)]
    # This program is a callable, and writes its result as any other.
    assert not [p.pattern for p in patterns if not any(p.fullmatch(n) for n in names)]


def test_the_files_that_are_asked_for_are_made(
    finished: TinySearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished.folder)
    root = "results/tiny"
    assert main(["export", root]) == 0
    assert main(["export", root, "--format", "csv"]) == 0
    assert main(["export", root, "--format", "configspace"]) == 0
    assert main(["archive", root, "stage-1"]) == 0
    assert main(["retry", root, "stage-1", "--trials", "3"]) == 0
    names = {path.relative_to(finished.root).as_posix() for path in finished.root.rglob("*")}
    for pattern in listed("When you ask for them"):
        name = pattern.pattern.removesuffix("/")
        assert any(re.search(rf"(?:^|/){name}$", n) for n in names), name
