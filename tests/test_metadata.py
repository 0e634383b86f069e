"""What the package says of itself."""

import tomllib
from pathlib import Path

import yaml

from harmonica_steps import __version__

REPOSITORY = Path(__file__).parents[1]
PLUGIN = REPOSITORY / "packages/snakemake-executor-plugin-submitit"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == __version__
    assert citation["license"] == PROJECT["license"]
    assert [author["name"] for author in citation["authors"]] == [
        author["name"] for author in PROJECT["authors"]
    ]


def test_typed_packages_say_so() -> None:
    assert "Typing :: Typed" in PROJECT["classifiers"]
    for package in (REPOSITORY / "harmonica_steps", PLUGIN / PLUGIN.name.replace("-", "_")):
        assert (package / "py.typed").is_file()


def test_every_package_is_pinned() -> None:
    lines = (REPOSITORY / "constraints.txt").read_text().splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    extras = PROJECT["optional-dependencies"].values()
    plugin = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]
    wanted = [*PROJECT["dependencies"], *(entry for extra in extras for entry in extra)]
    wanted += plugin["dependencies"]
    names = {entry.split(">=")[0].lower().replace("_", "-") for entry in wanted}
    assert not {name for name in names if "[" not in name} - pinned - {PLUGIN.name}
