"""Makes arrays of tasks from jobs that are ready. Pure: no files, no Snakemake, no SLURM."""

import math
import os.path
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from snakemake_executor_plugin_submitit.partitions import Partitions
from snakemake_executor_plugin_submitit.resources import Resources

T = TypeVar("T")

LABEL = 160
"""Letters about the wildcards of a submission, at most."""

UNUSUAL = re.compile(r"[^\w.,=/+@: -]", re.ASCII)
"""What might mean something to sbatch, to a site's plugins or to what reads the queue."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One job's command.

    Attributes
    ----------
    key
        Which job it is: the same in every run of the workflow.
    digest
        Of everything that the job's result depends on.
    rule
        The rule's name.
    resources
        What it asks for.
    outputs
        Files that it makes.
    plain
        Whether the command is the rule's own, rather than a second Snakemake.
    spec
        What the worker has to know: command, environment, files.
    wildcards
        Their values, for people.
    """

    key: str
    digest: str
    rule: str
    resources: Resources
    outputs: Sequence[str]
    plain: bool
    spec: Mapping[str, Any]
    wildcards: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """One submission: an array of tasks that are alike but for their pieces."""

    rule: str
    resources: Resources
    limit: int | None
    """Seconds for each piece, where several share the time of a task."""
    parallel: int
    tasks: Sequence[Sequence[Piece]]
    prefix: str = ""

    @property
    def name(self) -> str:
        """What it is called in the queue: the user's prefix, the rule, where its results go."""
        outputs = [path for task in self.tasks for piece in task for path in piece.outputs]
        folders = {os.path.dirname(path) for path in outputs}  # noqa: PTH120 (of thousands)
        try:
            common = os.path.commonpath(folders)
        except ValueError:  # none, or absolute and relative ones
            common = ""
        rule = f"{self.prefix}_{self.rule}" if self.prefix else self.rule
        return f"{rule}:{common.replace('/', '.')}" if common else rule

    @property
    def label(self) -> str:
        """The rule and the values of its wildcards, as many as fit into a line."""
        values: dict[str, set[str]] = defaultdict(set)
        for piece in (piece for task in self.tasks for piece in task):
            for name, value in piece.wildcards.items():
                values[name].add(value)
        length = LABEL // max(len(values), 1)
        listed = (
            f"{name}={shorten(','.join(sorted(known, key=_by_length)), length)}"
            for name, known in values.items()
        )
        return " ".join([self.rule, *listed])

    def comment(self, uid: str) -> str:
        """What SLURM keeps with the job: first the word by which the batch is found again."""
        return f"{uid} {UNUSUAL.sub('_', self.label)}"

    def halves(self) -> list["Batch"]:
        """The same work in two submissions, for a queue that has no room for all of it."""
        middle = len(self.tasks) // 2
        parts = (self.tasks[:middle], self.tasks[middle:])
        return [replace(self, tasks=part) for part in parts]


@dataclass(frozen=True)
class Packing:
    """How many pieces go into a task, and how many tasks into an array.

    Attributes
    ----------
    pack
        Pieces in a task, at most.
    parallel
        How many of them run side by side.
    array
        Tasks in an array, at most.
    longest
        Minutes that a task may ask for; None for any.
    processors
        Of this machine, where all tasks run on it: packs get smaller so that each has work.
    partitions
        To choose from for tasks that name none: packs get smaller to fit into one.
    options
        Of sbatch, for all tasks.
    prefix
        Of the names of jobs.
    """

    pack: int = 1
    parallel: int = 1
    array: int = 1000
    longest: int | None = None
    processors: int | None = None
    partitions: Partitions | None = None
    options: Mapping[str, str | bool] = field(default_factory=dict)
    prefix: str = ""

    def batches(self, pieces: Sequence[Piece]) -> list[Batch]:
        """One batch per rule and set of resources, or more where an array would be too large."""
        buckets: dict[tuple[str, Resources], list[Piece]] = defaultdict(list)
        for piece in pieces:
            buckets[piece.rule, piece.resources].append(piece)
        return [
            batch
            for (rule, resources), alike in buckets.items()
            for batch in self._arrays(rule, resources, alike)
        ]

    def _arrays(self, rule: str, resources: Resources, pieces: list[Piece]) -> Iterator[Batch]:
        size = self._size(len(pieces), resources)
        for part in _chunks(pieces, size * self.array):
            tasks = list(_chunks(part, size))
            task = resources.packed(len(tasks[0]), self.parallel).with_options(**self.options)
            partition = self._partition(task)
            yield Batch(
                rule=rule,
                resources=task.with_options(partition=partition) if partition else task,
                limit=self._limit(resources, tasks),
                parallel=self.parallel,
                tasks=tasks,
                prefix=self.prefix,
            )

    def _partition(self, task: Resources) -> str | None:
        """The partition that the table gives a task that names none."""
        return self.partitions.choose(task) if self.partitions else None

    def _limit(self, resources: Resources, tasks: list[Sequence[Piece]]) -> int | None:
        """Seconds for a piece. One alone has its task's time; on this machine there is no limit."""
        shared = len(tasks[0]) > 1 and self.processors is None
        return resources.minutes * 60 if resources.minutes and shared else None

    def _size(self, count: int, resources: Resources) -> int:
        size = self.pack
        if self.longest and resources.minutes:
            size = min(size, self.longest // resources.minutes * self.parallel)
        if self.processors:
            places = max(self.processors // (resources.cpus * self.parallel), 1)
            # Two tasks per place: the second evens out what the first was longer.
            size = min(size, math.ceil(count / (2 * places)))
        if self._partition(resources):
            # The larger a pack, the more it asks for: find the largest that fits anywhere.
            sizes = range(1, min(size, count) + 1)
            size = bisect_left(
                sizes, True, key=lambda n: not self._partition(resources.packed(n, self.parallel))
            )
        return max(size, 1)


def _by_length(value: str) -> tuple[int, str]:
    """Sorts numbers as numbers."""
    return len(value), value


def shorten(text: str, length: int) -> str:
    """The beginning of a text that is too long."""
    return text if len(text) <= length else f"{text[: max(length - 3, 1)]}..."


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[i : i + size] for i in range(0, len(items), size))
