"""Small searches whose processes are killed at random moments, again and again, on two cores.

A training that is killed alone is a failed training, as for lack of memory: it is trained again at
the end, by ``harmonica retry``. Everything else that is killed is repeated by Snakemake, or by the
same command if Snakemake was the victim.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
from tiny_search import TinySearch

from benchmarks.crash.workshop import contents

VICTIMS = ("controller", "step", "fork server", "training")
PARTS = ("stage-1", "stage-2", "final/rung-0", "final/rung-1")
SLOW = 0.3
"""Seconds of a training."""


def kill_in_search(
    search: TinySearch, most: int, rng: np.random.Generator
) -> tuple[Counter[str], int]:
    """Run a search to its end in spite of so many kills.

    Returns
    -------
    victims
        How many of each kind were killed.
    doubled
        Trainings that ran again although they had a record.
    """
    victims: Counter[str] = Counter()
    recorded: Counter[str] = Counter()
    process = search.start(slow=SLOW)
    while victims.total() < most:
        time.sleep(rng.uniform(0, 2))
        kind = _strike(search, process, rng)
        if not kind:
            break
        victims[kind] += 1
        # A training with a record never runs again: counted after the record was there.
        names = [f"{path.parents[1].name}/{path.stem}" for path in records(search)]
        ran = _ran(search)
        for name in names:
            recorded.setdefault(name, ran[name])
        if kind == "controller":
            process = search.start(slow=SLOW)
    process.communicate()
    search.run()
    doubled = sum(_ran(search)[name] > count for name, count in recorded.items())
    _retry_killed(search)
    return victims, doubled


def left_over(search: TinySearch) -> list[str]:
    """Files that no undisturbed run leaves."""
    return [name for name in contents(search.folder) if Path(name).name.startswith(".")]


def records(search: TinySearch) -> list[Path]:
    """Of all parts, what is there now."""
    return list(search.root.glob("*/**/trials/[!.]*.json"))


def _ran(search: TinySearch) -> Counter[str]:
    return Counter(search.trained() if (search.folder / "ran.txt").exists() else [])


def _strike(search: TinySearch, controller: subprocess.Popen[str], rng: np.random.Generator) -> str:
    """Kill one of the search's processes; which kind, empty if the search has ended before."""
    kind = str(rng.choice(VICTIMS))
    while controller.poll() is None:
        there = [p for p in _processes_of(search) if _kind_of(p, controller.pid) == kind]
        with contextlib.suppress(IndexError, psutil.NoSuchProcess):
            victim = there[rng.integers(max(len(there), 1))]
            victim.kill()
            if kind == "controller":
                controller.communicate()
            return kind
        time.sleep(rng.uniform(0, 0.1))
    return ""


def _processes_of(search: TinySearch) -> Iterator[psutil.Process]:
    """All that run in its folder."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(search.folder):
                yield process


def _kind_of(process: psutil.Process, controller: int) -> str:
    """The controller, a training (it prints to its log), a fork server, or else a step."""
    if process.pid == controller:
        return "controller"
    with contextlib.suppress(OSError, psutil.Error):
        if Path(f"/proc/{process.pid}/fd/1").readlink().name == "log.txt":
            return "training"
        serves = "harmonica_steps.objective.forkserver" in process.cmdline()
        if serves and os.getsid(process.pid) == process.pid:
            return "fork server"
    return "step"


def _retry_killed(search: TinySearch) -> None:
    """Train again what was recorded as killed, part by part."""
    for part in PARTS:
        here = (search.root / part / "trials").glob("[!.]*.json")
        if all(json.loads(record.read_text())["status"] == "ok" for record in here):
            continue
        command = [sys.executable, "-m", "harmonica_steps", "retry", "results/tiny", part]
        command += ["--status", "killed"]
        done = subprocess.run(command, cwd=search.folder, capture_output=True, check=False)
        if done.returncode == 0:
            search.run()
