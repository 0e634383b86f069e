"""A process that has imported everything, and forks for every command line that it is given.

A process of its own costs more than a second for its imports; a fork costs milliseconds, hangs,
runs out of memory and dies like any other process. Requests and answers are lines of JSON.
"""

import contextlib
import faulthandler
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

WALL_SECONDS = 30
"""For a command that waits; it is not CPU time, which other processes may have."""
MOST_ADDRESSES = 2 * 2**30
"""Bytes that a command may reserve in addition; what it uses is measured."""

LIGHT = {"harmonica_steps.__main__"}


def serve() -> None:
    """Answer requests until there are no more."""
    load()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def load() -> None:
    """Import what any command imports."""
    import harmonica_steps

    for module in pkgutil.walk_packages(harmonica_steps.__path__, "harmonica_steps."):
        if module.name not in LIGHT and "installed" not in module.name:
            importlib.import_module(module.name)
    for name in ("optuna.storages.journal", "optuna.storages._rdb.storage", "snakemake.cli"):
        importlib.import_module(name)
    for name in ("snakemake.workflow", "snakemake_logger_plugin_rich", "altair", "vl_convert"):
        importlib.import_module(name)


def empty() -> int:
    """Bytes of memory that a fork has from the beginning."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.wait4(child, 0)[2].ru_maxrss * 1024


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run command lines in a fork, one after the other; how the last one ended."""
    before, begun = empty(), time.monotonic()
    child = os.fork()
    if child == 0:
        become(request)
    _, status, used = os.wait4(child, 0)
    seconds = time.monotonic() - begun
    with contextlib.suppress(ProcessLookupError):  # whatever it has started and left
        os.killpg(child, signal.SIGKILL)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "grown": max(used.ru_maxrss * 1024 - before, 0),
    }


def become(request: dict[str, Any]) -> NoReturn:
    """The forked process: a command line as a shell would start it."""
    status = 1
    try:
        os.setsid()
        redirect(0, os.devnull, os.O_RDONLY)
        redirect(1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        redirect(2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.environ |= request["environment"]
        os.chdir(request["folder"])
        tempfile.tempdir = None
        if request["cpu"]:
            bound(request["cpu"])
        for words in request["commands"]:
            status = run(words)
            if status:
                break
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def redirect(number: int, path: str, flags: int) -> None:
    """Open a file as standard input, output or error."""
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, number)
    os.close(opened)


def bound(seconds: int) -> None:
    """Die, with the stack in the errors, after too much time."""
    for number in (signal.SIGXCPU, signal.SIGALRM):
        faulthandler.register(number, sys.stderr, chain=True)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    pages = Path("/proc/self/statm").read_text().split()
    most = int(pages[0]) * resource.getpagesize() + MOST_ADDRESSES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(words: list[str]) -> int:
    """Run ``harmonica``, ``snakemake`` or ``python -c``; its exit status."""
    sys.argv = words
    try:
        if words[:2] == ["python", "-c"]:
            exec(words[2], {})
            return 0
        if words[0] == "snakemake":
            from snakemake.cli import main as snakemake

            return ended_with(snakemake(words[1:]))
        from harmonica_steps.cli import main

        return ended_with(main(words[1:]))
    except SystemExit as end:
        return ended_with(end.code)
    except BaseException:
        traceback.print_exc()
        return 1


def ended_with(code: object) -> int:
    """The exit status that Python makes of what a program ends with."""
    if code is None:
        return 0
    if isinstance(code, int):
        return int(code)
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    serve()
