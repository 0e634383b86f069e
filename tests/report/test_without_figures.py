"""Where the packages for figures are not installed: a report without them, and what to type."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from report_support import CONFIG, hostile_metric, run_search

from harmonica_steps.results.search_run import SearchRun

INSTALL = "pip install 'harmonica-hpo[figures]'"


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return run_search(tmp_path_factory.mktemp("plain") / "made-up", CONFIG, hostile_metric)


def harmonica(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where neither package can be imported."""
    program = (
        "import sys; sys.modules['altair'] = sys.modules['vl_convert'] = None\n"
        "from harmonica_steps.cli import main\n"
        f"sys.exit(main({list(arguments)!r}))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_the_report_has_its_tables_and_says_how_to_get_figures(search: SearchRun) -> None:
    run = harmonica("report", str(search.folder.root))
    assert run.returncode == 0, run.stderr
    page = search.folder.report.read_text(encoding="utf-8")
    for table in ("table-stages", "table-terms-1", "table-effects-1", "table-final"):
        assert f'id="{table}"' in page
    assert "<figure>" not in page
    assert page.count("<script>") == 1
    assert INSTALL.replace("'", "&#39;") in page
    for anchor in re.findall(r'href="#([\w-]+)"', page):
        assert f'id="{anchor}"' in page


def test_a_comparison_has_its_tables_and_says_how_to_get_figures(
    search: SearchRun, tmp_path: Path
) -> None:
    twin = shutil.copytree(search.folder.root, tmp_path / "twin")
    output = tmp_path / "comparison.html"
    run = harmonica("report", str(search.folder.root), str(twin), "--output", str(output))
    assert run.returncode == 0, run.stderr
    page = output.read_text(encoding="utf-8")
    for table in ("table-searches", "table-progress-1", "table-agree"):
        assert f'id="{table}"' in page
    assert "<figure>" not in page
    assert page.count("<script>") == 1
    assert INSTALL.replace("'", "&#39;") in page


def test_figures_are_refused_with_what_to_type(search: SearchRun, tmp_path: Path) -> None:
    run = harmonica("figures", str(search.folder.root), "--output", str(tmp_path / "figures"))
    assert run.returncode == 1
    assert INSTALL in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "figures").exists()
