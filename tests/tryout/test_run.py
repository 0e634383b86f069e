"""The command: programs that work, fail, hang, are killed or interrupted, with advice."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tryout_support import ANSWER, command, try_it, write


def test_a_command_is_shown_run_and_judged_and_the_search_is_priced() -> None:
    write("echo hello; sleep 0.2\n" + ANSWER)
    run = try_it("--parallel", "4")
    assert run.returncode == 0, run.stderr
    shown = run.stdout.splitlines()
    assert shown.index("  sh job.sh") < shown.index("hello") < shown.index("Result:")
    assert re.search(r"^  error +0.5$", run.stdout, re.MULTILINE)
    assert re.search(r"^  loss +2$", run.stdout, re.MULTILINE)
    assert re.search(r"^  peak memory +[1-9]\d* MB", run.stdout, re.MULTILINE)
    assert "The whole search: 18 trainings" in run.stdout
    assert "with 4 tasks at a time" in run.stdout
    assert not Path("results").exists()
    assert not list(Path("tmp").iterdir())


def test_the_command_shown_can_be_pasted() -> None:
    write(ANSWER)
    run = try_it("--output", "kept")
    (result,) = Path("kept").rglob("result.json")
    result.unlink()
    pasted = re.search(r"Command:\n(.*)Output:", run.stdout, re.DOTALL)
    assert pasted
    subprocess.run(["sh", "-c", pasted[1]], check=True)
    assert json.loads(result.read_text())["error"] == 0.5
    assert try_it("--output", "kept").returncode == 1


def test_a_callable_is_run_as_in_a_search() -> None:
    write("", command=None, callable="job:objective")
    Path("job.py").write_text(
        "def objective(configuration, budget):\n    print('depth', configuration['depth'])\n"
        "    return {'error': budget / 4}\n"
    )
    run = try_it("--set", "depth=7")
    assert run.returncode == 0, run.stderr
    assert "depth 7" in run.stdout
    assert re.search(r"^  error +0.5$", run.stdout, re.MULTILINE)


def test_output_is_shown_while_the_program_runs() -> None:
    write("echo first; while [ ! -e continue ]; do sleep 0.05; done\n" + ANSWER)
    with subprocess.Popen(command(), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        while running.stdout.readline() != "first\n":
            assert running.poll() is None
        Path("continue").touch()
        assert running.wait(20) == 0


@pytest.mark.parametrize(
    ("script", "objective", "message"),
    [
        ("echo 'x: error: unrecognized arguments: --a 1'; exit 2", {}, "know the arguments --a 1"),
        ("echo 'the following arguments are required: --data'; exit 2", {}, "also needs --data"),
        ("echo \"ModuleNotFoundError: No module named 'torch'\"; exit 1", {}, "no module torch"),
        ("exit 3", {}, "exit status 3. The program's own output"),
        ("missing-program", {}, "A command was not found"),
        ("true", {}, 'write a JSON file such as {"error": 0.1}'),
        (ANSWER, {"metric": "accuracy"}, "one of the keys that the program writes: error, loss"),
        ('echo \'{"error": "low"}\' > "$HARMONICA_RESULT"', {}, "error as a number, not as a str"),
        ('echo \'{"error": NaN}\' > "$HARMONICA_RESULT"', {}, "if all diverge"),
        ('echo 0.5 > "$HARMONICA_RESULT"', {}, "must hold one JSON object"),
        ("echo waiting; sleep 60", {"timeout": 0.5}, "Raise objective.timeout (0.5 s)"),
        ("kill -9 $$", {}, "not enough memory"),
        ("kill -11 $$", {}, "The program crashed"),
    ],
)
def test_a_failure_ends_in_advice(script: str, objective: dict[str, object], message: str) -> None:
    write(script, **objective)
    run = try_it()
    assert run.returncode == 1
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    (kept,) = re.findall("^Files: (.*)$", run.stdout, re.MULTILINE)
    assert list(Path(kept).rglob("log.txt"))


def test_a_larger_budget_that_would_take_too_long_is_named() -> None:
    write("sleep 0.7\n" + ANSWER, timeout=1)
    assert "longer than objective.timeout (1 s)" in try_it("--budget", "1").stdout


def test_ctrl_c_ends_the_training_and_says_so() -> None:
    Path("tmp").mkdir()
    write("echo $$ > pid; sleep 60 & wait")
    environment = {**os.environ, "TMPDIR": str(Path.cwd() / "tmp")}
    running = subprocess.Popen(command(), stderr=subprocess.PIPE, text=True, env=environment)
    end = time.monotonic() + 20
    while not (Path("pid").is_file() and Path("pid").read_text().endswith("\n")):
        assert time.monotonic() < end
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "Interrupted: the training has been ended." in said
    with pytest.raises(ProcessLookupError):
        os.killpg(int(Path("pid").read_text()), 0)
    assert not list(Path("tmp").iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "deepth=3"], "there is no 'deepth', did you mean 'depth'?"),
        (["--part", "stage-2"], "'stage-2' is not a part, did you mean 'stage-1'?"),
        (["--best"], "results/tiny: holds no search"),
    ],
)
def test_a_mistake_is_explained_before_anything_runs(arguments: list[str], message: str) -> None:
    write("touch ran")
    run = try_it(*arguments)
    assert run.returncode == 1
    assert message in run.stderr
    assert not Path("ran").exists()
    assert not list(Path("tmp").iterdir())
