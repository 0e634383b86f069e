"""What a node may lack, and what its worker does without."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from node_task import Task
from snakemake_executor_plugin_submitit import worker
from snakemake_executor_plugin_submitit.submission import START_WORKER

from tests.slurm.waiting import wait_until

LIGHT = 20
"""Megabytes of a worker."""

WITHOUT = """
import builtins, io, os, sys
real, real_open = builtins.__import__, io.open
def imported(name, *rest, **more):
    if name == "ctypes":
        raise ImportError(name)
    return real(name, *rest, **more)
def opened(path, *rest, **more):
    if str(path).startswith(("/proc", "/sys")):
        raise PermissionError(13, "no", path)
    return real_open(path, *rest, **more)
builtins.__import__, io.open = imported, opened
sys.argv = sys.argv[1:]
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_worker_is_light_and_needs_no_package(tmp_path: Path) -> None:
    task = Task(tmp_path, "grep VmHWM /proc/$PPID/status")
    assert task.run() == 0
    kilobytes = int((tmp_path / "logs/0.log").read_text().split()[1])
    assert kilobytes < LIGHT * 1000


def test_proc_control_groups_and_prctl_are_optional(tmp_path: Path) -> None:
    task = Task(tmp_path, "echo fine")
    (tmp_path / "without.py").write_text(WITHOUT)
    command = [sys.executable, "-IS", str(tmp_path / "without.py"), str(START_WORKER)]
    done = subprocess.run([*command, str(task.batch), "0"], timeout=30, check=False)
    assert done.returncode == 0
    assert task.statuses() == ["0.ok"]


def test_without_scontrol_the_task_goes_on_after_a_warning(tmp_path: Path) -> None:
    task = Task(tmp_path, "echo > here; /bin/sleep 1", resumable=True)
    process = task.start(PATH="/nowhere", SLURM_JOB_ID="17")
    wait_until((tmp_path / "here").exists)
    process.send_signal(signal.SIGUSR2)
    assert process.wait(30) == 0
    assert task.statuses() == ["0.ok"]


def test_scontrol_is_called_again_and_never_waited_for(tmp_path: Path) -> None:
    scontrol = tmp_path / "scontrol"
    first = "test -e hung || { touch hung; exit 1; }"
    scontrol.write_text(f"#!/bin/sh\necho $* $SLURM_CLUSTERS >> asked; {first}; sleep 60\n")
    scontrol.chmod(0o755)
    task = Task(tmp_path, "touch here; sleep 6", resumable=True)
    path = f"{tmp_path}:{os.environ['PATH']}"
    process = task.start(PATH=path, SLURM_JOB_ID="17", SLURM_CLUSTERS="a,b", cwd=tmp_path)
    wait_until((tmp_path / "here").exists)
    process.send_signal(signal.SIGUSR2)
    wait_until(lambda: process.poll() is not None or len(list(tmp_path.glob("status/*"))))
    used = psutil.Process(process.pid).cpu_times()
    assert used.user + used.system < 1  # it sleeps while scontrol hangs
    assert process.wait(20) == 0
    assert task.statuses() == ["0.ok"]
    assert (tmp_path / "asked").read_text() == "requeue 17\n" * 2


def test_a_status_that_cannot_be_written_is_written_later(tmp_path: Path) -> None:
    """A file in place of the folder stands for a full disk."""
    status = tmp_path / "status"
    task = Task(tmp_path, f"mv {status} {status}.away; touch {status}", "touch second")
    process = task.start()
    wait_until(status.is_file)
    time.sleep(1)
    assert not (tmp_path / "second").exists()  # its end could not be told either
    status.unlink()
    (tmp_path / "status.away").rename(status)
    assert process.wait(20) == 0
    assert task.statuses() == ["0.ok", "1.ok"]


def test_what_has_ended_is_told_though_the_task_is_terminated(tmp_path: Path) -> None:
    status = tmp_path / "status"
    task = Task(tmp_path, f"mv {status} {status}.away; touch {status}")
    process = task.start()
    wait_until(status.is_file)
    time.sleep(1)
    status.unlink()
    (tmp_path / "status.away").rename(status)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == worker.TERMINATED
    assert task.statuses() == ["0.ok"]


def test_a_worker_whose_folder_is_deleted_ends(tmp_path: Path) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    task = Task(folder, f"rm -rf {folder}")
    assert task.run() == 1


@pytest.mark.parametrize(
    ("what", "given"), [("cwd", "/nowhere/at/all"), ("shell", "/nowhere/bash")]
)
def test_a_command_that_cannot_be_started_fails_and_says_why(
    tmp_path: Path, what: str, given: str
) -> None:
    task = Task(tmp_path, "true", "true")
    batch = json.loads(task.batch.read_text())
    batch["pieces"]["0"][what] = given
    task.batch.write_text(json.dumps(batch))
    assert task.run() == 1
    assert task.statuses() == ["0.failed", "1.ok"]
    failed = json.loads((tmp_path / "status/0.failed").read_text())
    assert failed["cause"] == "start"
    assert given in failed["error"]


def test_a_task_of_which_nothing_is_wanted_ends(tmp_path: Path) -> None:
    task = Task(tmp_path, "true", "true")
    (tmp_path / "stop").mkdir()
    for number in (0, 1):
        (tmp_path / f"stop/{number}").touch()
    assert task.run() == 0
    assert task.statuses() == []


def test_commands_inherit_nothing_that_is_the_workers_own(tmp_path: Path) -> None:
    states = "grep -E 'Sig(Blk|Ign)' /proc/self/status"
    task = Task(tmp_path, f"{states}; env | grep ^SUBMITIT; ls /proc/self/fd | wc -l")

    def oddly() -> None:
        for number in {*signal.valid_signals()} - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        os.open("/dev/null", os.O_RDONLY)

    own = {"SUBMITIT_EXECUTOR": "slurm", "SUBMITIT_FOLDER": "x", "SUBMITIT_LOCAL_JOB_ID": "7"}
    process = task.start(preexec_fn=oddly, **own)
    assert process.wait(30) == 0
    blocked, ignored, *said, open_files = (tmp_path / "logs/0.log").read_text().splitlines()
    of_the_c_library = 0b11 << 31  # 32 and 33, which no program can set
    for signals in (blocked, ignored):
        assert int(signals.split()[1], 16) & ~of_the_c_library == 0
    assert said == ["SUBMITIT_WORKER="]
    assert int(open_files) == 4  # its own of the folder is the fourth


def test_limits_and_niceness_are_those_of_the_task(tmp_path: Path) -> None:
    task = Task(tmp_path, "ulimit -n; nice; umask")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (777, 777))
        os.nice(3)
        os.umask(0o027)

    assert task.start(preexec_fn=limit).wait(30) == 0
    assert (tmp_path / "logs/0.log").read_text().split() == ["777", "3", "0027"]


def test_a_local_task_is_not_the_job_that_it_runs_in(tmp_path: Path) -> None:
    (tmp_path / "scontrol").write_text("#!/bin/sh\ntouch asked\n")
    (tmp_path / "scontrol").chmod(0o755)
    (tmp_path / "made").touch()
    task = Task(
        tmp_path, "touch here; test -e made; sleep 1", place="processes of here", resumable=True
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    process = task.start(PATH=path, SLURM_JOB_ID="17", SLURM_RESTART_COUNT="20", cwd=tmp_path)
    wait_until((tmp_path / "here").exists)
    process.send_signal(signal.SIGUSR2)
    assert process.wait(30) == 0
    assert not (tmp_path / "asked").exists()


def test_nohup_is_for_local_tasks_too(tmp_path: Path) -> None:
    task = Task(tmp_path, "touch here; sleep 1")
    process = task.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_until((tmp_path / "here").exists)
    process.send_signal(signal.SIGHUP)
    assert process.wait(30) == 0


def test_a_temporary_folder_that_is_not_on_the_node_is_not_used(tmp_path: Path) -> None:
    task = Task(tmp_path, "echo $TMPDIR")
    assert task.run(TMPDIR="/nowhere/at/all", TEMP=str(tmp_path)) == 0
    assert (tmp_path / "logs/0.log").read_text() == f"{tmp_path}\n"
