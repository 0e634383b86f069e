"""Where the files of a search are."""

from pathlib import Path
from typing import NamedTuple


class WorkFolder(NamedTuple):
    """The directory of one training, ``work/<trial>/`` of its part."""

    path: Path

    @property
    def started(self) -> Path:
        """Here from the start of the training until its record is written."""
        return self.path / ".started"

    @property
    def config(self) -> Path:
        """The training's settings."""
        return self.path / "config.json"

    @property
    def result(self) -> Path:
        """What the program writes at its end."""
        return self.path / "result.json"

    @property
    def curve(self) -> Path:
        """What the program appends to while it runs."""
        return self.path / "curve.jsonl"

    @property
    def log(self) -> Path:
        """What the program has printed."""
        return self.path / "log.txt"

    @property
    def checkpoint(self) -> Path:
        """Where the program keeps what it resumes from."""
        return self.path / "checkpoint"


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
    def configuration(self) -> Path:
        """The settings of the best configuration alone."""
        return self.root / "best-configuration.json"

    @property
    def table(self) -> Path:
        """Every training of the final search."""
        return self.root / "final/table.parquet"

    @property
    def aside(self) -> Path:
        """Parts that another configuration has superseded."""
        return self.root / "aside"

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

    def training(self, part: str, trial: int) -> WorkFolder:
        """The files of one training."""
        return WorkFolder(self.work(part, trial))

    def records_aside(self, part: str) -> Path:
        """Records that were in the way of new ones."""
        return self.root / part / "aside"

    def reported(self, part: str) -> Path:
        """A mark: the page was renewed after the part."""
        return self.root / part / "reported"

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
