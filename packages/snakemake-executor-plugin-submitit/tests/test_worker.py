"""The node side, run as on a node."""

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


def test_each_piece_has_its_own_end(tmp_path: Path) -> None:
    task = Task(tmp_path, "echo fine", "echo bad; exit 3", "echo $TMPDIR")
    assert task.run(TMPDIR="/var/tmp") == 1
    assert task.statuses() == ["0.ok", "1.failed", "2.ok"]
    failed = json.loads((tmp_path / "status/1.failed").read_text())
    assert failed["exit"] == 3
    assert failed["started"] <= failed["ended"]
    assert (tmp_path / "logs/1.log").read_text() == "bad\n"
    assert (tmp_path / "logs/2.log").read_text() == "/var/tmp\n"


def test_pieces_run_in_order_or_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    meet = "touch at.{}; for i in $(seq {}); do test -e at.{} && exit 0; sleep 0.1; done; exit 1"
    patient = meet.format(0, 50, 1), meet.format(1, 50, 0)
    assert Task(tmp_path / "a", *patient, parallel=2).run() == 0
    hasty = meet.format(0, 2, 1), meet.format(1, 2, 0)
    assert Task(tmp_path / "b", *hasty).run() == 1


def test_pieces_of_a_pack_know_what_they_can_share(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "alone").mkdir()
    tell = "echo $SUBMITIT_WORKER"
    assert Task(tmp_path / "pack", tell, tell).run() == 0
    assert Task(tmp_path / "alone", tell).run(SUBMITIT_WORKER="another's") == 0
    first, second = ((tmp_path / f"pack/logs/{n}.log").read_text() for n in (0, 1))
    assert first == second
    assert first.strip().isdigit()
    assert (tmp_path / "alone/logs/0.log").read_text() == "\n"


def test_what_pieces_leave_behind_is_ended_and_its_time_counted(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 1: pass\nopen('done', 'w')\ntime.sleep(60)"
    (tmp_path / "burn.py").write_text(burn)
    leave = f"setsid {sys.executable} burn.py & while ! test -e done; do sleep 0.1; done"
    before = cpu_seconds()
    start = time.monotonic()
    assert Task(tmp_path, leave, "true").run() == 0
    assert time.monotonic() - start < 50
    assert cpu_seconds() - before > 1
    assert not any("burn.py" in process.info["cmdline"] for process in running_in(tmp_path))


def cpu_seconds() -> float:
    """Of all processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def running_in(folder: Path) -> list[psutil.Process]:
    """Processes whose folder it is."""
    found = psutil.process_iter(["cwd", "cmdline"])
    return [process for process in found if process.info["cwd"] == str(folder)]


def test_a_task_that_is_terminated_says_nothing_and_goes_on_later(tmp_path: Path) -> None:
    stubborn = "test -e again && exit 0; touch again; trap 'exit 0' TERM; sleep 60 & wait"
    task = Task(tmp_path, "true", stubborn, "true")
    first = task.start()
    wait_until((tmp_path / "again").exists)
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == worker.TERMINATED
    assert task.statuses() == ["0.ok"]
    assert task.run(SLURM_RESTART_COUNT="1") == 0
    assert task.statuses() == ["0.ok", "1.ok", "2.ok"]


def test_a_signal_that_reaches_the_piece_first_is_no_result(tmp_path: Path) -> None:
    task = Task(tmp_path, "touch here; exec sleep 60")
    process = task.start()
    wait_until((tmp_path / "here").exists)
    subprocess.run(["pkill", "-TERM", "-P", str(process.pid)], check=True)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == worker.TERMINATED
    assert task.statuses() == []


def test_a_piece_that_dies_alone_has_failed(tmp_path: Path) -> None:
    task = Task(tmp_path, "kill -9 $$", "true")
    assert task.run() == 1
    assert task.statuses() == ["0.failed", "1.ok"]


def test_a_piece_cannot_use_up_the_time_of_those_behind_it(tmp_path: Path) -> None:
    task = Task(tmp_path, "sleep 60", "true", limit=1)
    assert task.run() == 1
    assert task.statuses() == ["0.failed", "1.ok"]
    assert json.loads((tmp_path / "status/0.failed").read_text())["cause"] == "time"


def test_what_a_cut_off_start_has_left_is_removed(tmp_path: Path) -> None:
    task = Task(tmp_path, "mkdir out && touch out/x")
    batch = json.loads(task.batch.read_text())
    batch["pieces"]["0"]["outputs"] = [str(tmp_path / "out")]
    task.batch.write_text(json.dumps(batch))
    (tmp_path / "out").mkdir()
    assert task.run(SLURM_RESTART_COUNT="1") == 0
    assert (tmp_path / "out/x").exists()


def test_a_task_is_not_started_again_for_ever(tmp_path: Path) -> None:
    task = Task(tmp_path, "true")
    assert task.run(SLURM_RESTART_COUNT="4") == 1
    assert json.loads((tmp_path / "status/0.failed").read_text())["cause"] == "restarts"


@pytest.mark.parametrize(("resumable", "requeued"), [(True, True), (False, False)])
def test_a_task_out_of_time_is_queued_again_if_that_leads_further(
    tmp_path: Path, resumable: bool, requeued: bool
) -> None:
    (tmp_path / "scontrol").write_text("#!/bin/sh\necho $@ > asked\n")
    (tmp_path / "scontrol").chmod(0o755)
    task = Task(tmp_path, "touch here; sleep 1", resumable=resumable)
    path = f"{tmp_path}:{os.environ['PATH']}"
    command = [sys.executable, "-IS", str(START_WORKER), str(task.batch), "0"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PATH": path, "SLURM_JOB_ID": "17"}
    )
    wait_until((tmp_path / "here").exists)
    process.send_signal(signal.SIGUSR2)
    process.wait(30)
    assert (tmp_path / "asked").exists() == requeued
    assert task.statuses() == ["0.ok"]


def test_a_piece_out_of_time_may_end_in_good_order(tmp_path: Path) -> None:
    task = Task(tmp_path, "trap 'sleep 1; echo saved; exit 9' TERM; sleep 60 & wait", limit=1)
    assert task.run() == 1
    assert (tmp_path / "logs/0.log").read_text() == "saved\n"


def test_signals_that_reach_several_pieces_first_are_no_results(tmp_path: Path) -> None:
    task = Task(tmp_path, *["touch on.$$; exec sleep 60"] * 2, parallel=2)
    process = task.start()
    wait_until(lambda: len(list(tmp_path.glob("on.*"))) == 2)
    for piece in psutil.Process(process.pid).children():
        piece.terminate()
        time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == worker.TERMINATED
    assert task.statuses() == []


def test_inputs_in_a_folder_that_is_not_there_do_not_end_the_task(tmp_path: Path) -> None:
    task = Task(tmp_path, "true", "true", latency=1)
    batch = json.loads(task.batch.read_text())
    batch["pieces"]["0"]["inputs"] = [str(tmp_path / "nowhere/given")]
    task.batch.write_text(json.dumps(batch))
    assert task.run() == 0
    assert task.statuses() == ["0.ok", "1.ok"]
