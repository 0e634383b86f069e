"""Whatever a training starts ends with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from objective_support import ANSWER, is_alive, pid_in, python, shell, wait_until

from harmonica_steps.objective import supervise
from harmonica_steps.objective.trial import train

DAEMON = """
import os, signal, sys, time
if os.fork():
    sys.exit()
os.setsid()
if os.fork():
    os._exit(0)
os.closerange(0, 100)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
os.environ.clear()
os.chdir("{}")
open("new", "w").write(f"{{os.getpid()}}\\n")
os.rename("new", "pid")
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(supervise, "GRACE", 0.3)
    Path("daemon.py").write_text(DAEMON.format(tmp_path))


STARTS = {
    "daemon": f"{sys.executable} daemon.py\n",
    "session": "setsid sh -c 'echo $$ > pid; trap : TERM; while :; do sleep 1; done' &\n",
    "nohup": "nohup setsid sleep 60 > /dev/null 2>&1 & echo $! > pid\n",
    "stopped": "setsid sh -c 'echo $$ > pid; kill -STOP $$' &\n",
}
WAIT = "while [ ! -s pid ]; do sleep 0.02; done\n"


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("end", "status"),
    [(ANSWER, "ok"), ("exit 3", "failed"), ("kill -9 $$", "killed"), ("sleep 60", "timeout")],
)
def test_processes_in_sessions_of_their_own_end_with_the_training(
    start: str, end: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "SIGNAL_LEAD", 0.0)
    began = time.monotonic()
    record = shell(STARTS[start] + WAIT + end, timeout=1 if status == "timeout" else 60).run()
    assert record["status"] == status
    assert not is_alive(pid_in("pid"))
    assert time.monotonic() - began < 10


def test_a_daemon_of_a_function_that_was_forked_ends_as_well() -> None:
    trial = python(
        "import os, time\ndef objective(configuration):\n"
        "    if not os.fork():\n        os.setsid()\n"
        "        if os.fork():\n            os._exit(0)\n"
        "        open('pid', 'w').write(f'{os.getpid()}\\n')\n        time.sleep(60)\n"
        "    while not os.path.exists('pid'):\n        time.sleep(0.02)\n"
        "    open(os.environ['HARMONICA_RESULT'], 'w').write('{\"error\": 1}')\n    os._exit(0)\n"
    )
    sys.path.insert(0, str(Path.cwd()))
    try:
        train(trial.folder, "final/rung-0", 0, forked=True)
    finally:
        sys.path.remove(str(Path.cwd()))
        sys.modules.pop("job", None)
    assert trial.record["status"] == "ok"
    assert not is_alive(pid_in("pid"))


def test_hundreds_of_processes_end() -> None:
    script = (
        "i=0; while [ $i -lt 300 ]; do setsid sleep 60 & i=$((i+1)); done\necho $! > pid\nexit 3\n"
    )
    assert shell(script).run()["cause"] == "exit status 3"
    assert not is_alive(pid_in("pid"))
    here = [each.name for each in Path("/proc").glob("[0-9]*") if cwd_of(each) == str(Path.cwd())]
    assert here == [str(os.getpid())]


def cwd_of(process: Path) -> str:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""


def test_a_training_that_stops_itself_is_over_its_time() -> None:
    assert shell("kill -STOP $$", timeout=0.4).run()["cause"] == "timeout after 0.4 s"


def test_other_processes_are_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        assert shell("sleep 60 &\n" + ANSWER).run()["status"] == "ok"
        assert other.poll() is None
        other.kill()


def test_a_training_that_kills_its_supervisor_is_repeated_and_then_recorded() -> None:
    trial = shell("kill -9 $PPID\nsleep 60\n", deaths=2)
    for _ in range(2):
        with trial.start() as process:
            assert process.wait(timeout=10) != 0
    assert trial.run()["cause"] == "its job died 2 times"


@pytest.mark.parametrize(
    "harm",
    [
        "kill -9 0",
        "exec 0<&- 1>&- 2>&-; exit 3",
        "mkdir gone; cd gone; rmdir ../gone; exit 3",
        "umask 777; echo {} > $HARMONICA_RESULT; mkdir $HARMONICA_WORKDIR/x; exit 3",
        "ulimit -n 4; ulimit -f 0; exit 3",
        "touch -d 1970-01-01 $HARMONICA_WORKDIR/* $HARMONICA_WORKDIR; exit 3",
    ],
)
def test_a_training_that_harms_itself_is_recorded(
    harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "SIGNAL_LEAD", 0.0)
    trial = shell(harm)
    record = trial.run()
    assert record["cause"].startswith(("exit status 3", "died of signal SIGKILL"))
    trial.folder.record("final/rung-0", 0).unlink()
    Path("job.sh").write_text(ANSWER)
    assert trial.run()["value"] == 0.5


def test_a_zombie_is_not_kept_for_each_daemon_that_has_ended() -> None:
    script = (
        "i=0; while [ $i -lt 20 ]; do (setsid true &); i=$((i+1)); done\n"
        "sleep 1.5; ps -o stat= --ppid $PPID | grep -c Z > zombies\n" + ANSWER
    )
    assert shell(script).run()["status"] == "ok"
    wait_until(lambda: Path("zombies").is_file())
    assert int(Path("zombies").read_text()) <= 1
