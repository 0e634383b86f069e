"""The pages keep to the words of the glossary, and use every one of them."""

import re
from pathlib import Path

import pytest
from docs_support import DOCS

GLOSSARY = DOCS / "glossary.md"

PAGES = [page for page in sorted(DOCS.rglob("*.md")) if page != GLOSSARY]

OTHER_WORDS = {
    r"configuration files?": "config file",
    r"the final(?! search| trainings)": "the final search",
    r"workers?": "trainings at a time, tasks",
    r"sampled configurations?": "sample",
    r"hyperparameter settings?": "setting",
}
"""Words for what the glossary calls differently, and its word."""


def prose(text: str) -> str:
    """A page without code, in one line."""
    without = re.sub(r"^```.*?^```$|`[^`]*`", " ", text, flags=re.M | re.S)
    return " ".join(without.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_page_keeps_to_the_words_of_the_glossary(page: Path) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    for pattern, word in OTHER_WORDS.items():
        found = re.search(rf".{{,30}}\b(?:{pattern})\b", text)
        assert not found, f"{found[0]}: the glossary has {word}"


def test_another_word_would_be_noticed() -> None:
    text = prose("Edit the configuration\nfile `the final`.")
    assert [p for p in OTHER_WORDS if re.search(rf"\b(?:{p})\b", text)] == ["configuration files?"]


def test_each_word_has_one_entry_and_occurs() -> None:
    entries = re.findall(r"^### (.*)$", GLOSSARY.read_text(encoding="utf-8"), flags=re.M)
    words = [word for entry in entries for word in entry.split(", ")]
    assert len(words) == len(set(words)) > 40
    everything = " ".join(page.read_text(encoding="utf-8") for page in PAGES).lower()
    assert not [word for word in words if word not in everything]
