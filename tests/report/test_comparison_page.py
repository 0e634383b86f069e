"""The page that compares searches, as text; test_comparison_browser.py has it in a browser."""

import os
import re
import shutil
from pathlib import Path

import pytest
from planted import CONFIG, LONG, other, three_searches

from harmonica_steps.cli import main
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report.comparison import Comparison, compare
from harmonica_steps.report.comparison_findings import found_rows
from harmonica_steps.report.comparison_look import LOOKS
from harmonica_steps.report.comparison_page import render, write_comparison
from harmonica_steps.report.page import write_report
from harmonica_steps.results.search_run import SearchRun


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return three_searches(tmp_path_factory.mktemp("compared") / "results")


@pytest.fixture(scope="module")
def comparison(folders: list[Path]) -> Comparison:
    return compare(folders)


def test_the_same_results_give_the_same_bytes(folders: list[Path], tmp_path: Path) -> None:
    write_comparison(folders, tmp_path / "a.html")
    for root in folders:
        for path in root.rglob("*"):
            os.utime(path)
    write_comparison(folders, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_command_writes_one_page_for_several_folders(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = list(map(str, folders))
    assert main(["report", *words]) == 0
    assert main(["report", *words]) == 0  # an earlier one is replaced
    assert "3 searches compared" in Path("comparison.html").read_text(encoding="utf-8")
    assert main(["report", words[0], "--output", "one.html"]) == 0
    assert main(["report", words[0], words[0]]) == 1


def test_neither_page_replaces_the_other(folders: list[Path], tmp_path: Path) -> None:
    write_comparison(folders, tmp_path / "comparison.html")
    search = SearchRun.at(folders[0])
    write_report(search, tmp_path / "report.html")
    with pytest.raises(HarmonicaError, match=r"not written \(only\) by Harmonica as a report"):
        write_report(search, tmp_path / "comparison.html")
    with pytest.raises(HarmonicaError, match=r"not written \(only\) by Harmonica as a comparison"):
        write_comparison(folders, tmp_path / "report.html")


def test_nothing_of_the_users_becomes_markup(comparison: Comparison) -> None:
    text = render(comparison)
    assert "<b>" not in text[text.index("<body>") : text.index("<script>")]
    assert "&lt;/td&gt;dummy 0" in text
    assert f'title="{LONG}"' in text
    assert "default-src &#39;none&#39;; script-src &#39;sha256-" in text
    for anchor in re.findall(r'href="#([\w-]+)"', text):
        assert f'id="{anchor}"' in text


def test_three_hundred_parameters_have_a_small_page(tmp_path: Path) -> None:
    space = {**CONFIG["space"], **{f"many {i}": {"type": "bool"} for i in range(300)}}
    pair = [other(tmp_path / name, space=space, seed=n) for n, name in enumerate(("a", "b"))]
    found = compare(pair)
    assert len(found_rows(found)) == 309
    text = render(found)
    assert len(text[: text.index("<script>")]) < 200_000


@pytest.mark.parametrize("paper", ["#ffffff", "#14171c"])
def test_every_line_stands_out_from_the_page(paper: str) -> None:
    """WCAG 2.1: a contrast of at least 3 for what figures draw."""
    assert len({look.colour for look in LOOKS}) == len({look.dash for look in LOOKS}) == 8
    for look in LOOKS:
        low, high = sorted(map(luminance, (paper, look.colour)))
        assert (high + 0.05) / (low + 0.05) >= 3, look.colour


def luminance(colour: str) -> float:
    levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_damaged_table_is_an_error_in_words(
    folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(folders[0], tmp_path / "copy")
    (copy / "stage-1/runtime.parquet").write_bytes(b"PAR1")
    output = ["--output", str(tmp_path / "comparison.html")]
    assert main(["report", str(folders[1]), str(copy), *output]) == 1
    assert "is not a Parquet table, or is damaged" in capsys.readouterr().err
    shutil.copy(folders[0] / "final/rung-0/runtime.parquet", copy / "stage-1")
    assert main(["report", str(folders[1]), str(copy), *output]) == 0
