"""Every recipe of the cookbook is a valid search, and those of light programs are trained."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from docs_support import DOCS, Block, blocks
from trained import train_first

from harmonica_steps.config import parse

PAGES = sorted((DOCS / "cookbook").glob("*.md"))

STAND_INS = {
    "R": ("Rscript", 'test -f "$1" && test "$2" \\> 0 && echo "rmse $2"'),
    "Julia": ("julia", 'test -f "$2" && test -f "$3" && echo \'{"error": 1}\' > "$4"'),
}
"""What is called in place of a language that is not installed, by the recipe."""

CELL = "%%writefile "


class Recipe(NamedTuple):
    """A section of a page."""

    page: str
    name: str
    files: dict[str, str]

    @property
    def config(self) -> dict[str, Any]:
        content = yaml.safe_load(self.files["mine.yaml"])
        assert isinstance(content, dict)
        return content

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"


def named(block: Block) -> tuple[str, str]:
    """The name and the text of a file; a cell of a notebook may write one."""
    first, _, rest = block.text.partition("\n")
    return (first.removeprefix(CELL), rest) if first.startswith(CELL) else block[2:]


def recipes() -> list[Recipe]:
    """All sections that have a config file of their own."""
    found = []
    for page in PAGES:
        for section in page.read_text(encoding="utf-8").split("\n## ")[1:]:
            inside = [block for block in blocks(page) if block.text in section]
            files = dict(map(named, inside))
            if "mine.yaml" in files:
                found.append(Recipe(page.stem, section.partition("\n")[0], files))
    return found


RECIPES = recipes()

LIGHT = [recipe for recipe in RECIPES if recipe.page == "programs" or "notebook" in recipe.name]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_a_recipe_is_a_valid_search(recipe: Recipe) -> None:
    assert parse(recipe.config).search == "mine"


@pytest.mark.parametrize("recipe", LIGHT, ids=str)
def test_a_light_recipe_is_trained(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in recipe.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    if recipe.name in STAND_INS:
        program, script = STAND_INS[recipe.name]
        Path("bin").mkdir()
        Path("bin", program).write_text(f"#!/bin/sh\n{script}\n")
        Path("bin", program).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    for name in recipe.config["objective"].get("files", []):
        Path(name).touch()
    record, log = train_first(recipe.config)
    assert record["status"] == "ok", log


def test_the_recipes_that_users_look_for_are_there() -> None:
    names = {recipe.name for recipe in RECIPES}
    light = {"argparse", "Hydra", "scikit-learn", "LightGBM", "Shell", "R", "Julia"}
    assert light <= {recipe.name for recipe in LIGHT}
    assert names >= {"PyTorch", "Lightning", "Transformers", "MLflow", "From a notebook"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_programs_are_python(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python" and not block.title.startswith("cell "):
            compile(block.text, str(block), "exec")
