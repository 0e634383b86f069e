"""The whole search, run as a user runs it."""

import json
import os
import re
import signal
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


def test_whatever_ends_the_controller_costs_nothing(
    tiny: TinySearch, undisturbed: TinySearch
) -> None:
    """On two cores, which give the same bytes as one."""
    recorded: set[str] = set()

    def records() -> set[str]:
        return {f"stage-1/{path.stem}" for path in tiny.root.glob("stage-1/trials/*.json")}

    for end, slow in (("controller", 1.0), ("interrupt", 0.3), ("machine", 0.3)):
        running = tiny.start(slow=slow)
        tiny.wait_for("stage-1/trials/*.json", len(recorded) + 2)
        if end == "controller":
            refused = " ".join(tiny.run(succeeds=False).split())
            assert "another snakemake is running this search (process" in refused
        if end == "interrupt":
            # Snakemake may miss a signal that comes in the midst of its bookkeeping, and go on;
            # and an interpreter that is just starting says so in its own way.
            os.killpg(running.pid, signal.SIGINT)
            running.communicate(timeout=120)
        else:
            kill(running, group=end == "machine")
        recorded = records()
        if end == "interrupt":
            before = tiny.trained()
            assert len(before) == len(set(before)), "what outlived its controller ran again"
    tiny.run(tiny.target("stage-1/frozen.json"))
    wanted = undisturbed.results()
    assert tiny.results() == {name: wanted[name] for name in tiny.results()}
    assert "stage-1/frozen.json" in tiny.results()
    trained = tiny.trained()
    twice = {name for name in trained if trained.count(name) > 1}
    assert not twice & recorded
    assert len(twice) <= 4  # two at a time, interrupted and killed


def test_a_deleted_record_is_trained_again_by_a_plain_run(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    (finished.root / "final/rung-0/trials/0002.json").unlink()
    finished.run()
    assert finished.trained().count("rung-0/0002") == 2
    assert len(finished.trained()) == TRAININGS + 1
    assert finished.results() == undisturbed.results()


def test_a_stage_is_a_target(begun: TinySearch) -> None:
    assert (begun.root / "stage-1/frozen.json").exists()
    assert not (begun.root / "stage-2/samples.jsonl").exists()


def test_an_edited_restriction_is_followed(finished: TinySearch) -> None:
    path = finished.root / "stage-1/frozen.json"
    content = json.loads(path.read_text())
    content["candidates"] = [{"assignment": {"a": True, "kind": "y"}, "predicted": None}]
    path.write_text(json.dumps(content))
    finished.run(finished.target("stage-2/samples.jsonl"))
    for line in (finished.root / "stage-2/samples.jsonl").read_text().splitlines():
        configuration = json.loads(line)["configuration"]
        assert configuration["a"] is True
        assert configuration["kind"] == "y"
    # With a level that there is not, it is explained.
    path.write_text(path.read_text().replace('"y"', '"maybe"'))
    output = " ".join(finished.run("stage_2", succeeds=False).split())
    assert "frozen.json: candidates.1.assignment.kind: has no value 'maybe'" in output


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


def test_stages_without_need_are_skipped_until_there_is_one(finished: TinySearch) -> None:
    before = len(finished.trained())
    more = {"samples": 10, "degree": 2, "sparsity": 1, "patience": 1}
    finished.config["stages"] += [more, more.copy()]
    last = finished.target("stage-4/frozen.json")
    output = finished.run(last)
    assert "stage 4: SKIPPED, because the stage before it has frozen nothing more" in output
    trained = finished.trained()[before:]
    assert not [name for name in trained if name.startswith(("stage-1/", "stage-4/"))]
    assert "Nothing to be done" in finished.run(last)
    # Without patience a stage is trained.
    before = len(finished.trained())
    del finished.config["stages"][3]["patience"]
    finished.run(finished.target("stage-4/metrics.parquet"))
    assert sorted(finished.trained()[before:]) == [f"stage-4/{trial:04d}" for trial in range(10)]
