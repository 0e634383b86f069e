"""What the trainings of a task share: modules that are imported once, before they are forked."""

import contextlib
import functools
import importlib
import os
import random
import runpy
import shutil
import signal
import sys
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.objective import call
from harmonica_steps.objective.command import split_command
from harmonica_steps.objective.program import program_files

GPU_DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri", "/dev/accel")
"""How the device files of GPUs and the like begin; who uses one has it open."""


def preload(objective: Mapping[str, Any]) -> bool:
    """Import what the trainings of an objective share.

    An import that takes longer than a training may ends the process: SIGALRM.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.

    Returns
    -------
    bool
        Whether trainings can be forked from this process and be as if each had its own. Whatever is
        wrong with the modules they will meet themselves, in processes of their own.
    """
    modules = shared_modules(objective)
    if not modules:
        return False
    started = time.time_ns()
    with contextlib.suppress(ImportError):
        importlib.import_module("numpy.random")  # to see whether an import seeds it
    folder = program_folder(objective)
    if _replaces_loaded(folder):
        return False
    sys.path.insert(0, folder)
    here, before = Path.cwd(), _shared_state()
    signal.setitimer(signal.ITIMER_REAL, objective["timeout"])
    try:
        with _noting_reads() as read:
            for module in modules:
                importlib.import_module(module)
    except (Exception, SystemExit):
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        unchanged = before == _shared_state()
        os.chdir(here)
    written = max((time for time, _ in own_files(program_files(objective)).values()), default=0)
    return unchanged and not read and written < started and not _has_threads() and not _gpu_in_use()


def _replaces_loaded(folder: str) -> bool:
    """Whether a module of the program has the name of one that is loaded here, e.g. ``numpy``.

    A process of its own would import the program's, a fork has the other one already.
    """
    try:
        files = list(Path(folder).iterdir())
    except OSError:
        return True
    names = {path.name.partition(".")[0] for path in files if _is_module(path)} & sys.modules.keys()
    loaded = (getattr(sys.modules[name], "__file__", None) for name in names)
    return any(not file or Path(folder) not in Path(file).parents for file in loaded)


def _is_module(path: Path) -> bool:
    return path.suffix in (".py", ".so") or (path / "__init__.py").is_file()


def _shared_state() -> list[object]:
    """What an import may change and each process has for itself: a fork would not be like new."""
    numpy_random = sys.modules.get("numpy.random")
    return [
        Path.cwd(),
        random.getstate(),
        repr(numpy_random.get_state(legacy=False)) if numpy_random else None,
        [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)],
        _files_to_remove(),
    ]


def _files_to_remove() -> int:
    """Number of temporary folders and the like, which the first fork to end would remove.

    Any finalizer may be such a one, except the many of PyTorch that only tidy its own memory.
    """
    finalizers = weakref.finalize._registry.values()  # type: ignore[attr-defined]
    return sum(getattr(each.func, "__module__", "") != "torch.library" for each in finalizers)


@contextlib.contextmanager
def _noting_reads() -> Iterator[list[str]]:
    """Note the variables of a training that are read before there is one."""
    found: list[str] = []
    original = os.environ.__class__.__getitem__

    def noting(environment: Any, name: Any) -> Any:
        if str(name).startswith("HARMONICA_"):
            found.append(name)
        return original(environment, name)

    os.environ.__class__.__getitem__ = noting  # type: ignore[method-assign]
    try:
        yield found
    finally:
        os.environ.__class__.__getitem__ = original  # type: ignore[method-assign]


def _has_threads() -> bool:
    """Whether a thread runs that forks would lack; OpenBLAS ends its own at a fork."""
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return len(os.listdir("/proc/self/task")) > 1  # noqa: PTH208


def loaded_program(objective: Mapping[str, Any], argv: list[str]) -> Callable[[], None]:
    """What a forked training calls instead of starting `argv`.

    Raises
    ------
    ValueError
        When it is not a program of this Python.
    """
    if objective["callable"]:
        return functools.partial(_call, objective["callable"])
    return functools.partial(_run_script, argv[1:])


def own_files(more: Iterable[str] = ()) -> dict[str, tuple[int, int]]:
    """Time and size of the files that this process has loaded, less those of its environment.

    Parameters
    ----------
    more
        Other files that it depends on.
    """
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    files.update(more)
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


def shared_modules(objective: Mapping[str, Any]) -> list[str]:
    """The modules to import once; none where the trainings are not of this Python."""
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


def program_folder(objective: Mapping[str, Any]) -> str:
    """Where Python looks first for the program's modules."""
    if objective["callable"]:
        return str(Path.cwd())
    return str(Path(split_command(objective["command"])[1]).resolve().parent)


def _call(name: str) -> None:
    sys.argv = [str(call.__file__), name]
    call.main(name)


def _run_script(arguments: list[str]) -> None:
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


def _gpu_in_use() -> bool:
    """Whether an import has touched a GPU, which no fork may share."""
    opened = Path("/proc/self/fd").iterdir()
    return any(str(file.resolve()).startswith(GPU_DEVICES) for file in opened)
