"""The progress of a search, read from its files while other processes write them.

Read only, and the standard library only: it must answer at once while a search runs.
"""

import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.best import Trained, as_text, ranked, ranking
from harmonica_steps.records.direction import Direction
from harmonica_steps.records.record import Record, Run, read_record
from harmonica_steps.records.sample import why_skipped
from harmonica_steps.report.failures import causes
from harmonica_steps.report.so_far import PartStatus, SearchStatus, Times
from harmonica_steps.report.under_way import under_way
from harmonica_steps.results.paths import SearchFolder, WorkFolder
from harmonica_steps.results.planned import PlannedPart, read_plan
from harmonica_steps.search_lock import holder
from harmonica_steps.typed import Value


class Ended(NamedTuple):
    """A training that has ended."""

    record: Record
    """Its record without configuration and curve, as there may be many."""
    configuration: str
    """See `as_text`."""


class Reader:
    """Reads the status.

    Parameters
    ----------
    again
        Whether it will do so repeatedly: then it parses a record only once.
    """

    def __init__(self, again: bool = False) -> None:
        self._again = again
        self._known: dict[str, tuple[int, Ended | str]] = {}

    def read(self, root: Path) -> SearchStatus:
        """The progress of the search in a folder.

        Raises
        ------
        HarmonicaError
            When there is no plan in it, or a damaged one.
        """
        folder = SearchFolder(root)
        plan = read_plan(folder)
        objective = plan["config"]["objective"]
        direction = objective["direction"]
        found = [self._part(folder, part, direction) for part in plan["parts"]]
        trained = [training for _, trainings in found for training in trainings]
        parts = [part for part, _ in found]
        return SearchStatus(
            plan["search"],
            objective["metric"],
            direction,
            parts,
            folder.best.exists(),
            controller(root),
            ranking(trained, direction, so_far=True),
            under_way(folder, parts, objective["metric"], direction),
        )

    def _ended(self, folder: SearchFolder, part: PlannedPart) -> tuple[list[Ended], list[str]]:
        """The trainings of a part that have ended, and what is wrong with other records.

        A record that vanishes meanwhile is left out.
        """
        found: list[Ended] = []
        damaged: list[str] = []
        with (
            contextlib.suppress(OSError),
            os.scandir(folder.record(part["part"], 0).parent) as entries,
        ):
            for entry in entries:
                if not entry.name.endswith(".json") or entry.name.startswith("."):
                    continue
                record = self._record(entry, part["fidelity"])
                if isinstance(record, str):
                    damaged.append(record)
                elif record is not None:
                    found.append(record)
        return sorted(found, key=lambda ended: ended.record["trial"]), sorted(damaged)

    def _record(self, entry: "os.DirEntry[str]", fidelity: dict[str, Value]) -> Ended | str | None:
        """A record, or what is wrong with it; None if it is gone."""
        try:
            stamp = entry.stat().st_mtime_ns if self._again else 0
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{entry.path}: cannot be read ({error.strerror})."
        before = self._known.get(entry.path)
        if self._again and before and before[0] == stamp:
            return before[1]
        found: Ended | str
        try:
            record = read_record(Path(entry.path))
            configuration = as_text(record["configuration"], fidelity)
            record["configuration"] = {}
            record.pop("curve", None)
            found = Ended(record, configuration)
        except HarmonicaError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            found = str(error)
        if self._again:
            self._known[entry.path] = (stamp, found)
        return found

    def _part(
        self, folder: SearchFolder, part: PlannedPart, direction: Direction
    ) -> tuple[PartStatus, list[Trained]]:
        name, trainings, fidelity = part["part"], part["trainings"], part["fidelity"]
        skipped = _is_skipped(folder, name)
        found, damaged = ([], []) if skipped else self._ended(folder, part)
        found = [entry for entry in found if entry.record["trial"] < trainings]
        records = [entry.record for entry in found]
        ended = {record["trial"] for record in records}
        trained = [
            Trained(
                name,
                r["trial"],
                part["budget"],
                fidelity,
                configuration,
                r["value"],
                "copied" in r,
            )
            for r, configuration in found
        ]
        order = ranked(trained, direction)
        status = PartStatus(
            name=name,
            trainings=trainings,
            budget=part["budget"],
            fidelity=fidelity,
            added_budget=part.get("added_budget", part["budget"]),
            skipped=skipped,
            counts=dict(Counter(record["status"] for record in records)),
            under_way=_started(folder, name, trainings, ended),
            ended=folder.metrics(name).is_file(),
            best=order[0].value if order else None,
            causes=causes(name, records),
            times=_times([record["run"] for record in records if record["status"] == "ok"]),
            damaged=damaged,
        )
        return status, trained


def _is_skipped(folder: SearchFolder, part: str) -> bool:
    try:
        return why_skipped(folder.samples(part)) is not None
    except HarmonicaError:
        return False  # damaged samples are for the steps to report


def _times(runs: list[Run]) -> Times | None:
    if not runs:
        return None
    return Times(
        sum(run["seconds"] for run in runs),
        len(runs),
        min(run["started"] for run in runs),
        max(run["started"] + run["seconds"] for run in runs),
    )


def _started(folder: SearchFolder, part: str, trainings: int, ended: set[int]) -> list[int]:
    """A part's other trainings that are under way, by number: see `objective.workdir`."""
    with contextlib.suppress(OSError), os.scandir(folder.work(part, 0).parent) as entries:
        return sorted(
            int(entry.name)
            for entry in entries
            if len(entry.name) < 9
            and entry.name.isdecimal()
            and int(entry.name) < trainings
            and int(entry.name) not in ended
            and WorkFolder(Path(entry.path)).started.is_file()
        )
    return []


def controller(root: Path) -> str | None:
    """The snakemake that runs a search, by the lock that it holds; see `search_lock`."""
    words = holder(root).split()
    if len(words) != 4:
        return None
    process, host = words[1], words[3]
    if host == os.uname().nodename and not Path(f"/proc/{process}").exists():
        return None
    return f"process {process} on {host}"
