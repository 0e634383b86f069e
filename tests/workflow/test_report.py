"""The report as part of the workflow: always there, in nobody's way."""

import json
import re
import zipfile
from pathlib import Path

import yaml
from tiny_search import CONFIG, TinySearch

from harmonica_steps.config import parse
from harmonica_steps.report.status import Reader
from harmonica_steps.search.plan import jobs


def planned(output: str) -> dict[str, int]:
    """The jobs of each rule in the table that a dry run prints."""
    rows = re.findall(r"^ ([a-z][a-z ]+?)  +(\d+) *$", output, re.MULTILINE)
    return {name.replace(" ", "_"): int(count) for name, count in rows}


def test_the_plan_counts_the_jobs_of_a_dry_run_which_writes_no_results(tiny: TinySearch) -> None:
    found = planned(tiny.run("--dry-run", "all"))
    assert not tiny.root.exists()
    expected = jobs(parse(tiny.config))
    assert found.pop("total") == sum(expected.values())
    assert found == expected


def test_after_a_stage_the_plan_has_the_trainings_left_that_the_dag_has(
    begun: TinySearch,
) -> None:
    left = sum(part.waiting for part in Reader().read(begun.root).parts)
    assert left == 12 + 4 + 2
    assert planned(begun.run("--dry-run", "all"))["train_sample"] == left


def test_a_running_search_has_a_report(begun: TinySearch, undisturbed: TinySearch) -> None:
    text = (begun.root / "report.html").read_text()
    assert "The search has not finished: 24 of 42 trainings have finished." in text
    assert "table-terms-1" in text
    # Of the run that has gone on from there
    assert "Warning" not in undisturbed.output
    text = (undisturbed.root / "report.html").read_text()
    assert "The best configuration has error" in text


def test_the_report_is_made_anew_without_one_training(finished: TinySearch) -> None:
    trained = finished.trained()
    before = {path: path.stat().st_mtime_ns for path in finished.root.rglob("trials/*.json")}
    report = finished.root / "report.html"
    text = report.read_bytes()
    report.unlink()
    (finished.root / "final/rung-0/reported").unlink()
    finished.run("all")
    assert report.read_bytes() == text
    assert finished.trained() == trained
    assert {p: p.stat().st_mtime_ns for p in finished.root.rglob("trials/*.json")} == before


def test_a_search_without_any_report_only_gets_one(finished: TinySearch) -> None:
    """Such as one that an earlier version has run."""
    for mark in [*finished.root.rglob("reported"), finished.root / "report.html"]:
        mark.unlink()
    found = planned(finished.run("--dry-run", "all"))
    assert found == {"refresh_report": 3, "write_report": 1, "all": 1, "total": 5}


def test_snakemakes_own_report_holds_the_results_with_captions(
    finished: TinySearch, tmp_path: Path
) -> None:
    archive = tmp_path / "report.zip"
    finished.run("--report", str(archive))
    with zipfile.ZipFile(archive) as files:
        names = [Path(name).name for name in files.namelist()]
        page = next(name for name in files.namelist() if name.endswith("report/report.html"))
        text = files.read(page).decode()
    for name in ("report.html", "metrics.tsv", "table.tsv", "progress.svg", "parallel.svg"):
        assert name in names
    assert names.count("metrics.tsv") == 4
    for label in ("The whole report", "What stage 1 has frozen", "The best configuration"):
        assert label in text
    captions = ["on one page", "Every training of this part", "best configuration at the"]
    for caption in [*captions, "Every line is a training", "the best so far (orange)"]:
        assert caption in text
    for category in ("Search", "Trainings", "Figures"):
        assert json.dumps(category) in text


def test_the_configuration_in_the_report_runs_the_search(
    undisturbed: TinySearch, tmp_path: Path
) -> None:
    import html

    text = (undisturbed.root / "report.html").read_text()
    block = re.search(r'<pre id="rerun-configuration"[^>]*><code>(.*?)</code>', text, re.DOTALL)
    assert block
    assert parse(yaml.safe_load(html.unescape(block[1]))) == parse(CONFIG)
