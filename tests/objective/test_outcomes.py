"""Whatever a training does becomes a record."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from objective_support import Trial, is_alive, pid_in, shell, wait_until

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective import supervise
from harmonica_steps.objective.outcome import judge

pytestmark = pytest.mark.usefixtures("_own_folder")


@pytest.fixture
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(supervise, "GRACE", 0.2)


def outcome(record: dict[str, Any]) -> tuple[str, float | None, str | None]:
    return record["status"], record["value"], record["cause"]


def result(text: str) -> str:
    return f"cat > $HARMONICA_RESULT <<'END'\n{text}\nEND\n"


def test_a_good_training_is_recorded_with_its_other_metrics() -> None:
    record = shell(result('{"error": 0.25, "loss": 3, "name": "x", "bad": NaN}')).run()
    assert outcome(record) == ("ok", 0.25, None)
    assert record["metrics"] == {"loss": 3.0}
    assert record["error"] is None
    assert (record["part"], record["trial"], record["budget"]) == ("final/rung-0", 0, 1)
    assert record["configuration"].keys() == {"a", "rate"}
    assert record["run"].keys() >= {"seconds", "cpu_seconds", "host", "job", "deaths"}


BAD_RESULTS = [
    ('{"error": NaN}', "diverged", "'error' is not finite"),
    ('{"error": Infinity}', "diverged", "'error' is not finite"),
    ('{"error": -Infinity}', "diverged", "'error' is not finite"),
    ('{"error": 1' + 400 * "0" + "}", "diverged", "'error' is too large"),
    ('{"error": -1e101}', "diverged", "'error' is too large"),
    ('{"error": "0.5"}', "failed", "'error' is a string, not a number"),
    ('{"error": [0.5]}', "failed", "'error' is a list, not a number"),
    ('{"error": {}}', "failed", "'error' is a mapping, not a number"),
    ('{"error": null}', "failed", "'error' is a null, not a number"),
    ('{"error": true}', "failed", "'error' is a truth value, not a number"),
    ('{"loss": 1, "acc": 2}', "failed", "result has no 'error', it has loss, acc"),
    ("{}", "failed", "result has no 'error', it has nothing"),
    ("[0.5]", "failed", "result is a list, not an object"),
    ("0.5", "failed", "result is a number, not an object"),
    ('{"error": 0.', "failed", "result file is not valid JSON"),
    ("", "failed", "result file is empty; a JSON object is wanted"),
    ('{"error": ' + 5000 * "1" + "}", "diverged", "'error' is too large"),
]


@pytest.mark.parametrize(
    ("text", "status", "cause"), BAD_RESULTS, ids=[r[0][:20] for r in BAD_RESULTS]
)
def test_a_result_without_a_usable_metric_is_a_failure_with_a_cause(
    text: str, status: str, cause: str
) -> None:
    record = shell("echo last words\n" + result(text)).run()
    assert outcome(record) == (status, None, cause)
    assert record["error"] == f"{cause}: last words"


def test_an_exit_status_is_told_with_the_last_line_of_the_log() -> None:
    record = shell("echo starting\necho out of luck >&2\necho\nexit 3\n").run()
    assert outcome(record) == ("failed", None, "exit status 3")
    assert record["error"] == "exit status 3: out of luck"
    assert Path(record["log"]).read_text() == "starting\nout of luck\n\n"


def test_a_result_does_not_make_up_for_an_exit_status() -> None:
    assert outcome(shell(result('{"error": 1}') + "exit 1").run())[:2] == ("failed", None)


@pytest.mark.parametrize(
    ("end", "status", "cause"),
    [
        ("exit 3", "failed", "exit status 3"),
        ("kill -SEGV $$", "killed", "died of signal SIGSEGV"),
        ("sleep 20", "timeout", "timeout after 0.3 s"),
    ],
)
@pytest.mark.parametrize("source", ["result", "printed"])
def test_a_metric_before_a_bad_end_is_shown_and_can_be_accepted(
    end: str, status: str, cause: str, source: str
) -> None:
    script = result('{"error": 0.5}') if source == "result" else "echo error=0.5\n"
    pattern = {"metric_pattern": r"error=(\S+)"} if source == "printed" else {}
    record = shell(f"{script}echo oh\n{end}", timeout=0.3, **pattern).run()
    assert outcome(record) == (status, None, cause)
    left = "after it left 'error' = 0.5 (objective.accept_result: true would accept it)"
    assert record["error"] == f"{cause}, {left}: oh"
    accepted = shell(f"{script}echo oh\n{end}", timeout=0.3, accept_result=True, **pattern)
    accepted.folder.record("final/rung-0", 0).unlink()
    assert outcome(accepted.run()) == ("ok", 0.5, None)


def test_a_result_that_is_no_good_is_not_accepted() -> None:
    bad = shell(result('{"error": NaN}') + "exit 3", accept_result=True)
    assert outcome(bad.run()) == ("failed", None, "exit status 3")


def test_a_training_without_a_result_file_failed() -> None:
    assert outcome(shell("true").run()) == ("failed", None, "wrote no result file")


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("KILL", "died of signal SIGKILL (out of memory?)"),
        ("SEGV", "died of signal SIGSEGV"),
    ],
)
def test_a_training_that_dies_of_a_signal_is_recorded_as_killed(name: str, cause: str) -> None:
    assert outcome(shell(f"kill -{name} $$").run()) == ("killed", None, cause)


def test_a_signal_without_a_name_is_recorded_as_well(tmp_path: Path) -> None:
    number = signal.SIGRTMIN + 3
    found = judge(-number, dict, "error", tmp_path / "log.txt")
    assert found.status == "killed"
    assert str(int(number)) in str(found.cause)


def test_a_training_over_its_time_is_stopped_even_if_it_ignores_the_request() -> None:
    script = "trap '' TERM\necho $$ > pid\necho still here\nwhile true; do sleep 5; done\n"
    record = shell(script, timeout=0.4).run()
    assert outcome(record) == ("timeout", None, "timeout after 0.4 s")
    assert record["error"] == "timeout after 0.4 s: still here"
    assert not is_alive(pid_in("pid"))
    assert record["run"]["seconds"] < 3


def test_a_training_over_its_time_may_tidy_up() -> None:
    record = shell("trap 'touch tidy; exit 0' TERM\nsleep 20 & wait\n", timeout=0.4).run()
    assert record["status"] == "timeout"
    assert Path("tidy").exists()


def test_a_good_result_before_the_timeout_does_not_count() -> None:
    record = shell(result('{"error": 1}') + "sleep 20\n", timeout=0.3).run()
    assert outcome(record) == ("timeout", None, "timeout after 0.3 s")


@pytest.mark.parametrize("end", ["", "exit 1", "kill -9 $$"], ids=["ok", "failed", "killed"])
def test_the_children_of_a_training_do_not_outlive_it(end: str) -> None:
    shell("sleep 100 & echo $! > pid\n" + result('{"error": 1}') + end).run()
    child = pid_in("pid")
    wait_until(lambda: not is_alive(child), seconds=2)


def test_the_training_dies_with_its_supervisor() -> None:
    trial = shell("echo $$ > pid\nexec sleep 100\n")
    supervisor = trial.start()
    training = pid_in("pid")
    assert is_alive(training)
    supervisor.kill()
    supervisor.communicate()
    wait_until(lambda: not is_alive(training), seconds=2)


def test_placeholders_and_environment_say_the_same() -> None:
    Path("job.sh").write_text(
        'printf "%s\\n" "$@" > told\nenv | grep ^HARMONICA_ | sort > environment\n'
        'cp "$1" seen.json\n' + result('{"mean error": 1}')
    )
    trial = Trial(
        command="sh job.sh {config} {result} {seed} {budget} {workdir} "
        "--to={checkpoint} 'a b' $HOME",
        metric="mean error",
    )
    record = trial.run()
    config, answer, seed, budget, workdir, checkpoint, words, home = (
        Path("told").read_text().splitlines()
    )
    assert json.loads(Path("seen.json").read_text()) == record["configuration"]
    assert record["value"] == 1
    assert (seed, budget) == (str(record["seed"]), "1")
    assert Path(workdir) == trial.work.absolute()
    assert Path(config).parent == Path(answer).parent == Path(workdir)
    assert checkpoint == f"--to={workdir}/checkpoint"
    assert (words, home) == ("a b", "$HOME")  # split as a shell does, but no shell is involved
    assert Path("environment").read_text().splitlines() == [
        f"HARMONICA_BUDGET={budget}",
        f"HARMONICA_CHECKPOINT={workdir}/checkpoint",
        f"HARMONICA_CONFIG={config}",
        f"HARMONICA_CURVE_FILE={workdir}/curve.jsonl",
        "HARMONICA_METRIC=mean error",
        f"HARMONICA_RESULT={answer}",
        f"HARMONICA_SEED={seed}",
        f"HARMONICA_WORKDIR={workdir}",
    ]


def test_the_training_reads_nothing_from_the_terminal() -> None:
    assert shell("read line && exit 9\n" + result('{"error": 1}')).run()["status"] == "ok"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no-such-program {config}", "objective.command: 'no-such-program' cannot be started"),
        ("sh 'job.sh", "cannot be read: No closing quotation"),
    ],
)
def test_a_command_that_cannot_be_started_is_no_record_but_a_message(
    command: str, message: str
) -> None:
    trial = Trial(command=command)
    with pytest.raises(HarmonicaError) as caught:
        trial.run()
    assert message in str(caught.value)
    assert not trial.folder.record("final/rung-0", 0).exists()


def test_a_command_that_cannot_be_started_is_no_death_of_the_training() -> None:
    trial = Trial(command="./job", deaths=2)
    for _ in range(4):
        with pytest.raises(HarmonicaError, match="cannot be started"):
            trial.run()
    Path("job").write_text("#!/bin/sh\n" + result('{"error": 0.5}'))
    Path("job").chmod(0o755)
    trial = Trial(command="./job", deaths=2)
    assert outcome(trial.run()) == ("ok", 0.5, None)


# Python functions
