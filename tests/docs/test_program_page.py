"""Every program of the page about programs is trained with the configuration below it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_support import DOCS, Block, blocks

from harmonica_steps.config import parse
from harmonica_steps.files import read_json
from harmonica_steps.objective.trial import train
from harmonica_steps.preflight import check
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.steps.draw import draw_part

PART = "final/round-0"

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
    search = parse({"search": "recipe", "final": FINAL, **content})
    check(search)
    folder = SearchFolder(Path("results/recipe"))
    write_plan(folder, search)
    draw_part(Opened.at(folder.root), PART)
    train(folder, PART, 0)
    record = read_json(folder.record(PART, 0))
    assert record["status"] == "ok", (folder.work(PART, 0) / "log.txt").read_text()


def test_each_kind_of_program_is_there() -> None:
    words = " ".join(fragment.text for _, fragment in recipes())
    kinds = ("{args}", "{overrides}", "{config}", "callable", "metric_pattern", "metric_file")
    assert all(kind in words for kind in kinds)
