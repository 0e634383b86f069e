"""What is done again after which change, as the table in docs/how-to/reruns.md says."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tiny_search import REPOSITORY, TinySearch

STAGE_1, STAGE_2, RUNG_0, RUNG_1 = 24, 12, 4, 2


def again(search: TinySearch, *arguments: str, **options: str) -> Counter[str]:
    """Run snakemake; how many trainings of each part really ran."""
    before = len(search.trained())
    search.run(*arguments, **options)
    return Counter(name.partition("/")[0] for name in search.trained()[before:])


def aside(search: TinySearch, part: str) -> set[str]:
    return {path.name for path in (search.root / part / "aside").glob("*.json")}


def fresh(search: TinySearch, folder: Path, *parts: str) -> dict[str, bytes]:
    """The results of these parts when a search has this configuration from the start."""
    other = TinySearch(folder)
    other.config = search.config
    other.run_steps(*parts)
    return other.results()


def results(search: TinySearch, *parts: str) -> dict[str, bytes]:
    return {n: data for n, data in search.results().items() if n.rpartition("/")[0] in parts}


def retry(search: TinySearch, *arguments: str, succeeds: bool = True) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "harmonica_steps", "retry", "results/tiny", *arguments],
        cwd=search.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == succeeds, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_touched_files_train_nothing(finished: TinySearch, undisturbed: TinySearch) -> None:
    for name in ["samples.jsonl", "metrics.parquet", "frozen.json", "0003.json", "plan.json"]:
        for path in finished.root.rglob(name):
            path.touch()
    (finished.folder / "train.py").touch()
    assert not again(finished)
    assert finished.results() == undisturbed.results()


def test_a_comment_in_a_rule_does_nothing(finished: TinySearch, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "workflow", tmp_path / "workflow")
    text = (REPOSITORY / "Snakefile").read_text()
    (tmp_path / "Snakefile").write_text(text)
    rules = tmp_path / "workflow/rules/parts.smk"
    rules.write_text(rules.read_text().replace("    output:", "    # a comment\n    output:"))
    output = finished.run("--snakefile", str(tmp_path / "Snakefile"), "--dry-run")
    assert "Nothing to be done" in output


def test_more_samples_keep_those_there_are(finished: TinySearch, tmp_path: Path) -> None:
    finished.config["stages"][0]["samples"] = STAGE_1 + 6
    trained = again(finished, finished.target("stage-1/frozen.json"))
    assert trained == {"stage-1": 6}
    assert not aside(finished, "stage-1")
    assert results(finished, "stage-1") == fresh(finished, tmp_path / "fresh", "stage-1")


def test_settings_of_the_last_stage_leave_the_stages_alone(
    finished: TinySearch, tmp_path: Path
) -> None:
    before = (finished.root / "stage-2/frozen.json").read_bytes()
    finished.config["stages"][1] |= {"keep": 2, "degree": 1}
    trained = again(finished, finished.target("final/rung-0/metrics.parquet"))
    assert (finished.root / "stage-2/frozen.json").read_bytes() != before
    assert set(trained) == {"rung-0"}
    assert len(aside(finished, "final/rung-0")) == trained["rung-0"]
    parts = ("stage-1", "stage-2", "final/rung-0")
    assert results(finished, *parts) == fresh(finished, tmp_path / "fresh", *parts)


def test_a_longer_bracket_continues_the_one_there_is(finished: TinySearch) -> None:
    finished.config["final"]["max_budget"] = 4
    assert again(finished) == {"rung-2": 1}
    assert json.loads((finished.root / "best.json").read_text())["budget"] == 4


def test_a_stage_less_is_set_aside(finished: TinySearch, tmp_path: Path) -> None:
    del finished.config["stages"][1]
    trained = again(finished, finished.target("final/rung-0/metrics.parquet"))
    assert set(trained) <= {"rung-0"}
    assert len(list((finished.root / "aside/stage-2.1/trials").glob("*"))) == STAGE_2
    parts = ("stage-1", "final/rung-0")
    assert results(finished, *parts) == fresh(finished, tmp_path / "fresh", *parts)


def test_a_changed_program_trains_everything_again(finished: TinySearch) -> None:
    program = finished.folder / "train.py"
    program.write_text(program.read_text() + "# changed\n")
    assert again(finished, finished.target("stage-1/metrics.parquet")) == {"stage-1": STAGE_1}
    assert len(aside(finished, "stage-1")) == STAGE_1
    planned = finished.run("--dry-run")
    assert re.search(rf"train sample\s+{STAGE_2 + RUNG_0 + RUNG_1}\b", planned)


def test_records_that_are_no_good_are_trained_again_alone(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    """One is deleted, one is damaged, and one is another training's."""
    trials = finished.root / "stage-1/trials"
    (trials / "0005.json").unlink()
    (trials / "0006.json").write_text("{")
    (trials / "0007.json").write_text('{"schema_version": 1, "key": "x"}')
    before = len(finished.trained())
    finished.run("--forcerun", "train_sample", "--", finished.target("stage-1/frozen.json"))
    assert sorted(finished.trained()[before:]) == ["stage-1/0005", "stage-1/0006", "stage-1/0007"]
    assert finished.results() == undisturbed.results()


def test_a_failed_step_is_not_forgotten(finished: TinySearch, undisturbed: TinySearch) -> None:
    table = finished.target("stage-1/metrics.parquet")
    record = finished.root / "stage-1/trials/0005.json"
    record.write_text("{")
    for _ in range(2):
        assert "is not valid JSON" in finished.run(table, succeeds=False)
    assert "1 training to rerun" in retry(finished, "stage-1", "--failed")
    assert again(finished, table) == {"stage-1": 1}
    assert finished.results() == undisturbed.results()


def test_a_training_is_not_continued_from_what_failed_before(finished: TinySearch) -> None:
    """The earlier rung's training has the same key, but left another checkpoint."""
    rung = finished.root / "final/rung-1/samples.jsonl"
    origin = json.loads(rung.read_text().splitlines()[0])["continues"]["trial"]
    path = finished.root / f"final/rung-0/trials/{origin:04d}.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "status": "timeout", "value": None}))
    assert again(finished, finished.target("final/rung-1/metrics.parquet"))["rung-1"] >= 1


def test_copied_results_are_not_changed(finished: TinySearch) -> None:
    shutil.rmtree(finished.folder / ".snakemake")
    finished.config["stages"][0]["samples"] += 6
    output = " ".join(finished.run(succeeds=False).split())
    assert "stages.1.samples: 24 in the results, 30 in the config" in output
    assert "restored or copied" in output


def test_failed_trainings_are_retried_and_no_others(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    table = finished.target("stage-1/metrics.parquet")
    shutil.rmtree(finished.root / "stage-1/trials")
    (finished.root / "stage-1/metrics.parquet").unlink()
    finished.run(table, fail="0003 0017")
    assert "there are 22 ok, 2 failed" in retry(
        finished, "stage-1", "--status", "timeout", succeeds=False
    )
    before = len(finished.trained())
    assert "stage-1: 2 trainings to rerun" in retry(finished, "stage-1", "--failed")
    assert aside(finished, "stage-1") == {"0003.1.json", "0017.1.json"}
    assert "a bad day" in (finished.root / "stage-1/aside/0003.1.log").read_text()
    finished.run(table, *(finished.target(f"stage-1/trials/{i:04d}.json") for i in (3, 17)))
    assert sorted(finished.trained()[before:]) == ["stage-1/0003", "stage-1/0017"]
    assert finished.results() == undisturbed.results()


def test_what_follows_is_left_alone_if_a_retry_changes_nothing(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    later = [
        path
        for name in ("psr.json", "frozen.json", "samples.jsonl", "best.json")
        for path in finished.root.rglob(name)
    ]
    later += finished.root.glob("stage-2/trials/*")
    times = {path: path.stat().st_mtime_ns for path in later}
    before = len(finished.trained())
    snakefile = ["--snakefile", str(REPOSITORY / "Snakefile")]
    retry(finished, "stage-1", "--trials", "3,17", "--", "--cores", "2", *snakefile)
    assert sorted(finished.trained()[before:]) == ["stage-1/0003", "stage-1/0017"]
    assert {path: path.stat().st_mtime_ns for path in later} == times
    assert finished.results() == undisturbed.results()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stage-1"], "no trainings selected"),
        (["stage-1", "--trials", "99"], "training 99 has no record. It has trainings 0 to 23"),
        (["stage-1", "--trials", "a"], "not a number: 'a' (expected e.g. 3,17,40-45)"),
        (["stage-9", "--failed"], "'stage-9' is not a part of this search"),
        (["stage-1", "--failed"], "no training to retry"),
    ],
)
def test_a_retry_of_nothing_is_explained(
    undisturbed: TinySearch, arguments: list[str], message: str
) -> None:
    assert message in retry(undisturbed, *arguments, succeeds=False)


def test_deleted_files_are_written_again_and_nothing_is_trained(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    """What messages about damaged files advise."""
    names = [
        *("stage-2/runtime.parquet", "stage-2/psr.json", "final/rung-0/samples.parquet"),
        *("final/rung-1/samples.jsonl", "final/table.parquet", "best-configuration.json"),
        "plan.json",
    ]
    for name in names:
        (finished.root / name).unlink()
    assert again(finished) == {}
    assert finished.results() == undisturbed.results()
    assert all((finished.root / name).is_file() for name in names)
