"""What the trainings of a task share: modules that are imported once, before forking."""

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
from typing import Any, NamedTuple

from harmonica_steps.objective import call
from harmonica_steps.objective.command import split_command
from harmonica_steps.objective.program import program_files

GPU_DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri", "/dev/accel")
"""How the device files of GPUs and the like begin; who uses one has it open."""


class Preloaded(NamedTuple):
    """What has become of the imports."""

    shared: bool
    """Whether trainings can be forked from this process and be as if each had its own."""
    why: str | None = None
    """Why not, although it was asked for."""


def preload(objective: Mapping[str, Any]) -> Preloaded:
    """Import what the trainings of an objective share.

    An import that takes longer than a training may ends the process: SIGALRM. Whatever is wrong
    with a module, trainings will meet it themselves, in processes of their own.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.
    """
    modules = shared_modules(objective)
    if not modules:
        other = f"objective.command does not run a script with {sys.executable}"
        return Preloaded(False, other if objective["preload"] else None)
    started = time.time_ns()
    with contextlib.suppress(ImportError):
        importlib.import_module("numpy.random")  # to see whether an import seeds it
    folder = program_folder(objective)
    if module := _replaced(folder):
        return Preloaded(False, f"{folder} has a module {module}, as Python or Harmonica has")
    sys.path.insert(0, folder)
    signal.setitimer(signal.ITIMER_REAL, objective["timeout"])
    try:
        why = next(filter(None, map(_problem_with, modules)), None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if why:
        return Preloaded(False, why)
    written = max((time for time, _ in own_files(program_files(objective)).values()), default=0)
    return Preloaded(written < started)  # if it was edited just now another server will share it


def _replaced(folder: str) -> str | None:
    """A module of the program that has the name of one that is loaded here, e.g. ``numpy``.

    A process of its own would import the program's, a fork has the other one already.
    """
    try:
        files = list(Path(folder).iterdir())
    except OSError:
        return None
    names = {path.name.partition(".")[0] for path in files if _is_module(path)} & sys.modules.keys()
    for name in sorted(names - {"harmonica_steps"}):  # e.g. in a clone, beside an installed one
        file = getattr(sys.modules[name], "__file__", None)
        if not file or Path(folder) not in Path(file).parents:
            return name
    return None


def _is_module(path: Path) -> bool:
    return path.suffix in (".py", ".so") or (path / "__init__.py").is_file()


def _problem_with(module: str) -> str | None:
    """Import a module; returns why forks would not be like processes that import it themselves."""
    here, before = Path.cwd(), _shared_state()
    try:
        with _noting_reads() as read:
            importlib.import_module(module)
    except (Exception, SystemExit) as error:
        return f"{module} cannot be imported ({type(error).__name__}: {error})"
    finally:
        after = _shared_state()
        os.chdir(here)
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        return f"the import of {module} {changed[0]}"
    if read:
        return f"the import of {module} reads {read[0]}"
    if threads := _count_threads() - 1:
        return f"the import of {module} starts {threads} thread{'s' if threads > 1 else ''}"
    return f"the import of {module} uses a GPU" if _gpu_in_use() else None


def _shared_state() -> dict[str, object]:
    """What an import may change and each process has for itself: a fork would not be like new."""
    numpy_random = sys.modules.get("numpy.random")
    handled = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    return {
        "changes the working directory": Path.cwd(),
        "draws or seeds random numbers": random.getstate(),
        "draws or seeds NumPy's random numbers": (
            repr(numpy_random.get_state(legacy=False)) if numpy_random else None
        ),
        "handles signals": [signal.getsignal(number) for number in handled],
        "makes temporary files": _files_to_remove(),
    }


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


def _count_threads() -> int:
    """Number of threads, of which a fork has one; OpenBLAS ends its own at a fork."""
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


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
    """The folder in which Python first looks for the program's modules."""
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
