"""Every program of the page about programs is trained with the configuration below it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_support import DOCS, Block, blocks
from trained import train_first

FINAL = {"optimiser": "random", "configurations": 1, "budget": 3}


def recipes() -> list[tuple[Block, Block]]:
    """Each configuration, and the last program before it."""
    found, program = [], None
    for block in blocks(DOCS / "how-to/program.md"):
        if block.language == "yaml":
            assert program
            found.append((program, block))
        elif "." in block.title:
            program = block
    return found


@pytest.mark.parametrize(("program", "fragment"), recipes(), ids=str)
def test_the_program_is_trained_as_it_is(
    program: Block, fragment: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(program.title).write_text(program.text)
    content: dict[str, Any] = yaml.safe_load(fragment.text)
    record, log = train_first({"search": "recipe", "final": FINAL, **content})
    assert record["status"] == "ok", log


def test_each_kind_of_program_is_there() -> None:
    words = " ".join(fragment.text for _, fragment in recipes())
    kinds = ("{args}", "{overrides}", "{config}", "callable", "metric_pattern", "metric_file")
    assert all(kind in words for kind in kinds)
