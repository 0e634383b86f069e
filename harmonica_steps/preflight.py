"""Checks of the environment before the first job: programs, files."""

import os
import shutil
import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from harmonica_steps.config import Search, load_start
from harmonica_steps.config.objective import PYTHON, Objective
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.check_command import check_placeholders
from harmonica_steps.objective.command import names_in, setting_names, split_command
from harmonica_steps.objective.preload import program_folder, shared_modules
from harmonica_steps.objective.program import program_files
from harmonica_steps.objective.reach import can_be_reached
from harmonica_steps.search.plan import parts
from harmonica_steps.terminal import quoted

PROGRAMS = Path(sys.executable).parent
"""Folder of this environment's programs: in the PATH of every job, activated or not."""


def check(search: Search) -> None:
    """Whether what a search names is there.

    Raises
    ------
    HarmonicaError
        When the training program, one of its files, the study or what the optimiser needs does not
        exist.
    """
    objective = search.objective
    if objective.command:
        _check_command(objective.command)
        _check_placeholders(objective.command, search)
    elif objective.callable and not program_files(objective.model_dump()):
        module = objective.callable.partition(":")[0]
        raise HarmonicaError(
            f"objective.callable: there is no file {module.replace('.', '/')}.py for "
            f"{quoted(objective.callable)} here ({Path.cwd()}); use command for an installed "
            "module."
        )
    _check_preload(objective)
    study = search.stages[0].study if search.stages else None
    if study and not _is_file(study.path):
        raise HarmonicaError(f"stages.1.study.path: there is no file {quoted(study.path)} here.")
    for name in objective.files:
        if not _is_file(name):
            raise HarmonicaError(f"objective.files: there is no file {quoted(name)}.")
    _check_reach(objective)
    if isinstance(search.start, str):
        search.check_start(load_start(search.start))
    search.final.check()


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:
        return False  # e.g. longer than a name may be


def _check_preload(objective: Objective) -> None:
    # A training would run without, but import everything again.
    content = objective.model_dump()
    for module in shared_modules(content):
        name, beside = module.partition(".")[0], [program_folder(content)]
        if not name or not (PathFinder.find_spec(name, beside) or find_spec(name)):
            raise HarmonicaError(
                f"objective.preload: {sys.executable} has no module {quoted(name)}; correct the "
                "name, install it, or leave it out."
            )


def _check_command(command: str) -> None:
    words = split_command(command)
    path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"
    if not names_in(words[0]) and not shutil.which(words[0], path=path):
        raise HarmonicaError(
            f"objective.command: there is no program {quoted(words[0])} in the PATH"
            + (" (not executable?)" if _is_file(words[0]) else "")
            + f". The command is: {quoted(command, 500)}"
        )
    if PYTHON.match(command) and "{" not in words[1] and not _is_file(words[1]):
        raise HarmonicaError(
            f"objective.command: there is no file {quoted(words[1])} here ({Path.cwd()})."
        )


def _check_reach(objective: Objective) -> None:
    if objective.command and not can_be_reached(objective.model_dump()):
        raise HarmonicaError(
            "objective.command: the program cannot receive a configuration, so all trainings would "
            "be the same: the command has no placeholder, and no file of the program mentions "
            "HARMONICA_CONFIG. Write {args}, {overrides}, {config} or {NAME} of "
            "each parameter where the program reads its settings. If a library of yours reads the "
            "file, name it in the environment: env CONFIG={config} program ..."
        )


def _check_placeholders(command: str, search: Search) -> None:
    fidelities = [part.fidelity for part in parts(search)]
    names = setting_names(search.space, fidelities)
    optional = {name for name, parameter in search.space.items() if parameter.when}
    optional |= {
        name for name in names[len(search.space) :] if not all(name in f for f in fidelities)
    }
    check_placeholders(command, names, optional)
