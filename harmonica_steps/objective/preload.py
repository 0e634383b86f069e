"""What the trainings of a task share: modules that are imported once, before they are forked."""

import functools
import importlib
import os
import runpy
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.objective import call
from harmonica_steps.objective.program import split_command


def preload(objective: Mapping[str, Any]) -> bool:
    """Import what the trainings of an objective share.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.

    Returns
    -------
    bool
        Whether trainings can be forked from this process. Whatever is wrong with the modules they
        will meet themselves, in processes of their own.
    """
    modules = _modules(objective)
    if not modules:
        return False
    sys.path.insert(0, _place(objective))

    def too_long(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, objective["timeout"])
    try:
        for module in modules:
            importlib.import_module(module)
    except (Exception, SystemExit):
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return threading.active_count() == 1 and not _gpu_in_use()


def loaded_program(objective: Mapping[str, Any], argv: list[str]) -> Callable[[], None]:
    """What a forked training calls instead of starting `argv`.

    Raises
    ------
    ValueError
        When it is not a program of this Python.
    """
    if objective["callable"]:
        return functools.partial(call.main, objective["callable"])
    return functools.partial(_run_script, argv[1:])


def own_files() -> dict[str, tuple[int, int]]:
    """Time and size of the files that this process has loaded, less those of its environment."""
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    environment = os.path.join(sys.prefix, "lib")  # noqa: PTH118 (called for each training)
    found = {}
    for file in files:
        if file and not file.startswith((environment, sys.base_prefix)):
            try:
                stat = os.stat(file)  # noqa: PTH116
            except OSError:
                continue
            found[file] = (stat.st_mtime_ns, stat.st_size)
    return found


def _modules(objective: Mapping[str, Any]) -> list[str]:
    named: list[str] | None = objective["preload"]
    if named == [] or (named is None and not objective["callable"]):
        return []
    if objective["callable"]:
        return [*(named or []), objective["callable"].partition(":")[0]]
    program, script, *_ = split_command(objective["command"])
    here = Path(sys.executable).parent
    found = shutil.which(program, path=f"{here}{os.pathsep}{os.environ.get('PATH', '')}")
    is_this_python = found is not None and Path(found).parent == here
    return list(named or []) if is_this_python and Path(script).is_file() else []


def _place(objective: Mapping[str, Any]) -> str:
    """Where Python looks first for the program's modules."""
    if objective["callable"]:
        return str(Path.cwd())
    return str(Path(split_command(objective["command"])[1]).resolve().parent)


def _run_script(arguments: list[str]) -> None:
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


def _gpu_in_use() -> bool:
    """Whether an import has touched a GPU, which no fork may share."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())
