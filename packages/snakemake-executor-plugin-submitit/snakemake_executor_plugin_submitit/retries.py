"""What a job asks for when it is tried again."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from snakemake.iocontainers import ResourceList
from snakemake.resources import Resource
from snakemake_interface_common.exceptions import WorkflowError

MEMORY = ("mem_mb", "mem_mb_per_cpu")
TIME = ("runtime",)

MOST_ATTEMPTS = 20
"""How many attempts of a job are compared, at most."""


@dataclass
class Tried:
    """What is known about a job that has failed under this controller.

    Attributes
    ----------
    digest
        The job's digest at its first attempt. A later attempt may have another command (more
        memory), and still the next controller has to recognise it.
    causes
        How often it has failed, by cause.
    """

    digest: str
    causes: Counter[str] = field(default_factory=Counter)


def prepare_retry(job: Any, causes: Mapping[str, int], settings: Any) -> dict[str, int]:
    """Give a job more of what it lacked, and let its command know.

    What the workflow itself makes depend on the attempt is left to the workflow.

    Parameters
    ----------
    job
        Snakemake's job or group of jobs, about to be tried again.
    causes
        How often it has failed, by cause.
    settings
        The executor's settings.

    Returns
    -------
    The resources that the job gets more of, with their new values.
    """
    factors = dict.fromkeys(MEMORY, settings.memory_factor ** causes.get("memory", 0))
    factors |= dict.fromkeys(TIME, settings.time_factor ** causes.get("time", 0))
    grown = {}
    for name, factor in factors.items():
        value = job.resources.get(name)
        if factor > 1 and isinstance(value, int) and not _is_grown_by_the_workflow(job, name):
            most = _most(job, name, settings)
            more = math.ceil(value * factor)
            grown[name] = more if most is None else max(min(more, most), value)
    if not job.is_group():
        _tell(job, grown)
    return grown


def _is_grown_by_the_workflow(job: Any, name: str) -> bool:
    """Whether a resource differs from attempt to attempt, by a function, expression or threads."""
    parts = job.jobs if job.is_group() else [job]
    try:
        return any(len({_value(part, n, name) for n in _attempts(job)}) > 1 for part in parts)
    except WorkflowError:  # it has no value at another attempt
        return True


def _attempts(job: Any) -> range:
    return range(1, min(job.restart_times + 1, max(job.attempt, MOST_ATTEMPTS)) + 1)


def _value(job: Any, attempt: int, name: str) -> str:
    """What a job would ask for at some attempt."""
    resources = job.rule.expand_resources(
        job.wildcards_dict, job.input, attempt, skip_evaluation={"tmpdir"}
    )
    return str(resources.get(name))


def _most(job: Any, name: str, settings: Any) -> int | None:
    """The user's limit on a resource."""
    rules = next(iter(job.jobs)).rule if job.is_group() else job.rule
    limits = [rules.workflow.global_resources.get(name)]
    limits += [settings.longest] if name in TIME else []
    numbers = [getattr(limit, "value", limit) for limit in limits]
    return min((number for number in numbers if isinstance(number, int)), default=None)


def _tell(job: Any, grown: Mapping[str, int]) -> None:
    """Put new values where the job's command and parameters find them.

    Snakemake evaluates parameters once; those that use resources are wrong at the next attempt.
    """
    values = {**dict(job.resources.items()), **grown}
    if "mem_mb" in grown:
        memory = Resource("mem_mb", grown["mem_mb"])
        values["mem"] = memory.format_human_friendly()
        values["mem_mib"] = memory.from_mb_to_mib().value
    job._resources = ResourceList(fromdict=values)
    job._params = None
