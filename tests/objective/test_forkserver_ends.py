"""How forked trainings, their steps and their server end."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from forkserver_support import PROGRAM, forked, run, servers, start
from objective_support import RUNG_0, is_alive, pid_in, python, wait_until


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_no_two_trainings_have_the_same_random_numbers(owner: subprocess.Popen[bytes]) -> None:
    trial = python(
        "import random, numpy\ndef objective(configuration):\n"
        "    return {'error': 1, 'a': random.random(), 'b': numpy.random.random()}\n"
    )
    first, second = (forked(owner, trial)["metrics"] for _ in range(2))
    assert first["a"] != second["a"]
    assert first["b"] != second["b"]


def test_messages_of_the_step_reach_its_own_output(owner: subprocess.Popen[bytes]) -> None:
    python(PROGRAM)
    status, output = run(owner, 99)
    assert status == 1
    assert "results/tiny/final/rung-0/samples.jsonl: has no sample 99" in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_step_ends_its_training_in_good_order(
    number: int, owner: subprocess.Popen[bytes]
) -> None:
    trial = python(
        "import os, signal, sys, time\ndef objective(configuration):\n"
        "    signal.signal(signal.SIGTERM, lambda *_: (open('saved', 'w').close(), sys.exit()))\n"
        "    print(os.getpid(), file=open('pid', 'w'))\n    time.sleep(60)\n"
    )
    with start(owner) as process:
        training = pid_in("pid")
        process.send_signal(number)
        assert process.wait() == 130
    assert Path("saved").exists()
    assert not is_alive(training)
    assert not trial.folder.record(RUNG_0, 0).exists()
    assert '"deaths": 0' in (trial.work / ".started").read_text()


@pytest.mark.parametrize("victim", ["step", "server"])
def test_a_killed_step_or_server_leaves_no_training(
    victim: str, owner: subprocess.Popen[bytes]
) -> None:
    python(
        "import os, time\ndef objective(configuration):\n"
        "    print(os.getpid(), file=open('pid', 'w'))\n    time.sleep(60)\n"
    )
    with start(owner) as process:
        training = pid_in("pid")
        os.kill(process.pid if victim == "step" else servers()[0], signal.SIGKILL)
        wait_until(lambda: not is_alive(training))
        assert process.wait() != 0


def test_trainings_outlive_the_owner_and_the_server_does_not(
    owner: subprocess.Popen[bytes],
) -> None:
    trial = python(
        "import os, time\ndef objective(configuration):\n"
        "    print(os.getpid(), file=open('pid', 'w'))\n"
        "    while not os.path.exists('go'):\n        time.sleep(0.01)\n    return 1\n"
    )
    with start(owner) as process:
        pid_in("pid")
        owner.kill()
        owner.wait()
        Path("go").touch()
        assert process.wait() == 0
    assert trial.record["value"] == 1
    wait_until(lambda: not servers())


def test_without_a_task_there_is_no_server() -> None:
    trial = python(PROGRAM)
    with trial.start() as process:
        assert process.wait() == 0
    assert not servers()
