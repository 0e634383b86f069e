"""How far a search is, read from its files while other processes write them.

Read only, and the standard library only: it must answer at once beside a running search.
"""

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json
from harmonica_steps.records.best import Candidate, Ranking, Trained, as_text, ranked, ranking
from harmonica_steps.report.failures import Cause, causes
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.statuses import FAILURES, SKIPPED


class Times(NamedTuple):
    """What the finished trainings of a part have taken."""

    seconds: float
    """All of them together."""
    trainings: int
    first: float
    """When the first one started, in seconds since 1970."""
    last: float
    """When the last one ended."""

    @property
    def mean(self) -> float:
        """Of one training."""
        return self.seconds / self.trainings

    @property
    def abreast(self) -> float:
        """How many ran side by side, on average."""
        return max(self.seconds / max(self.last - self.first, 1e-3), 1.0)


@dataclass(frozen=True)
class PartStatus:
    """A part of the search."""

    name: str
    trainings: int
    budget: float
    fidelity: dict[str, Any]
    longer_by: float
    """What is trained here; a rung continues from the budget of the one before."""
    counts: dict[str, int]
    """Finished trainings by status."""
    running: int
    """Trainings that have started and have no record yet."""
    ended: bool
    """Whether all is done, up to the table of the part."""
    best: float | None
    """The best metric in it, repeated trainings by their mean."""
    causes: list[Cause]
    times: Times | None

    @property
    def done(self) -> int:
        """Trainings with a record, whatever it says."""
        return sum(self.counts.values())

    @property
    def trained(self) -> int:
        """Trainings that have ended: without those of a skipped stage."""
        return self.done - self.counts.get(SKIPPED, 0)

    @property
    def failed(self) -> int:
        """Trainings without a usable metric."""
        return sum(self.counts.get(status, 0) for status in FAILURES)

    @property
    def skipped(self) -> bool:
        """Whether nothing was trained, as the stage was not needed."""
        return SKIPPED in self.counts

    @property
    def waiting(self) -> int:
        """Trainings that have not started."""
        return max(self.trainings - self.done - self.running, 0)


@dataclass(frozen=True)
class SearchStatus:
    """All parts of a search."""

    name: str
    metric: str
    direction: str
    parts: list[PartStatus]
    finished: bool
    controller: str | None
    """What runs the search; None if nothing does, as far as this machine can tell."""
    ranking: Ranking
    """As far as trainings have ended."""

    @property
    def best(self) -> Candidate | None:
        """The best configuration so far."""
        return self.ranking.best

    def seconds_left(self, parallel: int | None = None) -> float | None:
        """The time still needed, from what the finished trainings took; None without any.

        Parameters
        ----------
        parallel
            Trainings at a time; by default as many as run now, or ran in the last part.
        """
        known: PartStatus | None = None
        left = 0.0
        for part in self.parts:
            if part.times:
                known = part
            missing = part.trainings - part.done
            if missing <= 0:
                continue
            if known is None or known.times is None:
                return None
            each = known.times.mean * part.longer_by / known.longer_by
            running = sum(p.running for p in self.parts)
            abreast = min(parallel or running or round(known.times.abreast), part.trainings)
            # The last of many ends late: never less than one training.
            left += max(missing / abreast, 1.0) * each
        return left


class Reader:
    """Reads the status.

    Parameters
    ----------
    again
        Whether it will do so again and again: then it parses a record only once.
    """

    def __init__(self, again: bool = False) -> None:
        self._again = again
        self._known: dict[str, tuple[int, dict[str, Any]]] = {}

    def read(self, root: Path) -> SearchStatus:
        """How far the search in a folder is.

        Raises
        ------
        HarmonicaError
            When there is no plan in it.
        """
        folder = SearchFolder(root)
        if not folder.plan.is_file():
            raise HarmonicaError(
                f"{root}: holds no search (there is no plan.json); give the folder of one, such as "
                "results/digits."
            )
        plan = read_json(folder.plan)
        objective = plan["config"]["objective"]
        direction = objective["direction"]
        found = [self._part(folder, part, direction) for part in plan["parts"]]
        trained = [training for _, trainings in found for training in trainings]
        return SearchStatus(
            plan["search"],
            objective["metric"],
            direction,
            [part for part, _ in found],
            folder.best.is_file(),
            controller(root),
            ranking(trained, direction, so_far=True),
        )

    def records(
        self, folder: SearchFolder, part: str, fidelity: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The records of a part in the order of their trials.

        One that vanishes meanwhile, is damaged or of another version is left out, as if it was not
        there: snakemake makes it again.
        """
        found = []
        with contextlib.suppress(OSError), os.scandir(folder.record(part, 0).parent) as entries:
            for entry in entries:
                if not entry.name.endswith(".json") or entry.name.startswith("."):
                    continue
                record = self._record(entry, fidelity)
                if record is not None:
                    found.append(record)
        return sorted(found, key=lambda record: record["trial"])

    def _record(self, entry: "os.DirEntry[str]", fidelity: dict[str, Any]) -> dict[str, Any] | None:
        try:
            stamp = entry.stat().st_mtime_ns if self._again else 0
            before = self._known.get(entry.path)
            if self._again and before and before[0] == stamp:
                return before[1]
            content = json.loads(_text(entry.path))
            record: dict[str, Any] = {name: content[name] for name in _KEPT}
            record["configuration"] = as_text(dict(content["configuration"]), fidelity)
            record["trial"] = int(content["trial"])
            record["copied"] = "copied" in content
            record["value"] = None if content["value"] is None else float(content["value"])
            record["run"] = {name: float(content["run"][name]) for name in ("seconds", "started")}
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if self._again:
            self._known[entry.path] = (stamp, record)
        return record

    def _part(
        self, folder: SearchFolder, part: dict[str, Any], direction: str
    ) -> tuple[PartStatus, list[Trained]]:
        name, trainings = part["part"], part["trainings"]
        records = [
            r for r in self.records(folder, name, part["fidelity"]) if r["trial"] < trainings
        ]
        ended = {record["trial"] for record in records}
        trained = [
            Trained(
                name,
                r["trial"],
                part["budget"],
                part["fidelity"],
                r["configuration"],
                r["value"],
                r["copied"],
            )
            for r in records
        ]
        order = ranked(trained, direction)
        status = PartStatus(
            name=name,
            trainings=trainings,
            budget=part["budget"],
            fidelity=part["fidelity"],
            longer_by=part.get("longer_by", part["budget"]),
            counts=dict(Counter(record["status"] for record in records)),
            running=_started(folder, name, set(range(trainings)) - ended),
            ended=folder.metrics(name).is_file(),
            best=order[0].value if order else None,
            causes=causes(name, records),
            times=_times([record["run"] for record in records if record["status"] == "ok"]),
        )
        return status, trained


def _text(path: str) -> str:
    """Of a file; in fewer calls than `open` needs, as there may be ten thousand of them."""
    handle = os.open(path, os.O_RDONLY)
    try:
        found = b""
        while block := os.read(handle, 1 << 16):
            found += block
            if len(block) < 1 << 16:
                break
        return found.decode("utf-8")
    finally:
        os.close(handle)


_KEPT = ("status", "cause", "error", "log")


def _times(runs: list[dict[str, Any]]) -> Times | None:
    if not runs:
        return None
    return Times(
        sum(run["seconds"] for run in runs),
        len(runs),
        min(run["started"] for run in runs),
        max(run["started"] + run["seconds"] for run in runs),
    )


def _started(folder: SearchFolder, part: str, trials: Iterable[int]) -> int:
    """Of some trials, those under way: see `objective.workdir`."""
    if not folder.work(part, 0).parent.is_dir():
        return 0
    return sum((folder.work(part, trial) / ".started").is_file() for trial in trials)


def controller(root: Path) -> str | None:
    """The snakemake that runs a search, by the lock that it holds; see `claim`."""
    try:
        words = (root / ".lock").read_text(encoding="utf-8").split()
    except OSError:
        return None
    if len(words) != 4:
        return None
    process, host = words[1], words[3]
    if host == os.uname().nodename and not Path(f"/proc/{process}").exists():
        return None
    return f"process {process} on {host}"
