"""The command: programs that work, fail, hang, are killed or interrupted, with advice."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tryout_support import ANSWER, scratch_folders, start, try_it, write

Captured = pytest.CaptureFixture[str]


def test_a_command_is_shown_run_and_judged_and_the_search_is_priced(capsys: Captured) -> None:
    write("echo hello; sleep 0.2\n" + ANSWER)
    assert try_it("--parallel", "4") == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert lines.index("  sh job.sh") < lines.index("hello") < lines.index("Result:")
    assert re.search(r"^  error +0.5$", shown, re.MULTILINE)
    assert re.search(r"^  loss +2$", shown, re.MULTILINE)
    assert re.search(r"^  peak memory +[1-9]\d* MB", shown, re.MULTILINE)
    assert "The whole search: 18 trainings" in shown
    assert "with 4 tasks in parallel" in shown
    assert not Path("results").exists()
    assert not scratch_folders()


def test_a_learning_curve_is_told_of(capsys: Captured) -> None:
    line = 'echo \'{"step": %s, "metric": 1}\' >> "$HARMONICA_CURVE_FILE"\n'
    write(line % 5 + line % 10 + ANSWER)
    assert try_it() == 0
    assert re.search(r"^  learning curve +step 5 to 10$", capsys.readouterr().out, re.MULTILINE)


def test_the_command_shown_can_be_pasted(capsys: Captured) -> None:
    write(ANSWER)
    assert try_it("--output", "kept") == 0
    (result,) = Path("kept").rglob("result.json")
    result.unlink()
    pasted = re.search(r"Command:\n(.*)Output:", capsys.readouterr().out, re.DOTALL)
    assert pasted
    subprocess.run(["sh", "-c", pasted[1]], check=True)
    assert json.loads(result.read_text())["error"] == 0.5


def test_a_folder_that_is_not_empty_is_left_alone(capsys: Captured) -> None:
    write(ANSWER)
    Path("mine").mkdir()
    Path("mine/notes").touch()
    assert try_it("--output", "mine") == 1
    assert "mine exists and is not an empty folder" in capsys.readouterr().err
    assert list(Path("mine").iterdir()) == [Path("mine/notes")]


def test_a_callable_is_run_and_its_output_shown_while_it_runs() -> None:
    write("", command=None, callable="job:objective")
    Path("job.py").write_text(
        "import time\nfrom pathlib import Path\n\n\n"
        "def objective(configuration, budget):\n"
        "    print('depth', configuration['depth'], flush=True)\n"
        "    while not Path('continue').exists():\n        time.sleep(0.01)\n"
        "    return {'error': budget / 4}\n"
    )
    with start("--set", "depth=7") as running:
        assert running.stdout
        while running.stdout.readline() != "depth 7\n":
            assert running.poll() is None
        Path("continue").touch()
        assert re.search(r"^  error +0.5$", running.stdout.read(), re.MULTILINE)
    assert running.returncode == 0


@pytest.mark.parametrize(
    ("script", "objective", "message"),
    [
        ("echo 'x: error: unrecognized arguments: --a 1'; exit 2", {}, "know the arguments --a 1"),
        ("echo 'the following arguments are required: --data'; exit 2", {}, "also needs --data"),
        ("echo \"ModuleNotFoundError: No module named 'torch'\"; exit 1", {}, "no module torch"),
        ("exit 3", {}, "exit status 3. The program's own output"),
        ("missing-program", {}, "A command was not found"),
        ("true", {}, 'write a JSON file, e.g. {"error": 0.1}'),
        (ANSWER, {"metric": "accuracy"}, "one of the keys that the program writes: error, loss"),
        ('echo \'{"error": "low"}\' > "$HARMONICA_RESULT"', {}, "error as a number, not as a str"),
        ('echo \'{"error": NaN}\' > "$HARMONICA_RESULT"', {}, "if all diverge"),
        ('echo 0.5 > "$HARMONICA_RESULT"', {}, "must hold one JSON object"),
        ("echo waiting; sleep 60", {"timeout": 0.5}, "Raise objective.timeout (0.5 s)"),
        ("kill -9 $$", {}, "not enough memory"),
        ("kill -11 $$", {}, "The program crashed"),
    ],
)
def test_a_failure_ends_in_advice(
    script: str, objective: dict[str, object], message: str, capsys: Captured
) -> None:
    write(script, **objective)
    assert try_it() == 1
    shown = capsys.readouterr()
    assert message in shown.err
    (kept,) = scratch_folders()
    assert f"Files: {kept}\n" in shown.out
    assert list(kept.rglob("log.txt"))


def test_a_program_that_cannot_be_started_is_named(capfd: Captured) -> None:
    write("", command="./job.sh {config}")
    Path("job.sh").write_text("#!/no/such/shell\n")
    Path("job.sh").chmod(0o755)
    assert try_it() == 1
    assert "'./job.sh' cannot be started" in capfd.readouterr().err


def test_a_larger_budget_that_would_take_too_long_is_named(capsys: Captured) -> None:
    write("sleep 0.6\n" + ANSWER, timeout=2)
    assert try_it("--budget", "0.5") == 0
    assert "longer than objective.timeout (2 s)" in capsys.readouterr().out


def test_ctrl_c_ends_the_training_and_says_so() -> None:
    write("sleep 60 & echo $! > pid; wait")
    running = start()
    end = time.monotonic() + 30
    while not (Path("pid").is_file() and Path("pid").read_text().endswith("\n")):
        assert time.monotonic() < end
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Interrupted: the training was stopped." in said
    left = Path(f"/proc/{Path('pid').read_text().strip()}/stat")
    assert not left.exists() or left.read_text().rpartition(")")[2].split()[0] == "Z"
    assert not scratch_folders()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "deepth=3"], "there is no 'deepth', did you mean 'depth'?"),
        (["--part", "stage-2"], "'stage-2' is not a part, did you mean 'stage-1'?"),
        (["--best"], "results/tiny: not a search folder"),
    ],
)
def test_a_mistake_is_explained_before_anything_runs(
    arguments: list[str], message: str, capsys: Captured
) -> None:
    write("touch ran")
    assert try_it(*arguments) == 1
    assert message in capsys.readouterr().err
    assert not Path("ran").exists()
    assert not scratch_folders()
