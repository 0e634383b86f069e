"""Trainings that fail, users who err, machines that give up: a clear message, nothing lost."""

import json
import subprocess

import pytest
from small_disk import mounted, remount
from tiny_search import PROGRAM, REPOSITORY, TinySearch

FAILING = '''
"""Every third training fails, each in its own way."""

import json
import os
import sys
import time

configuration = json.load(open(os.environ["HARMONICA_CONFIG"]))
result = os.environ["HARMONICA_RESULT"]
trial = int(os.environ["HARMONICA_WORKDIR"][-4:])
print("training", trial)
ways = {
    0: lambda: sys.exit("out of ideas"),
    3: lambda: time.sleep(60),
    6: lambda: json.dump({"error": float("nan")}, open(result, "w")),
    9: lambda: open(result, "w").write("{garbage"),
    12: lambda: json.dump({"error": "low"}, open(result, "w")),
    15: lambda: json.dump({"loss": 1.0}, open(result, "w")),
    18: lambda: os.kill(os.getpid(), 9),
    21: lambda: None,
}
if trial in ways:
    ways[trial]()
else:
    json.dump({"error": 1.0 if configuration["a"] else -1.0}, open(result, "w"))
'''

EXPECTED = {
    0: ("failed", "exit status 1: out of ideas"),
    3: ("timeout", "timeout after 2 s"),
    6: ("diverged", "not finite"),
    9: ("failed", "not valid JSON"),
    12: ("failed", "'error' is a string"),
    15: ("failed", "has no 'error', it has loss"),
    18: ("killed", "SIGKILL"),
    21: ("failed", "wrote no result file"),
}


def stage_1(search: TinySearch) -> dict[str, bytes]:
    return {n: data for n, data in search.results().items() if n.startswith("stage-1/")}


@pytest.fixture
def failing(tiny: TinySearch) -> TinySearch:
    (tiny.folder / "fail.py").write_text(FAILING)
    tiny.config["objective"] = {"command": "python fail.py", "timeout": 2}
    tiny.config["stages"] = [{"samples": 30, "degree": 1, "sparsity": 1}]
    return tiny


def test_failed_trainings_are_records_and_the_policy_says_whether_the_search_goes_on(
    failing: TinySearch,
) -> None:
    frozen = failing.root / "stage-1/frozen.json"
    failing.config["stages"][0]["failures"] = {"max_failed_fraction": 0.1}
    output = failing.run(failing.target("stage-1/frozen.json"), succeeds=False)
    assert "8 of 30 trainings failed; its policy allows 3" in " ".join(output.split())
    assert "1 x failed: exit status 1 (trials 0)" in output
    assert "stage-1/work/0000/log.txt" in output
    for trial, (status, error) in EXPECTED.items():
        record = json.loads((failing.root / f"stage-1/trials/{trial:04d}.json").read_text())
        assert record["status"] == status
        assert error in record["error"]
        assert record["value"] is None
        assert f"training {trial}" in (failing.folder / record["log"]).read_text()
    before = {path: path.stat().st_mtime_ns for path in failing.root.glob("stage-1/trials/*")}
    del failing.config["stages"][0]["failures"]
    failing.run(failing.target("stage-1/frozen.json"))
    after = {path: path.stat().st_mtime_ns for path in failing.root.glob("stage-1/trials/*")}
    assert after == before
    assert json.loads(frozen.read_text())["candidates"][0]["assignment"] == {"a": False}


def test_a_metric_that_is_never_written_is_named(failing: TinySearch) -> None:
    failing.config["objective"]["metric"] = "accuracy"
    failing.config["stages"][0]["samples"] = 10
    table = failing.target("stage-1/metrics.parquet")
    output = " ".join(failing.run(table, succeeds=False).split())
    assert "result has no 'accuracy', it has error" in output


def test_a_program_that_always_fails_stops_early_and_resumes_once_it_is_fixed(
    tiny: TinySearch, undisturbed: TinySearch
) -> None:
    program = tiny.folder / "train.py"
    for broken, options in (
        ("no_such_module", []),
        ("nor_this_one", ["--profile", str(REPOSITORY / "profiles/local")]),
    ):
        program.write_text(f"import {broken}\n")
        output = " ".join(tiny.run(*options, succeeds=False).split())
        assert "stage-1: the first 10 trainings have all failed in the same way" in output
        assert f"ModuleNotFoundError: No module named '{broken}'" in output
        assert "config.yaml --trial stage-1/" in output
        assert output.count("Error in rule") == 0
        records = [path.read_text() for path in tiny.root.glob("stage-1/trials/*.json")]
        assert 10 <= sum(broken in record for record in records) < 20
    program.write_text(PROGRAM)
    tiny.run(tiny.target("stage-1/frozen.json"))
    assert stage_1(tiny) == stage_1(undisturbed)
    assert sorted(tiny.trained()) == [f"stage-1/{trial:04d}" for trial in range(24)]


def test_results_of_another_configuration_are_refused(finished: TinySearch) -> None:
    trained = finished.trained()
    finished.config["seed"] = 4
    finished.config["stages"][0]["budget"] = 5
    output = " ".join(finished.run(succeeds=False).split())
    assert "seed: 3 in the results, 4 in the config" in output
    assert "stages.1.budget: 1 in the results, 5 in the config" in output
    assert "a name of its own" in output
    assert finished.trained() == trained


def test_a_wrong_configuration_stops_before_any_job(tiny: TinySearch) -> None:
    tiny.config["stages"][0]["sampels"] = tiny.config["stages"][0].pop("samples")
    output = tiny.run(succeeds=False)
    assert "stages.1.sampels: unknown key, did you mean 'samples'?" in output
    assert not tiny.root.exists()


def test_a_key_that_is_given_twice_is_named(tiny: TinySearch) -> None:
    command = tiny.command("--dry-run")
    path = tiny.folder / "config.yaml"
    path.write_text(path.read_text().replace("  b:\n", "  a:\n"))
    run = subprocess.run(command, cwd=tiny.folder, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "duplicate key 'a'" in run.stderr + run.stdout


@pytest.mark.usefixtures("can_mount")
def test_a_full_disk_is_explained_and_survived(tiny: TinySearch, undisturbed: TinySearch) -> None:
    results = tiny.folder / "results"
    with mounted(results, "size=400k"):
        output = " ".join(tiny.run(succeeds=False).split())
        assert "No space left on device" in output
        remount(results, "size=64m")
        tiny.run(tiny.target("stage-1/frozen.json"))
        assert stage_1(tiny) == stage_1(undisturbed)


@pytest.mark.usefixtures("can_mount")
def test_a_read_only_results_folder_is_explained(tiny: TinySearch) -> None:
    with mounted(tiny.root, "ro"):
        output = " ".join(tiny.run(succeeds=False).split())
        assert "is read-only" in output
