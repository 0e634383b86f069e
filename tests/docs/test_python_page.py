"""The page about Python: its examples run, one after another, and show what it says."""

import doctest
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_support import DOCS, blocks

from tests.report.report_support import run_search

PAGE = DOCS / "reference/python.md"


def metric(configuration: dict[str, Any], budget: float, noise: float) -> float:
    """Single effects, and less noise at a larger budget."""
    wrong = 0.5 * (configuration["optimiser"] == "sgd") + 0.5 * abs(configuration["layers"] - 3)
    return wrong + 2 * abs(configuration["rate"] - 0.1) + noise / 4 / budget


def test_the_examples_run_and_show_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (config,) = (block for block in blocks(PAGE) if block.language == "yaml")
    Path(config.title).write_text(config.text)
    run_search(Path("results/mine"), yaml.safe_load(config.text), metric)
    text = "\n".join(block.text for block in blocks(PAGE) if block.language == "pycon")
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(
        examples, out=said.append
    )
    assert not failed, "".join(said)
    assert tried > 20


def test_what_the_examples_import_is_in_the_reference() -> None:
    generated = importlib.import_module("docs.hooks.generated")
    reference = generated.python()
    text = PAGE.read_text(encoding="utf-8")
    imports = re.findall(r"^>>> (from harmonica_steps\S* import) (.*)$", text, flags=re.M)
    assert imports
    for start, names in imports:
        for name in names.split(", "):
            assert f"`{start} {name}`" in reference
            exec(f"{start} {name}", {})


def test_every_import_of_the_reference_works() -> None:
    generated = importlib.import_module("docs.hooks.generated")
    statements = re.findall(r"^`(from \S+ import \w+)`$", generated.python(), flags=re.M)
    assert len(statements) == len(generated.PUBLIC)
    for statement in statements:
        exec(statement, {})
