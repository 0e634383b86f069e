"""What the pages show can be typed: configurations, commands, options, targets, links."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_support import BLOCKS, DOCS, PAGES, REPOSITORY, Block, options_of

from harmonica_steps.cli import make_parser
from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError

YAML = [block for block in BLOCKS if block.language == "yaml"]

BASE: dict[str, Any] = {
    "search": "x",
    "objective": {"command": "true"},
    "space": {f"p{number}": {"type": "bool"} for number in range(12)},
}
"""What a fragment is completed with."""

OTHER_FORMATS = re.compile(r"profile|conf/.*")
"""Titles of YAML that is not a config file of a search: profiles, and defaults of Hydra."""


def configuration(block: Block) -> dict[str, Any]:
    content = yaml.safe_load(block.text)
    return {**BASE, **content} if block.title == "fragment" else content


@pytest.mark.parametrize(
    "block", [b for b in YAML if not OTHER_FORMATS.fullmatch(b.title)], ids=str
)
def test_a_configuration_is_valid(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in BLOCKS:  # modules that it may name
        if other.page == block.page and other.title.endswith(".py"):
            Path(tmp_path, other.title).write_text(other.text)
            monkeypatch.delitem(sys.modules, other.title.removesuffix(".py"), raising=False)
    monkeypatch.chdir(tmp_path)
    assert parse(configuration(block)).space


def test_a_wrong_configuration_would_be_noticed() -> None:
    wrong = Block("x.md", "yaml", "fragment", "stages:\n- {samples: 100, sparsty: 3}\n")
    with pytest.raises(HarmonicaError, match="sparsty"):
        parse(configuration(wrong))


def test_a_profile_is_one_of_snakemakes() -> None:
    profiles = [yaml.safe_load(b.text) for b in YAML if b.title == "profile"]
    assert profiles
    known = set(
        re.findall(r"^#? ?([\w-]+):", (REPOSITORY / "profiles/slurm/config.yaml").read_text(), re.M)
    )
    assert all(set(profile) <= known for profile in profiles)


def commands(program: str) -> Iterator[tuple[str, list[str]]]:
    """Where a program is called, in blocks and in the text, and its words."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        name = page.relative_to(REPOSITORY).as_posix()
        lines = [line for block in BLOCKS if block.page == name for line in block.text.splitlines()]
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
        lines += [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]
        for line in lines:
            # In a block what follows two spaces or a # is an explanation.
            command = re.split(r"\s{2,}|\s#", line.strip())[0]
            if command.startswith(f"{program} ") and "FOLDER" not in command:
                yield name, shlex.split(command)[1:]


HARMONICA = [c for c in commands("harmonica") if c[1][0].islower() and "..." not in c[1]]


@pytest.mark.parametrize(("where", "words"), HARMONICA, ids=lambda value: str(value)[:60])
def test_a_command_exists(where: str, words: list[str]) -> None:
    parser = make_parser()
    words = words[: words.index("--")] if "--" in words else words
    try:
        parser.parse_args(words)
    except SystemExit:
        # A sentence may name it without its arguments: then there are such options.
        known = options_of(parser)
        assert words[0] in known, f"{where}: harmonica {words[0]}"
        given = {word for word in words if word.startswith("-")}
        assert given <= known[words[0]], f"{where}: harmonica {' '.join(words)}"


def test_commands_are_found() -> None:
    assert len(HARMONICA) > 30
    assert {"README.md", "docs/tutorial.md", "docs/how-to/reruns.md"} <= {w for w, _ in HARMONICA}


def targets() -> set[str]:
    rules = (REPOSITORY / "workflow/Snakefile", *(REPOSITORY / "workflow/rules").glob("*.smk"))
    names = {n for path in rules for n in re.findall(r"^rule (\w+):", path.read_text(), re.M)}
    return names | {"stage_1", "stage_2"}


SNAKEMAKE = [c for c in commands("snakemake") if "..." not in c[1]]

TAKE_A_VALUE = {"-s", "--profile", "--cores", "--executor", "--report"}
TAKE_MANY = {"--configfile", "--config"}


def named_targets(words: list[str]) -> Iterator[str]:
    """The words of a command of Snakemake's that are targets."""
    waiting = iter(words)
    for word in waiting:
        if word in TAKE_MANY:
            return
        if word in TAKE_A_VALUE:
            next(waiting)
        elif not word.startswith("-"):
            yield word


@pytest.mark.parametrize(("where", "words"), SNAKEMAKE, ids=lambda value: str(value)[:60])
def test_a_target_of_snakemake_exists(where: str, words: list[str]) -> None:
    known = targets()
    for target in named_targets(words):
        if target.startswith("results/"):
            assert re.fullmatch(r"results/mine/archive/(stage-\d|search)\.tar\.zst", target), where
        else:
            assert target in known, f"{where}: {target}"


def test_targets_are_found() -> None:
    found = {target for _, words in SNAKEMAKE for target in named_targets(words)}
    assert {"archive", "export", "stage_1"} <= found
    assert "no_such_rule" not in targets()
    # One for each stage is made by a loop.
    assert "stage_{stage}" in (REPOSITORY / "workflow/rules/stage.smk").read_text()


CORES = {"--cores", "--profile", "-n", "--help", "--report", "--lint"}


@pytest.mark.parametrize(("where", "words"), SNAKEMAKE, ids=lambda value: str(value)[:60])
def test_a_command_of_snakemake_says_how_many_cores(where: str, words: list[str]) -> None:
    bare = len(words) == 1 and words[0].startswith("-")  # an option that a sentence names
    assert bare or CORES & set(words), f"{where}: snakemake {' '.join(words)}"


def test_every_profile_that_is_named_exists() -> None:
    named = {w[w.index("--profile") + 1] for _, w in SNAKEMAKE if "--profile" in w}
    assert {"slurm", "profiles/local"} <= named
    for profile in named:
        assert (REPOSITORY / profile / "config.yaml").is_file(), profile


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_are_right_on_github(page: Path) -> None:
    """The site's own links are checked by mkdocs; README and others are not all in the site."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", prose):
        assert (page.parent / link).exists(), link


def test_every_page_is_in_the_navigation() -> None:
    nav = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    for page in DOCS.rglob("*.md"):
        # With or without a shorter title.
        assert re.search(rf"[-:] {re.escape(page.relative_to(DOCS).as_posix())}\n", nav), page
