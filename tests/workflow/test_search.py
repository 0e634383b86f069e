"""The whole search, run as a user runs it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from smallest import smallest, snakemake
from tiny_search import REPOSITORY, TinySearch, kill

TRAININGS = 24 + 12 + 4 + 2


def test_every_file_of_the_contract_is_there(undisturbed: TinySearch) -> None:
    root = undisturbed.root
    for name in [
        "plan.json",
        "best.json",
        "report.html",
        "figures/progress.svg",
        "final/table.parquet",
    ]:
        assert (root / name).is_file()
    for stage in (1, 2):
        for name in ["samples.parquet", "metrics.parquet", "metrics.tsv", "runtime.parquet"]:
            assert (root / f"stage-{stage}" / name).is_file()
    assert len(list(root.rglob("trials/*.json"))) == TRAININGS
    assert len(undisturbed.trained()) == TRAININGS


def test_the_planted_terms_are_found_and_frozen(undisturbed: TinySearch) -> None:
    psr = json.loads((undisturbed.root / "stage-1/psr.json").read_text())
    assert sorted(term["parameters"] for term in psr["terms"]) == [["a", "b"], ["c"]]
    frozen = json.loads((undisturbed.root / "stage-1/frozen.json").read_text())
    assert frozen["frozen"] == ["a", "b", "c"]
    for candidate in frozen["candidates"]:
        assert candidate["assignment"]["c"] is False
        assert candidate["assignment"]["a"] != candidate["assignment"]["b"]
    best = json.loads((undisturbed.root / "best.json").read_text())
    assert best["configuration"]["c"] is False
    assert best["budget"] == 2


def test_the_summary_is_printed_at_the_end(undisturbed: TinySearch) -> None:
    assert "What mattered in stage 1" in undisturbed.output
    assert "Best error" in undisturbed.output
    assert "Traceback" not in undisturbed.output


def test_a_later_rung_continues_from_the_checkpoint(undisturbed: TinySearch) -> None:
    lines = (undisturbed.root / "final/rung-1/samples.jsonl").read_text().splitlines()
    for line in lines:
        sample = json.loads(line)
        assert sample["continues"]["part"] == "final/rung-0"
        origin = f"final/rung-0/work/{sample['continues']['trial']:04d}/checkpoint/budget"
        assert (undisturbed.root / origin).read_text() == "1"


def test_nothing_is_left_to_do(undisturbed: TinySearch) -> None:
    assert "Nothing to be done" in undisturbed.run("--dry-run")


def test_two_cores_give_the_same_bytes(tiny: TinySearch, undisturbed: TinySearch) -> None:
    tiny.run("--cores=2")
    assert tiny.results() == undisturbed.results()


@pytest.mark.parametrize("group", [True, False], ids=["machine", "controller"])
def test_a_killed_controller_costs_nothing(
    tiny: TinySearch, undisturbed: TinySearch, group: bool
) -> None:
    running = tiny.start(slow=0.2)
    tiny.wait_for("stage-1/trials/*.json", 8)
    kill(running, group=group)
    recorded = {path.stem for path in tiny.root.glob("stage-1/trials/*.json")}
    tiny.run()
    assert tiny.results() == undisturbed.results()
    trained = tiny.trained()
    twice = {name for name in trained if trained.count(name) > 1}
    assert not twice & {f"stage-1/{name}" for name in recorded}
    assert len(twice) <= (2 if group else 0)


def test_a_deleted_record_is_trained_again_by_a_plain_run(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    (finished.root / "stage-1/trials/0007.json").unlink()
    finished.run()
    assert finished.trained().count("stage-1/0007") == 2
    assert len(finished.trained()) == TRAININGS + 1
    assert finished.results() == undisturbed.results()


def test_a_stage_is_a_target(tiny: TinySearch) -> None:
    tiny.run("stage_1")
    assert (tiny.root / "stage-1/frozen.json").exists()
    assert not (tiny.root / "stage-2/samples.jsonl").exists()


def test_an_edited_restriction_is_followed(finished: TinySearch) -> None:
    path = finished.root / "stage-1/frozen.json"
    content = json.loads(path.read_text())
    content["candidates"] = [{"assignment": {"a": True, "kind": "y"}, "predicted": None}]
    path.write_text(json.dumps(content))
    finished.run()
    for line in (finished.root / "stage-2/samples.jsonl").read_text().splitlines():
        configuration = json.loads(line)["configuration"]
        assert configuration["a"] is True
        assert configuration["kind"] == "y"


def test_a_second_controller_is_refused(tiny: TinySearch) -> None:
    first = tiny.start(slow=0.3)
    tiny.wait_for("stage-1/trials/*.json", 1)
    output = tiny.run(succeeds=False)
    assert "another snakemake is running this search (process" in " ".join(output.split())
    assert "Traceback" not in output
    kill(first, group=True)


def test_a_dry_run_shows_every_job_and_writes_no_results(tiny: TinySearch) -> None:
    output = tiny.run("--dry-run")
    assert re.search(rf"train sample\s+{TRAININGS}\b", output)
    assert not tiny.root.exists()


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_without_a_target_everything_is_planned(tmp_path: Path, snakefile: str) -> None:
    config = smallest(tmp_path)
    options = ["-s", REPOSITORY / snakefile, "--configfile", config, "-n"]
    assert re.search(r"all\s+1\b", snakemake(tmp_path, *options))


def test_snakemake_finds_nothing_to_lint_but_that_rules_have_no_environment_of_their_own() -> None:
    """All run in the environment of snakemake, which Harmonica must be installed in anyway."""
    lint = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint", "--config", "search=lint"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^    \* (.*)$", lint.stderr + lint.stdout, re.MULTILINE)
    assert set(found) == {"Specify a conda environment or container for each rule.:"}


def test_the_rules_are_formatted() -> None:
    snakefmt = Path(sys.executable).with_name("snakefmt")
    files = ["Snakefile", "workflow/Snakefile", "workflow/rules"]
    subprocess.run([snakefmt, "--check", *files], cwd=REPOSITORY, check=True)


def test_stages_without_need_are_skipped_until_there_is_one(tmp_path: Path) -> None:
    search = TinySearch(tmp_path)
    first = search.config["stages"][0]
    search.config["stages"] = [first, *({**first, "patience": 1} for _ in range(4))]
    output = search.run("all")
    assert "stage 5: SKIPPED, as the stage before it has frozen nothing more" in output
    assert "Stage 5 was skipped" in (search.root / "report.html").read_text()
    psr = [json.loads(path.read_text()) for path in search.root.glob("stage-*/psr.json")]
    skipped = sum(content["skipped"] for content in psr)
    assert len(search.trained()) == 24 * (5 - skipped) + 4 + 2
    assert "Nothing to be done" in search.run("all")
    # Without patience a stage is trained, and what comes after it is drawn anew if that matters.
    before = len(search.trained())
    del search.config["stages"][4]["patience"]
    search.run("all")
    now = search.trained()[before:]
    assert sum(name.startswith("stage-5/") for name in now) == 24
    assert not any(name.startswith("stage-1/") for name in now)
