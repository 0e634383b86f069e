"""A fault at one given system call of a step, by strace: a kill, or an error of the disk."""

import re
import signal
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmarks.crash.workshop import Ended, Workshop

CALLS = (
    *("openat", "write", "pwrite64", "writev", "rename", "renameat", "renameat2"),
    *("unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "ftruncate", "fsync", "utimensat"),
)
"""All that steps write with."""

_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")

ERRORS = {
    "disk full": ("ENOSPC", {"openat", "write", "pwrite64", "writev", "mkdir", "mkdirat", "fsync"}),
    "over quota": ("EDQUOT", {"openat", "write", "pwrite64", "writev", "mkdir", "mkdirat"}),
    "read-only": ("EROFS", set(CALLS) - {"write", "pwrite64", "writev", "fsync"}),
    "input/output error": ("EIO", set(CALLS)),
}
"""Faults of the disk: the error, and the calls that can get it."""

KILL = "killed"


class Point(NamedTuple):
    """One system call of a step."""

    call: str
    number: int
    """From 1, of the calls of this kind."""


def points(workshop: Workshop) -> list[Point]:
    """All system calls by which a step writes to its folders, from one undisturbed run."""
    workshop.renew()
    _, lines = traced(workshop, [f"trace={','.join(CALLS)}"])
    count: Counter[str] = Counter()
    found = []
    for line in lines:
        if not (match := _LINE.match(line)):
            continue
        call, arguments = match.groups()
        count[call] += 1
        if "results/" in arguments and (call != "openat" or _WRITES.search(arguments)):
            found.append(Point(call, count[call]))
    return found


def strike(workshop: Workshop, point: Point, fault: str) -> Ended:
    """Run a step with a fault at one point."""
    what = "signal=KILL" if fault == KILL else f"error={ERRORS[fault][0]}"
    inject = f"inject={point.call}:{what}:when={point.number}"
    ended, lines = traced(workshop, [f"trace={point.call}", inject])
    struck = ended.status == -signal.SIGKILL or any("(INJECTED)" in line for line in lines)
    assert struck, f"{point} of {workshop.step.command} was not reached"
    return ended


def traced(workshop: Workshop, expressions: list[str]) -> tuple[Ended, list[str]]:
    """Run a step under strace; its end, and what strace has noted."""
    with tempfile.NamedTemporaryFile("r") as log:
        tracer: list[subprocess.Popen[bytes]] = []

        def attach(child: int) -> None:
            options = [word for e in expressions for word in ("-e", e)]
            command = ["strace", "-qq", "-y", "-o", log.name, *options, "-p", str(child)]
            tracer.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            while "TracerPid:\t0" in Path(f"/proc/{child}/status").read_text():
                assert tracer[0].poll() is None, "strace cannot trace here"
                time.sleep(0.002)

        ended = workshop.run(attach)
        tracer[0].wait()
        return ended, log.read().splitlines()
