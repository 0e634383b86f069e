"""Trainings forked from a process that has imported their program: as if each had its own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from forkserver_support import (
    ONCE,
    PROGRAM,
    SCRIPT,
    forked,
    imports,
    run,
    servers,
    start,
    without_run,
)
from objective_support import Trial, python, wait_until

from harmonica_steps.objective import preload
from harmonica_steps.objective.sharing import noted
from harmonica_steps.results.paths import SearchFolder


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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
