"""What has been submitted, on disk before anything is waited for.

One folder a batch::

    20261124-2203-4f1c/
        batch.jsonl      a line about the batch, then one line a task: its pieces; written first
        jobs.json        the scheduler's job ids, once known
        status/7.ok      piece 7 has ended well, status/8.failed: piece 8 has not
        logs/7.log       what piece 7 has printed
        closed           numbers of pieces whose end Snakemake has on record
        stop/9           piece 9 is not wanted any more: the worker does not start it
        ...              submitit's own files

A batch is open until all of its pieces are closed. A controller that comes after one that died
finds in the open batches what still runs and what has ended meanwhile.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_submitit.batch import Batch
from snakemake_executor_plugin_submitit.jobids import split_id
from snakemake_executor_plugin_submitit.variables import default_clusters


@dataclass(eq=False)
class OpenBatch:
    """A batch's folder, and what is known of it."""

    folder: Path
    about: dict[str, Any]
    offsets: list[int]
    owners: list[tuple[int, str, str]]
    """Task, key and digest of each piece."""
    job_ids: list[str] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    failed: bool = False

    @property
    def file(self) -> Path:
        """The batch file, which workers read."""
        return self.folder / "batch.jsonl"

    @property
    def uid(self) -> str:
        """The batch's name, which SLURM knows as the first word of the job's comment."""
        return self.folder.name

    def submitted(self, job_ids: list[str]) -> None:
        """Note the job id of each task."""
        _write(self.folder / "jobs.json", json.dumps(job_ids).encode())
        self.job_ids = job_ids

    def ended(self) -> dict[int, bool]:
        """The pieces that have a status, and whether it is a good one."""
        kinds = {".ok": True, ".failed": False}
        with os.scandir(self.folder / "status") as entries:
            names = (os.path.splitext(entry.name) for entry in entries)  # noqa: PTH122
            return {int(name): kinds[kind] for name, kind in names if kind in kinds}

    def status(self, number: int) -> dict[str, Any]:
        """The status of a piece that has ended."""
        path = self.folder / f"status/{number}.failed"
        if not path.exists():
            path = path.with_suffix(".ok")
        status: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return status

    def has_begun(self, number: int) -> bool:
        """Whether any piece of the same task has started."""
        task = self.owners[number][0]
        return any(self.log(n).exists() for n, owner in enumerate(self.owners) if owner[0] == task)

    def log(self, number: int) -> Path:
        """The file that a piece prints to."""
        return self.folder / f"logs/{number}.log"

    def task_log(self, task: int) -> Path:
        """The file that SLURM and submitit write about a task."""
        return self.folder / f"{split_id(self.job_ids[task])[0]}_0_log.err"

    def stop(self, number: int) -> None:
        """Do not start a piece any more."""
        (self.folder / "stop").mkdir(exist_ok=True)
        (self.folder / f"stop/{number}").touch()

    def tasks_under_way(self) -> set[int]:
        """Tasks with pieces that are neither closed nor ended."""
        over = self.closed | self.ended().keys()
        return {task for n, (task, _, _) in enumerate(self.owners) if n not in over}


class LedgerError(WorkflowError):
    """Jobs of an earlier controller that this one cannot take over."""


class Left(NamedTuple):
    """A piece that an earlier controller has not closed."""

    batch: OpenBatch
    number: int
    digest: str
    ended: bool | None
    """Whether it has ended well; None if it has not ended."""


class Ledger:
    """All batches in one folder.

    Parameters
    ----------
    folder
        Made if it is not there.
    place
        Where job ids mean something: ``slurm``, or a machine whose processes they are.
    keep_logs
        Whether the folders of batches that went well stay.

    Raises
    ------
    LedgerError
        When the folder cannot be used.
    """

    def __init__(self, folder: Path, place: str = "slurm", *, keep_logs: bool = False) -> None:
        self.folder = folder
        self.place = place
        self.keep_logs = keep_logs
        try:
            # Commands are private; a folder of the user's stays as it is.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(
                f"submitit-folder: {folder} cannot be used ({error.strerror}). Choose another "
                "folder."
            ) from None

    def open_batches(self) -> Iterator[OpenBatch]:
        """What earlier controllers have left open; what was never submitted may be unreadable."""
        for path in sorted(self.folder.glob("*/batch.jsonl")):
            try:
                yield _read(path)
            except (OSError, ValueError, KeyError, IndexError, TypeError):
                if (path.parent / "jobs.json").exists():
                    raise LedgerError(
                        f"{path}: cannot be read, but some of its jobs may still be in the queue. "
                        f"Once none are, delete the folder {path.parent}."
                    ) from None

    def left(self) -> dict[str, Left]:
        """What earlier controllers have not closed, by key.

        Raises
        ------
        LedgerError
            When jobs may still run that can only be watched from elsewhere.
        """
        left = {}
        for batch in self.open_batches():
            ended = batch.ended()
            if batch.about["place"] != self.place:
                if len(ended.keys() | batch.closed) < len(batch.owners):
                    raise LedgerError(
                        f"{batch.folder}: has jobs of an earlier run, submitted to "
                        f"{batch.about['place']}, but this run would use {self.place}. Use the "
                        "earlier setting again, or cancel those jobs and delete the folder."
                    )
                continue
            for number, (_, key, digest) in enumerate(batch.owners):
                if number not in batch.closed:
                    left[key] = Left(batch, number, digest, ended.get(number))
        return left

    def open(self, batch: Batch, common: dict[str, Any]) -> OpenBatch:
        """Write a batch down, before it is submitted.

        Parameters
        ----------
        batch
            The pieces, in tasks.
        common
            What else workers need to know.
        """
        folder = self.folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        for name in ("status", "logs"):
            (folder / name).mkdir(parents=True)
        about = {
            "rule": batch.rule,
            "place": self.place,
            "time": time.time(),
            "cpus": batch.resources.cpus,
            "clusters": batch.resources.clusters or default_clusters(os.environ),
        }
        lines = [json.dumps(about).encode()]
        owners: list[tuple[int, str, str]] = []
        for index, task in enumerate(batch.tasks):
            numbers = range(len(owners), len(owners) + len(task))
            content = {
                **common,
                "place": self.place,
                "parallel": batch.parallel,
                "limit": batch.limit,
                "owners": [(piece.key, piece.digest) for piece in task],
                "pieces": {n: dict(p.spec) for n, p in zip(numbers, task, strict=True)},
            }
            lines.append(json.dumps(content).encode())
            owners += [(index, piece.key, piece.digest) for piece in task]
        _write(folder / "batch.jsonl", b"".join(line + b"\n" for line in lines))
        return OpenBatch(folder, about, _offsets(lines), owners)

    def drop(self, batch: OpenBatch) -> None:
        """Forget a batch that could not be submitted."""
        shutil.rmtree(batch.folder, ignore_errors=True)

    def close(self, batch: OpenBatch, number: int, *, well: bool) -> None:
        """Note that Snakemake knows a piece's end; with the last one the batch is closed."""
        with (batch.folder / "closed").open("a", encoding="utf-8") as closed:
            closed.write(f"{number}\n")
        batch.closed.add(number)
        batch.failed |= not well
        if len(batch.closed) == len(batch.owners):
            if batch.failed or self.keep_logs:
                batch.file.rename(batch.folder / "closed.jsonl")
            else:
                shutil.rmtree(batch.folder, ignore_errors=True)


def _read(path: Path) -> OpenBatch:
    folder = path.parent
    lines = path.read_bytes().splitlines()
    owners: list[tuple[int, str, str]] = []
    for index, line in enumerate(lines[1:]):
        owners += [(index, key, digest) for key, digest in json.loads(line)["owners"]]
    jobs = folder / "jobs.json"
    closed = folder / "closed"
    batch = OpenBatch(
        folder,
        json.loads(lines[0]),
        _offsets(lines),
        owners,
        json.loads(jobs.read_text()) if jobs.exists() else [],
        set(map(int, closed.read_text().split())) if closed.exists() else set(),
    )
    batch.about["place"]  # raises KeyError for a ledger of another version
    batch.failed = not all(batch.ended().values())
    return batch


def _offsets(lines: list[bytes]) -> list[int]:
    """Where the line of each task begins; the first line is about the batch."""
    offsets, position = [], 0
    for line in lines:
        offsets.append(position)
        position += len(line) + 1
    return offsets[1:]


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}")
    beside.unlink(missing_ok=True)
    # Commands may hold what others must not see, also in a folder that others can read.
    with open(beside, "wb", opener=_for_the_user_alone) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())  # a machine that dies must not leave an empty file
    beside.rename(path)


def _for_the_user_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
