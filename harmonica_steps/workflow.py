"""Interface for the Snakefile: checked configuration, files of the rules, one controller."""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from harmonica_steps.archive.members import INSIDE, PLAN, WHOLE, archive_path, file_of, required
from harmonica_steps.config import Search, load_file, load_merged, parse
from harmonica_steps.early_stop import stop_early
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_text
from harmonica_steps.live_page import follow
from harmonica_steps.objective.program import program_files
from harmonica_steps.optional import WITHOUT_FIGURES, can_draw
from harmonica_steps.preflight import check
from harmonica_steps.results.clock import bring_to_now, check_not_from_future
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import is_planned, write_plan
from harmonica_steps.same_search import check_same_search
from harmonica_steps.search.effort import may_be_long
from harmonica_steps.search.plan import parts
from harmonica_steps.search_lock import SearchLock
from harmonica_steps.steps.inputs import Inputs

RECOVERY_THREADS = 4
"""Cores of a recovery that may take minutes."""


class Workflow:
    """A search as Snakemake sees it.

    Parameters
    ----------
    config
        The merged configuration.
    config_files
        Where it came from, to be checked for duplicate keys.
    with_prefix
        Puts the prefix of a module before a path of a rule, as Snakemake will.

    Attributes
    ----------
    root
        The results as rules name them.
    place
        The folder that they are in.
    begun
        Whether `begin` was called.
    inputs
        What each step reads, and the settings that it depends on.

    Raises
    ------
    HarmonicaError
        When the configuration is wrong, its training command or sampler does not exist, or the
        results folder belongs to another configuration.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        config_files: Sequence[str] = (),
        with_prefix: Callable[[str], str] = str,
    ) -> None:
        for path in config_files:
            load_file(Path(path))
        self._config_files = config_files
        self.config: Search = parse(config)
        self.root = str(Path(self.config.results, self.config.search))
        self.place = str(with_prefix(self.root))
        self.folder = SearchFolder(Path(self.root))
        self._placed = SearchFolder(Path(self.place))
        self.begun = False
        self.parts = {part.name: part for part in parts(self.config)}
        self.inputs = Inputs(self.config, self.folder, self.parts)
        self.stages = range(1, len(self.config.stages) + 1)
        self._lock = SearchLock(self._placed.root)
        check(self.config)
        check_same_search(self._placed, self._as_data, next(iter(self.parts)))

    @cached_property
    def program(self) -> list[str]:
        """The training program's own files."""
        return program_files(self._as_data["objective"])

    def everything(self) -> list[str]:
        """All records, tables and assignments: Snakemake misses only what is asked for.

        A deleted record is trained again, and what a failed step or a user has removed is made
        again.
        """
        trials = {name: part.trials for name, part in self.parts.items()}
        not_computed = (PLAN, str(INSIDE.report))
        names = (name for name in required(trials, WHOLE) if name not in not_computed)
        return [str(file_of(self.folder.root, name)) for name in names]

    def recovery_threads(self, stage: int) -> int:
        """Cores of the recovery of a stage, unless ``--set-threads recover_terms=N`` is given."""
        return RECOVERY_THREADS if may_be_long(self.config, stage) else 1

    @cached_property
    def has_long_recovery(self) -> bool:
        """Whether a recovery may take minutes."""
        return any(may_be_long(self.config, stage) for stage in self.stages)

    def refreshed(self) -> list[str]:
        """Marks that the report was updated, for all parts but the last."""
        return [str(self.folder.reported(part)) for part in list(self.parts)[:-1]]

    def figures(self) -> list[str]:
        """The folder of figures, where they can be drawn: a search needs none."""
        return [f"{self.root}/figures"] if can_draw() else []

    def advice(self) -> str:
        """The message at the end of a run; empty if nothing is missing."""
        return "" if can_draw() else f"{self.place}: no figures were drawn; {WITHOUT_FIGURES}"

    def archived(self, what: str) -> list[str]:
        """The files that the archive of a stage, or of the whole search, is made of."""
        trials = {name: part.trials for name, part in self.parts.items()}
        # The plan is not the output of a job: it is there when the first job starts.
        files = (name for name in required(trials, what) if name != PLAN)
        return [str(file_of(self.folder.root, name)) for name in files]

    @cached_property
    def archivable(self) -> list[str]:
        """What there can be an archive of: each stage, and the whole search."""
        return [*(f"stage-{stage}" for stage in self.stages), WHOLE]

    def archives(self) -> list[str]:
        """All archives."""
        return [str(archive_path(self.folder, what)) for what in self.archivable]

    def forget_dead_controller(self) -> None:
        """Remove Snakemake's lock on this search if the process that set it is dead."""
        stale = [lock for lock in Path(".snakemake/locks").glob("*.lock") if self._is_locked(lock)]
        if stale and self._placed.root.is_dir() and self._lock.is_free():
            for lock in stale:
                lock.unlink(missing_ok=True)
            self._lock.release()

    def _is_locked(self, lock: Path) -> bool:
        try:
            locked = read_text(lock).splitlines()
        except HarmonicaError:
            return False  # not one of Snakemake's, or gone
        return any(path.startswith(f"{self.place}/") for path in locked)

    def stop_early(self, snakemake: Any) -> None:
        """End Snakemake when the first trainings of a part have all failed alike.

        Parameters
        ----------
        snakemake
            Its workflow.
        """
        limits = {name: part.failures.stop_after for name, part in self.parts.items()}
        stop_early(snakemake, self._placed, limits, self._as_arguments())

    def _as_arguments(self) -> str:
        """What other commands are given to read the configuration of this search."""
        files = self._config_files or ["config/config.yaml"]
        found = shlex.join(map(str, files))
        named = load_merged([Path(path) for path in files]).get("search")
        # With --config search=NAME the results are elsewhere.
        return found if named == self.config.search else f"{found} --results {self.root}"

    def begin(self) -> None:
        """Be the only controller of this search until this process ends, and write its plan.

        The plan is not a job: Snakemake does not look at what follows a job that has to run, unless
        that makes it run as well. A changed configuration would take effect a run too late.

        Raises
        ------
        HarmonicaError
            When another one is running, the results cannot be written, or a file of the user is
            from the future.
        """
        root = self._placed.root
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HarmonicaError(f"{root}: cannot be created ({error.strerror}).") from error
        if not self._is_finished():
            self.check_writable()
        elif not os.access(root, os.W_OK):
            self.begun = True  # there may be nothing to do; jobs call `check_writable`
            return
        self._lock.take()
        given = [path for part in self.parts for path in self.inputs.given(part)]
        check_not_from_future([*self.program, *given])
        bring_to_now(root)
        write_plan(self._placed, self.config)
        follow(self._placed, self.parts)
        self.begun = True

    def check_writable(self) -> None:
        """Refuse to run jobs whose results could not be written.

        Raises
        ------
        HarmonicaError
            When the search's folder is read-only.
        """
        if not os.access(self._placed.root, os.W_OK):
            raise HarmonicaError(
                f"{self._placed.root}: is read-only; nothing can be computed. Make it writable and "
                "rerun the same command."
            )

    def _is_finished(self) -> bool:
        return self._placed.best.is_file() and is_planned(self._placed, self.config)

    @cached_property
    def _as_data(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json")
