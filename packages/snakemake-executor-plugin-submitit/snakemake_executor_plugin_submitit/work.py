"""Pieces on their way, and how a controller goes about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from snakemake_executor_plugin_submitit.batch import Packing, Piece
from snakemake_executor_plugin_submitit.failures import Outcome
from snakemake_executor_plugin_submitit.ledger import OpenBatch
from snakemake_executor_plugin_submitit.nodes import FailedNodes


@dataclass(frozen=True)
class Plan:
    """How a controller goes about its work."""

    cluster: str
    packing: Packing
    common: Mapping[str, Any]
    """What every worker has to know."""
    parallelism: int | None
    poll: tuple[float, float]
    """Seconds between two queries: at first, and at most."""
    grace: float
    """Seconds that a file may be late."""
    nodes: FailedNodes | None = None


@dataclass(eq=False)
class Work:
    """One piece on its way."""

    piece: Piece
    batch: OpenBatch | None = None
    number: int = 0
    outcome: Outcome | None = None
    adopted: bool = False
    """Whether an earlier controller has submitted it."""

    @property
    def job_id(self) -> str | None:
        """Its task in the scheduler's words, once known."""
        if self.batch is None or not self.batch.job_ids:
            return None
        return self.batch.job_ids[self.batch.owners[self.number][0]]


Active = dict[OpenBatch, dict[int, Work]]
"""What has been submitted and has not ended, by number in each batch."""
