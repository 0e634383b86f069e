"""Snakemake scheduler for thousands of ready jobs: the most urgent first, as long as they fit.

It selects the same jobs as Snakemake's greedy scheduler at its default greediness. That one looks
at all other ready jobs again for each job that it selects; this one sorts them once.
"""

from collections.abc import Mapping, Sequence

from snakemake_interface_common.io import AnnotatedStringInterface
from snakemake_interface_scheduler_plugins.base import SchedulerBase
from snakemake_interface_scheduler_plugins.interfaces.jobs import JobSchedulerInterface

Sizes = Mapping[AnnotatedStringInterface, int | None]


class Scheduler(SchedulerBase):  # type: ignore[misc]
    """Selects by priority, then by the size of temporary input files, then of all input files."""

    def select_jobs(
        self,
        selectable_jobs: Sequence[JobSchedulerInterface],
        remaining_jobs: Sequence[JobSchedulerInterface],
        available_resources: Mapping[str, int | str],
        input_sizes: Sizes,
    ) -> Sequence[JobSchedulerInterface]:
        """Select jobs that fit into the available resources together; see Snakemake's interface."""
        left = {name: n for name, n in available_resources.items() if isinstance(n, int)}
        ready = list(selectable_jobs)  # Snakemake gives a set
        by_urgency = sorted(
            range(len(ready)),
            key=lambda number: urgency(ready[number], input_sizes),
            reverse=True,  # equals stay in their order
        )
        selected = []
        for number in by_urgency:
            asked = ready[number].scheduler_resources
            if all(asked.get(name, 0) <= free for name, free in left.items()):
                selected.append(number)
                for name in left:
                    left[name] -= asked.get(name, 0)
        return [ready[number] for number in sorted(selected)]


def urgency(job: JobSchedulerInterface, input_sizes: Sizes) -> tuple[int, int, int]:
    """What decides between jobs, the most important first."""
    temporary = sum(input_sizes[path] or 0 for path in job.input if path.is_flagged("temp"))
    return job.priority, temporary, sum(input_sizes[path] or 0 for path in job.input)
