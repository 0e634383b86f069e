"""The page of a search follows its trainings while it runs."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harmonica_steps.live_page import follow
from harmonica_steps.report import renew as module
from harmonica_steps.report.renew import renew
from harmonica_steps.report.status import Reader
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part
from tests.report.report_support import CONFIG, hostile_metric, plan, train_part


@pytest.fixture
def search(tmp_path: Path) -> SearchRun:
    """A search whose first stage is drawn."""
    search = plan(tmp_path / "made-up", CONFIG)
    draw_part(search, "stage-1")
    return search


def awaited(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_trainings_that_end_are_on_the_page_without_a_rule(search: SearchRun) -> None:
    page = search.folder.report
    follow(search.folder, ["stage-1", "stage-2"], every=0.1, share=1)
    time.sleep(0.5)
    assert not page.exists()  # nothing has ended: nothing to show
    train_part(search, "stage-1", hostile_metric, range(20))
    awaited(lambda: page.exists() and "20/150" in page.read_text())
    train_part(search, "stage-1", hostile_metric, range(20, 50))
    awaited(lambda: "50/150" in page.read_text())


def test_the_page_stays_with_its_search_when_the_directory_changes(
    search: SearchRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(SearchFolder(Path(search.folder.root.name)), ["stage-1"], every=0.1, share=1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    train_part(search, "stage-1", hostile_metric, range(20))
    awaited(search.folder.report.exists)


def test_the_page_has_the_numbers_of_the_status(search: SearchRun) -> None:
    train_part(search, "stage-1", hostile_metric, range(40))
    assert renew(search.folder.root)
    status = Reader().read(search.folder.root)
    text = search.folder.report.read_text()
    assert status.best is not None
    assert f"so far: {status.best.value:.4g} (stage-1, " in text
    part = status.parts[0]
    for number in (part.done, part.failed, part.waiting):
        assert f'<td class="n">{number}</td>' in text or f" {number}/150" in text
    assert "The best settings so far" in text
    assert "Time left: about" in text
    assert 'id="reload"' in text


def test_a_page_that_was_written_meanwhile_is_kept(
    search: SearchRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = search.folder.report

    def slow(facts: object) -> str:
        page.with_suffix(".new").write_text("the final page")
        page.with_suffix(".new").replace(page)
        return "an older page"

    # A double: two processes cannot be made to write in this order reliably.
    monkeypatch.setattr(module, "render", slow)
    assert not renew(search.folder.root)
    assert page.read_text() == "the final page"
