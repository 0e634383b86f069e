"""Trainings forked from a process that has imported their program: as if each had its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from objective_support import RUNG_0, Trial, is_alive, pid_in, python, wait_until

from harmonica_steps.objective import preload
from harmonica_steps.objective.sharing import noted
from harmonica_steps.results.paths import SearchFolder

ONCE = 'open("imported", "a").write("x\\n")\n'
"""An import that leaves a trace."""

PROGRAM = f"""
{ONCE}
def objective(configuration, seed):
    print(configuration)
    return configuration["rate"] + seed % 10
"""

SCRIPT = """
import json, os, sys
import shared
assert __name__ == "__main__" and sys.argv == ["tools/job.py", "--fast"], sys.argv
json.dump({"error": shared.VALUE}, open(os.environ["HARMONICA_RESULT"], "w"))
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    """A process that owns a fork server."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()
        process.wait()
        wait_until(lambda: not servers())


def servers() -> list[int]:
    """Fork servers that run in this test's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            here = (process / "cwd").resolve() == Path.cwd()
            if here and b"objective.forkserver" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def start(owner: subprocess.Popen[bytes], trial: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "harmonica_steps", "train", "results/tiny", RUNG_0, str(trial)],
        env={**os.environ, "HARMONICA_OWNER": str(owner.pid)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(owner: subprocess.Popen[bytes], trial: int = 0) -> tuple[int, str]:
    with start(owner, trial) as process:
        output, _ = process.communicate()
    return process.returncode, output


def forked(owner: subprocess.Popen[bytes], trial: Trial) -> dict[str, Any]:
    trial.folder.record(RUNG_0, 0).unlink(missing_ok=True)
    assert run(owner) == (0, "")
    return trial.record


def without_run(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "run"}


def imports() -> int:
    return len(Path("imported").read_text().split())


@pytest.mark.parametrize(
    "body",
    [
        "return configuration['rate']",
        "return {'error': 1, 'loss': 0.5}",
        "return float('nan')",
        "raise ValueError('no such layer')",
        "raise SystemExit",
        "raise SystemExit(3)",
        "raise SystemExit('no data')",
        "print('last words'); import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        "import atexit; atexit.register(print, 'the end'); return 'much'",
        "import sys; sys.stdout.write('no newline'); return None",
        "import threading; threading.Timer(0.3, print, ['late']).start(); return 'much'",
        "import os; return float(len(os.environ['PATH'] + str(hash('x'))))",
    ],
)
def test_every_end_is_that_of_a_process_of_its_own(
    body: str, owner: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harmonica_steps.objective.supervise.GRACE", 0.2)
    trial = python(f"def objective(configuration):\n    {body}\n", timeout=2)
    alone = trial.run()
    log = trial.work.joinpath("log.txt").read_text()
    together = forked(owner, trial)
    assert without_run(together) == without_run(alone)
    last = [text.splitlines()[-1:] for text in (log, (trial.work / "log.txt").read_text())]
    assert last[0] == last[1]
    assert len(servers()) == 1


def test_the_program_is_imported_once_for_all_trainings(owner: subprocess.Popen[bytes]) -> None:
    python(PROGRAM)
    for trial in (0, 1):
        assert run(owner, trial) == (0, "")
    assert imports() == 1
    assert len(servers()) == 1
    assert noted(SearchFolder(Path("results/tiny"))) is None


def test_a_module_of_a_python_elsewhere_is_not_shared(owner: subprocess.Popen[bytes]) -> None:
    Path("bin").mkdir()
    Path("bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    Path("bin/python").chmod(0o755)
    Path("job.py").write_text("print('error', 1)\n")
    command = f"{Path('bin/python').absolute()} job.py"
    trial = Trial(command=command, preload=["json"], metric_pattern=r"error (\S+)")
    assert forked(owner, trial)["value"] == 1
    assert "objective.command does not run a script with" in str(noted(trial.folder))
    assert noted(trial.folder, since=time.time() + 1) is None


def test_trainings_side_by_side_share_a_server(owner: subprocess.Popen[bytes]) -> None:
    python(PROGRAM)
    processes = [start(owner, trial) for trial in (0, 1)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(servers()) == 1


def test_without_preload_each_imports_for_itself(owner: subprocess.Popen[bytes]) -> None:
    python(PROGRAM, preload=[])
    for trial in (0, 1):
        assert run(owner, trial) == (0, "")
    assert imports() == 2


def test_a_script_shares_the_modules_that_it_names(owner: subprocess.Popen[bytes]) -> None:
    Path("tools").mkdir()
    Path("tools/job.py").write_text(SCRIPT)
    Path("tools/shared.py").write_text(f"VALUE = 4\n{ONCE}")
    trial = Trial(command="python tools/job.py --fast", preload=["shared"])
    alone = trial.run()
    assert imports() == 1
    assert without_run(forked(owner, trial)) == without_run(alone)
    assert run(owner, 1) == (0, "")
    assert imports() == 2


def test_a_script_has_its_settings_as_options_and_prints_its_metric(
    owner: subprocess.Popen[bytes],
) -> None:
    Path("job.py").write_text(
        "import shared, sys\nprint('loss', sys.argv[sys.argv.index('--rate') + 1])"
    )
    Path("shared.py").write_text(ONCE)
    command, pattern = "python job.py {args}", r"loss (\S+)"
    trial = Trial(command=command, preload=["shared"], metric_pattern=pattern)
    alone = trial.run()
    assert alone["value"] == alone["configuration"]["rate"]
    assert without_run(forked(owner, trial)) == without_run(alone)
    forked(owner, trial)
    assert imports() == 2


@pytest.mark.parametrize("file", ["job.py", "helper.py"])
def test_an_edited_program_is_loaded_anew(file: str, owner: subprocess.Popen[bytes]) -> None:
    Path("helper.py").write_text("VALUE = 1\n")
    trial = python("import helper\ndef objective(configuration):\n    return helper.VALUE + 1\n")
    assert forked(owner, trial)["value"] == 2
    path = Path(file)
    path.write_text(path.read_text().replace("1", "10"))
    again = forked(owner, trial)["value"]
    assert again == 11
    assert forked(owner, trial)["value"] == 11
    wait_until(lambda: len(servers()) == 1)


def test_a_program_that_cannot_be_imported_is_a_failed_training(
    owner: subprocess.Popen[bytes],
) -> None:
    trial = python("import nothing_of_that_name\n")
    alone = trial.run()
    assert without_run(forked(owner, trial)) == without_run(alone)
    assert "nothing_of_that_name" in alone["error"]
    assert "job cannot be imported (ModuleNotFoundError: No module" in str(noted(trial.folder))


def test_an_import_that_starts_threads_is_not_forked(owner: subprocess.Popen[bytes]) -> None:
    trial = python(
        f"import threading, time\n{ONCE}threading.Thread(target=time.sleep, args=(9,), daemon=True)"
        ".start()\ndef objective(configuration):\n    return 1\n"
    )
    assert forked(owner, trial)["status"] == "ok"
    assert imports() == 2  # the server's attempt, and the training's own
    assert "the import of job starts 1 thread" in str(noted(trial.folder))


def test_an_import_that_hangs_does_not_stop_the_search(owner: subprocess.Popen[bytes]) -> None:
    trial = python("import time\ntime.sleep(60)\n", timeout=0.5)
    assert forked(owner, trial)["status"] == "timeout"


@pytest.mark.parametrize(
    ("effect", "why"),
    [
        ("import random; random.seed(0); VALUE = 1", "seeds random numbers"),
        ("import numpy; numpy.random.seed(0); VALUE = 1", "seeds NumPy's random numbers"),
        ("import os; os.chdir('/'); VALUE = 1", "changes the working directory"),
        ("import os; VALUE = int(os.environ.get('HARMONICA_SEED', '-1'))", "reads HARMONICA_SEED"),
        ("import tempfile; KEPT = tempfile.TemporaryDirectory(); VALUE = 1", "temporary files"),
        (
            "import signal; signal.signal(signal.SIGTERM, lambda *_: print('saved')); VALUE = 1",
            "handles signals",
        ),
    ],
)
def test_an_import_with_effects_on_the_process_is_not_shared(
    effect: str, why: str, owner: subprocess.Popen[bytes]
) -> None:
    trial = python(
        f"{effect}\nimport random, numpy, pathlib, sys\ndef objective(configuration):\n"
        "    KEPT = globals().get('KEPT')\n"
        "    assert KEPT is None or pathlib.Path(KEPT.name).exists()\n"
        "    return {'error': VALUE, 'argv': len(sys.argv)}\n"
    )
    alone = trial.run()
    assert alone["status"] == "ok"
    for _ in range(2):
        assert without_run(forked(owner, trial)) == without_run(alone)
    assert why in str(noted(trial.folder))


def test_pytorch_is_shared(owner: subprocess.Popen[bytes]) -> None:
    """A stand-in for its size: `benchmarks/submission.py --imports torch` runs the real one."""
    Path("torch").mkdir()
    Path("torch/__init__.py").touch()
    Path("torch/library.py").write_text(
        "import weakref\nclass Library:\n    pass\ndef _del_library():\n    pass\n"
        "KEPT = Library()\nweakref.finalize(KEPT, _del_library)\n"
    )
    trial = python(f"import torch.library\n{ONCE}def objective(configuration):\n    return 1\n")
    for _ in range(2):
        assert forked(owner, trial)["status"] == "ok"
    assert imports() == 1


def test_a_gpu_in_use_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With another device in its place."""
    monkeypatch.setattr(preload, "GPU_DEVICES", ("/dev/full",))
    assert not preload._gpu_in_use()
    with Path("/dev/full").open("rb"):
        assert preload._gpu_in_use()


def test_other_users_and_nonsense_are_not_listened_to(owner: subprocess.Popen[bytes]) -> None:
    trial = python(PROGRAM)
    forked(owner, trial)
    (address,) = {
        line.split()[-1]
        for line in Path("/proc/net/unix").read_text().splitlines()
        if f"@harmonica-{os.getuid()}-{owner.pid}-" in line and "00010000" in line
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect("\0" + address.removeprefix("@"))
        connection.send(b"\xff")
        assert connection.recv(10) == b""
    assert forked(owner, trial)["status"] == "ok"
    assert imports() == 1


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
