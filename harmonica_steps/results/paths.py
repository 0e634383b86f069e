"""Where the files of a search are."""

from pathlib import Path
from typing import NamedTuple

PART_NAME = r"stage-\d{1,6}|final/(?:(?:bracket-\d{1,6}/)?rung|round)-\d{1,6}|final/retrain"
"""Of a part, as a regular expression."""


class SearchFolder(NamedTuple):
    """The folder ``results/<search>/``."""

    root: Path

    @property
    def plan(self) -> Path:
        """The checked configuration and the parts that follow from it."""
        return self.root / "plan.json"

    @property
    def best(self) -> Path:
        """The best configuration."""
        return self.root / "best.json"

    @property
    def report(self) -> Path:
        """The page with everything known so far."""
        return self.root / "report.html"

    def samples(self, part: str) -> Path:
        """The drawn samples, one JSON object per line."""
        return self.root / part / "samples.jsonl"

    def record(self, part: str, trial: int) -> Path:
        """The record of one training."""
        return self.root / f"{part}/trials/{trial:04d}.json"

    def work(self, part: str, trial: int) -> Path:
        """The directory of one training."""
        return self.root / part / "work" / f"{trial:04d}"

    def metrics(self, part: str) -> Path:
        """The table of a part's records."""
        return self.root / part / "metrics.parquet"

    def runtime(self, part: str) -> Path:
        """What may differ between two runs of the same search: times, hosts, other metrics."""
        return self.root / part / "runtime.parquet"

    def psr(self, stage: int) -> Path:
        """What a stage has recovered."""
        return self.root / f"stage-{stage}" / "psr.json"

    def frozen(self, stage: int) -> Path:
        """The restriction after a stage."""
        return self.root / f"stage-{stage}" / "frozen.json"
