"""A scheduler that says what the test wants, and what believes it."""

from collections.abc import Collection
from pathlib import Path

from snakemake_executor_plugin_submitit.batch import Batch, Packing, Piece
from snakemake_executor_plugin_submitit.controller import Controller
from snakemake_executor_plugin_submitit.ledger import Ledger, OpenBatch
from snakemake_executor_plugin_submitit.resources import Resources
from snakemake_executor_plugin_submitit.work import Plan, Work


class Scheduler:
    """Takes batches, answers with `state`, moves its own clock."""

    def __init__(self) -> None:
        self.state: str | None = "RUNNING"
        self.now = 1000.0
        self.trouble: list[Exception] = []
        self.taken: list[list[int]] = []
        self.known: dict[str, str] = {}
        self.cancelled: list[str] = []
        self.questions = 0
        self.deaf = False
        self.said: list[str] = []
        self.reasons: dict[str, str] = {}
        self.empty = False

    def is_empty(self, clusters: str) -> bool:
        return self.empty

    def time(self) -> float:
        return self.now

    def submit(self, batch: Batch, opened: OpenBatch, *_: object) -> list[str]:
        if self.trouble:
            raise self.trouble.pop(0)
        self.taken.append([len(task) for task in batch.tasks])
        return [f"{len(self.taken)}_{index}" for index in range(len(batch.tasks))]

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        self.questions += 1
        return dict.fromkeys(job_ids, self.state) if self.state else {}

    def find(self, uids: Collection[str]) -> dict[str, str]:
        return {uid: job_id for uid, job_id in self.known.items() if uid in uids}

    def cancel(self, job_ids: Collection[str]) -> bool:
        self.cancelled += job_ids
        return not self.deaf


def control(folder: Path, scheduler: Scheduler, **packing: int) -> Controller:
    plan = Plan("slurm", Packing(**packing), {}, None, poll=(10, 180), grace=5)
    return Controller(plan, Ledger(folder), scheduler, scheduler.said.append)


def piece(key: str = "a", digest: str = "1") -> Piece:
    return Piece(key, digest, "train", Resources(), [], True, {})


def pass_time(control: Controller, scheduler: Scheduler, seconds: float) -> None:
    for _ in range(int(seconds)):
        scheduler.now += 1
        control.tick()


def end(work: Work, kind: str = "ok") -> None:
    assert work.batch is not None
    content = '{"exit": 1, "cause": "", "host": "node1"}'
    (work.batch.folder / f"status/{work.number}.{kind}").write_text(content)
