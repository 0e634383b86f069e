"""What the Snakefile asks for: the checked configuration, files of the rules, one controller."""

import contextlib
import fcntl
import json
import logging
import os
import platform
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from harmonica_steps.config import Search, load_file, parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import digest, read_json, write_text
from harmonica_steps.objective.program import program_files, split_command
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.search.plan import parts

SCRATCH = Path(".snakemake/harmonica")

_PROGRAMS = Path(sys.executable).parent

MAY_CHANGE = re.compile(r"objective\.(timeout|deaths)|(stages\.\d+|final)\.failures\..*")
"""Keys that may change in the middle of a search: no training and no draw depends on them."""


def shell_prefix() -> str:
    """What every rule's shell starts with.

    The environment that runs Snakemake also has the command ``harmonica``, activated or not.
    """
    return f"set -euo pipefail; export PATH={shlex.quote(str(_PROGRAMS))}:$PATH; "


def spare_scheduler(snakemake: Any) -> None:
    """Switch off Snakemake's limit on job starts where all jobs run on this machine.

    Snakemake 9.27 starts a timer in every round of its scheduler, and every timer starts a round:
    with 400 short trainings the rounds cost more CPU time than the trainings.
    """
    if snakemake.local_exec:
        snakemake.scheduler.job_rate_limiter = None


def expect_report() -> None:
    """Silence one warning: the report is there before the rule that writes the whole of it.

    A running search has a report that is renewed after every part, under the same name.
    """
    logger = logging.getLogger("snakemake.logging")
    logger.addFilter(lambda record: "output files of rule write_report were" not in str(record.msg))


class Workflow:
    """A search as Snakemake sees it.

    Parameters
    ----------
    config
        The merged configuration.
    config_files
        Where it came from, to be checked for keys that are given twice.

    Raises
    ------
    HarmonicaError
        When the configuration is wrong, its training command does not exist, or the results folder
        belongs to another configuration.
    """

    def __init__(self, config: Mapping[str, Any], config_files: list[str]) -> None:
        for path in config_files:
            load_file(Path(path))
        self.config: Search = parse(config)
        self.root = f"results/{self.config.search}"
        self.folder = SearchFolder(Path(self.root))
        self.parts = {part.name: part for part in parts(self.config)}
        self.stages = range(1, len(self.config.stages) + 1)
        self._lock = SCRATCH / f"{self.config.search}.lock"
        self._check_program()
        self._check_same_search()

    @cached_property
    def snapshot(self) -> str:
        """A file with the checked configuration, for the rule that writes the plan."""
        path = SCRATCH / f"{self.config.search}.json"
        text = json.dumps(self._as_data, indent=2)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
        return str(path)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with any key of the configuration."""
        return digest(self._as_data)

    @cached_property
    def program(self) -> list[str]:
        """The training program's own files."""
        return program_files(self._as_data["objective"])

    def policy(self, part: str) -> str:
        """The failure policy of a part, for the rule that applies it."""
        return self.parts[part].failures.model_dump_json()

    def records(self, part: str) -> list[str]:
        """All records of a part."""
        return [str(self.folder.record(part, i)) for i in range(self.parts[part].trials)]

    def all_records(self) -> list[str]:
        """All records of the search: a deleted one is missed, and trained again."""
        return [record for part in self.parts for record in self.records(part)]

    def drawn_from(self, part: str) -> list[str]:
        """What the samples of a part are drawn from, beside the plan."""
        before = list(self.parts).index(part) - 1
        if self.parts[part].rung:
            previous = list(self.parts)[before]
            return [str(self.folder.metrics(previous)), str(self.folder.samples(previous))]
        return [str(self.folder.frozen(before + 1))] if before >= 0 else []

    def recovered_from(self, stage: int) -> list[str]:
        """What the recovery of a stage reads: tables so far, and what was frozen before."""
        tables = [str(self.folder.metrics(f"stage-{s}")) for s in range(stage, 0, -1)]
        return [*tables, str(self.folder.frozen(stage - 1))] if stage > 1 else tables

    def tables(self) -> list[str]:
        """The tables of all parts."""
        return [str(self.folder.metrics(part)) for part in self.parts]

    def reported(self, part: str) -> list[str]:
        """What a part has brought: its table and, of a stage, what was recovered and frozen."""
        found = [str(self.folder.metrics(part))]
        if self.parts[part].rung is None:
            found.append(str(self.folder.frozen(list(self.parts).index(part) + 1)))
        return found

    def refreshed(self) -> list[str]:
        """Marks that the report was renewed, of all parts but the last: then comes the whole."""
        return [f"{self.root}/{part}/reported" for part in list(self.parts)[:-1]]

    def rung_tables(self) -> list[str]:
        """The tables of the rungs."""
        rungs = [name for name, part in self.parts.items() if part.rung is not None]
        return [str(self.folder.metrics(name)) for name in rungs]

    def forget_dead_controller(self) -> None:
        """Remove Snakemake's lock on this search if the process that set it is dead.

        The lock of the operating system, which ends with its process, tells.
        """
        with contextlib.suppress(BlockingIOError), self._open_lock() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for stale in Path(".snakemake/locks").glob("*.lock"):
                locked = stale.read_text(encoding="utf-8").splitlines()
                if any(path.startswith(f"{self.root}/") for path in locked):
                    stale.unlink()

    def claim(self) -> None:
        """Be the only controller of this search until this process ends.

        Raises
        ------
        HarmonicaError
            When another one is running, or the results cannot be written.
        """
        lock = self._open_lock()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HarmonicaError(
                f"{self.root}: another snakemake is running this search ({lock.read().strip()}). "
                "Wait for its end, or stop it with Ctrl-C."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {platform.node()}\n")
        lock.flush()
        self._held = lock  # the lock lasts as long as the file is open
        try:
            self.folder.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HarmonicaError(f"{self.root}: cannot be made ({error.strerror}).") from error
        if not os.access(self.folder.root, os.W_OK):
            raise HarmonicaError(f"{self.root}: is read only; nothing can be computed.")

    @cached_property
    def _as_data(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json")

    def _open_lock(self) -> Any:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        lock = self._lock.open("a+", encoding="utf-8")
        lock.seek(0)
        return lock

    def _check_program(self) -> None:
        objective = self.config.objective
        if objective.command:
            program = split_command(objective.command)[0]
            path = f"{_PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"
            if not shutil.which(program, path=path):
                raise HarmonicaError(
                    f"objective.command: there is no program {program!r} in the PATH"
                    + (" (not executable?)" if Path(program).exists() else "")
                    + f". The command is: {objective.command}"
                )
        elif objective.callable and not self.program:
            module = objective.callable.partition(":")[0]
            raise HarmonicaError(
                f"objective.callable: there is no file {module.replace('.', '/')}.py for "
                f"{objective.callable!r} here ({Path.cwd()}); for an installed module use command."
            )
        for name in objective.files:
            if not Path(name).is_file():
                raise HarmonicaError(f"objective.files: there is no file {name!r}.")

    def _check_same_search(self) -> None:
        if not self.folder.plan.is_file():
            return
        before = _flat(read_json(self.folder.plan)["config"])
        now = _flat(self._as_data)
        differing = [
            f"  - {key}: {_shown(before, key)} in the results, {_shown(now, key)} in the config"
            for key in dict.fromkeys([*before, *now])
            if before.get(key, _flat) != now.get(key, _flat) and not MAY_CHANGE.fullmatch(key)
        ]
        if differing:
            more = [f"  - and {len(differing) - 10} more keys"] if len(differing) > 10 else []
            raise HarmonicaError(
                "\n".join(
                    [
                        f"{self.root}/ holds a search with another configuration:",
                        *differing[:10],
                        *more,
                        "Results of different configurations are never mixed. Give the new search "
                        "a name of its own\n(search: in the config, or --config search=NAME), or "
                        f"move {self.root}/ away.",
                    ]
                )
            )


def _flat(content: object, prefix: str = "") -> dict[str, object]:
    if isinstance(content, dict) and content:
        items: list[tuple[str, object]] = [(str(k), v) for k, v in content.items()]
    elif isinstance(content, list) and content and isinstance(content[0], dict):
        items = [(str(i), v) for i, v in enumerate(content, start=1)]
    else:
        return {prefix: content}
    flat: dict[str, object] = {}
    for key, value in items:
        flat |= _flat(value, f"{prefix}.{key}" if prefix else key)
    return flat


def _shown(flat: Mapping[str, object], key: str) -> str:
    return json.dumps(flat[key]) if key in flat else "absent"
