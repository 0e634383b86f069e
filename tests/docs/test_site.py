"""The site builds without a warning, loads nothing from elsewhere, and has what was generated."""

import re
from collections.abc import Iterator
from dataclasses import fields
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from docs_support import DOCS, options_of
from snakemake_executor_plugin_submitit import ExecutorSettings

from harmonica_steps.cli import make_parser
from harmonica_steps.config import Failures, Flags, Objective, Search, Stage, Study
from harmonica_steps.config.optimisers import OPTIMISERS
from harmonica_steps.space.parameters import KINDS

LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
    "object": "data",
    "link": "href",
}
"""Elements by which a page loads something by itself; links that a reader follows are none."""

ELSEWHERE = re.compile(r"(?:https?:)?//")


class Page(HTMLParser):
    """What a page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # Where the page itself is, for search engines, is loaded by nobody.
        if tag in LOADED and given.get("rel") != "canonical":
            self.loads.append(given.get(LOADED[tag]) or "")
        self.loads += re.findall(r"url\(['\"]?([^'\")]+)", given.get("style") or "")


def text_of(page: Path) -> str:
    """The words of a page, without the names of its elements."""
    html = page.read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>", "", html[html.index("<article") : html.index("</article")])


def test_every_page_is_in_the_site(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS).with_suffix(".html")).is_file(), page


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loads = {page: Page(page.read_text(encoding="utf-8")).loads for page in pages}
    assert any(name.endswith(".js") for name in loads[site / "index.html"])  # it does see them
    assert not [(page, u) for page, urls in loads.items() for u in urls if ELSEWHERE.match(u)]


def test_no_style_loads_anything_from_another_host(site: Path) -> None:
    styles = list(site.rglob("*.css"))
    assert styles
    for style in styles:
        text = style.read_text(encoding="utf-8")
        found = re.findall(r"(?:url\(|@import\s*)['\"]?((?:https?:)?//[^'\")\s]+)", text)
        assert not found, style


def test_what_loads_from_another_host_is_noticed() -> None:
    for html in (
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        "<p style=\"background: url('http://a.example/b.png')\">",
    ):
        assert [url for url in Page(html).loads if ELSEWHERE.match(url)], html


def models() -> Iterator[tuple[str, type]]:
    yield from (("", m) for m in (Search, Objective, Flags, Stage, Study, Failures))
    yield from OPTIMISERS.items()
    yield from KINDS.items()


@pytest.mark.parametrize("model", [m for _, m in models()], ids=lambda model: model.__name__)
def test_every_key_of_the_configuration_is_explained(site: Path, model: type) -> None:
    text = " ".join(text_of(site / "reference/configuration.html").split())
    for name, field in model.model_fields.items():
        assert field.description, name
        described = (
            " ".join(field.description.replace("`", "").split())
            .replace("<", "&lt;")
            .replace(">", "&gt;")
        )
        assert described in text, name


def test_types_defaults_and_ranges_are_in_the_tables(site: Path) -> None:
    html = (site / "reference/configuration.html").read_text(encoding="utf-8")
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", html, re.S)]
    cells = {row[0]: [re.sub(r"<[^>]+>", "", cell) for cell in row[1:4]] for row in rows if row}
    assert cells["<code>samples</code>"] == ["whole number", "required", "≥ 10, ≤ 1000000"]
    assert cells["<code>degree</code>"] == ["whole number", "2", "≥ 1, ≤ 4"]
    assert cells["<code>selection</code>"] == ["text", "beam", "beam, lasso"]
    assert cells["<code>timeout</code>"] == ["number", "3600", "&gt; 0, ≤ 31622400"]
    assert cells["<code>counts_as</code>"] == [
        "text or number",
        "worst",
        "worst, drop, ≥ -1e+100, ≤ 1e+100",
    ]


def test_every_subcommand_and_option_is_explained(site: Path) -> None:
    text = text_of(site / "reference/command-line.html")
    commands = options_of(make_parser())
    assert {"plan", "status", "archive"} <= set(commands)
    for name, options in commands.items():
        assert f"harmonica {name}" in text
        assert not [option for option in options if option not in text], name


def test_every_setting_of_the_executor_is_explained(site: Path) -> None:
    text = text_of(site / "reference/executor.html")
    for setting in fields(ExecutorSettings):
        assert f"submitit-{setting.name.replace('_', '-')}" in text
        assert setting.metadata["help"].split(".")[0] in text


def test_linked_files_of_the_repository_are_pages(site: Path) -> None:
    page = site / "files/profiles/slurm/config.yaml.html"
    assert "default-resources" in text_of(page)
    html = (site / "reference/executor.html").read_text(encoding="utf-8")
    assert 'href="../files/profiles/slurm/config.yaml.html"' in html


def test_code_that_looks_like_a_link_stays_as_it_is(site: Path) -> None:
    code = 'scale[options["initialisation"]](n)'
    assert code in (DOCS / "tutorial.md").read_text(encoding="utf-8")
    assert code in unescape(text_of(site / "tutorial.html"))
