"""The page as text; test_browser.py has it in a browser."""

import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from report_support import (
    CONFIG,
    HOSTILE,
    hostile_metric,
    noise_metric,
    plan,
    run_part,
    run_search,
    train_part,
)

from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report import library, page
from harmonica_steps.report.page import write_report
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return run_search(tmp_path_factory.mktemp("page") / "results/made-up", CONFIG, hostile_metric)


def written(search: SearchRun) -> str:
    write_report(search, search.folder.report)
    return search.folder.report.read_text(encoding="utf-8")


class Elements(HTMLParser):
    """The elements of a page, and what is in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts.append(data)


def test_nothing_of_the_users_becomes_markup(search: SearchRun) -> None:
    elements = Elements(written(search))
    assert "img" not in elements.tags
    assert "b" not in elements.tags
    assert not [name for name, _ in elements.attributes if name.startswith("on")]
    figures = elements.tags.count("figure")
    # Three figures share their data, and each has a specification: one script more.
    assert elements.tags.count("script") == figures + 1 + 2
    assert not [
        value
        for name, value in elements.attributes
        if name in ("src", "href") and value
        if not value.startswith(("#", "data:,"))
    ]


def test_the_page_asks_for_nothing_and_allows_itself_nothing_else(search: SearchRun) -> None:
    text = written(search)
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in text
    assert "unsafe-eval" not in text
    own = text[: text.index("<script>")].replace("https://vega.github.io/schema", "")
    assert not re.search(r"https?://|url\(|@import", own)


def test_the_figures_data_is_json_that_ends_no_script(search: SearchRun) -> None:
    text = written(search)
    blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text)
    assert len(blocks) >= 6
    for block in blocks:
        assert not set(block) & set("<>&\u2028")
        content = json.loads(block)
        assert "groups" in content or content["$schema"].endswith(".json")
    assert HOSTILE[1] in json.dumps([json.loads(block) for block in blocks])


def test_the_same_results_give_the_same_bytes(search: SearchRun, tmp_path: Path) -> None:
    first = written(search)
    for path in search.folder.root.rglob("*"):
        os.utime(path)
    search.folder.report.unlink()
    assert written(search) == first


def test_it_says_what_was_found(search: SearchRun) -> None:
    text = written(search)
    for word in ("What was found, and what to do next", "Train it again", "Cost against plan"):
        assert word in text
    assert text.count("&lt;img src=x onerror=alert(1)&gt;") > 5
    assert "better than chance" in text
    assert "&lt;script&gt;alert(&#39;log&#39;)&lt;/script&gt;" in text


def test_the_configuration_in_it_is_that_of_the_search(search: SearchRun) -> None:
    text = page._configuration(page.gather(search))
    assert parse(yaml.safe_load(text)) == search.config


def test_every_state_of_a_search_has_a_page(tmp_path: Path) -> None:
    stages = [{**stage, "samples": 40, "resamples": 0} for stage in CONFIG["stages"]]
    search = plan(tmp_path / "results/made-up", {**CONFIG, "stages": stages})
    assert "0<small> of 93" in written(search)
    for part in search.parts:
        draw_part(search, part.name)
        train_part(search, part.name, hostile_metric)
        assert "Resume the search." in written(search)
        collect_part(search, part.name)
        assert "Resume the search." in written(search)
        run_part(search, part.name, hostile_metric)
        assert "Resume the search." in written(search)


def test_a_stage_that_was_stopped_shows_its_failures(tmp_path: Path) -> None:
    search = plan(tmp_path / "results/made-up", CONFIG)
    draw_part(search, "stage-1")
    train_part(search, "stage-1", lambda *_: None)
    with pytest.raises(HarmonicaError, match="150 of 150 trainings failed"):
        collect_part(search, "stage-1")
    text = written(search)
    assert "150 × failed in stage-1: exit status 1" in text
    assert "Look at the failures: 150 of 150 trainings." in text


def test_pure_noise_has_a_page_that_says_so(tmp_path: Path) -> None:
    text = written(run_search(tmp_path / "results/made-up", CONFIG, noise_metric))
    assert "Nothing was found: " in text
    assert "chart-main" not in text


def test_a_long_log_is_cut_at_a_line(search: SearchRun, tmp_path: Path) -> None:
    copy = SearchRun.at(shutil.copytree(search.folder.root, tmp_path / "made-up"))
    cause = page.gather(copy).causes[0]
    Path(cause.log).write_text("".join(f"line {number}\n" for number in range(5000)))
    found = page.excerpt(cause.log)
    assert len(found) <= 2000
    assert found.startswith("line 4")
    assert found.endswith("line 4999")
    assert page.excerpt(str(tmp_path / "gone")) == ""


def test_its_size_does_not_grow_with_the_trainings(tmp_path: Path) -> None:
    sizes = []
    for samples in (800, 2400):
        stages = [{**CONFIG["stages"][0], "samples": samples, "degree": 1}]
        final = {"configurations": samples, "max_budget": 1}
        config = {**CONFIG, "stages": stages, "final": final}
        search = run_search(tmp_path / f"{samples}/made-up", config, hostile_metric)
        sizes.append(len(written(search)) - len(library.charts_library()))
    assert sizes[1] < 1.1 * sizes[0]
    assert sizes[1] < 400_000


def test_the_library_is_kept_and_a_home_that_is_read_only_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = library.charts_library()
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda *_: "made </script> up")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert library.charts_library() == "made <\\/script> up"
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda *_: "another")
    assert library.charts_library() == "made <\\/script> up"
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert library.charts_library() == "another"
    assert "</script" not in script
