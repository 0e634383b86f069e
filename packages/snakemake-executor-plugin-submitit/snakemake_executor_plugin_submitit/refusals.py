"""Jobs that cannot be submitted fail like all others; the reason is reported once for many."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from snakemake_executor_plugin_submitit.failures import printable
from snakemake_executor_plugin_submitit.messages import make_logs, parts

ASIDES = ("Trying to restart job {job.jobid}.", "Cannot restore {file}: no backup found.")
"""What Snakemake itself says about each failed job."""

SHOWN = 10
"""Jobs that are named."""


class Refusals:
    """Tells Snakemake of jobs that cannot be submitted.

    Parameters
    ----------
    say
        Shows a message.
    fail
        Reports a job's failure, with all that Snakemake has to say about it.
    fail_quietly
        Reports a job's failure and nothing else.
    logger
        Snakemake's.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        fail: Callable[[Any], None],
        fail_quietly: Callable[[Any], None],
        logger: logging.Logger,
    ) -> None:
        self._say = say
        self._fail = fail
        self._fail_quietly = fail_quietly
        self._said: set[tuple[str, str]] = set()
        self._unwanted: set[str] = set()
        logger.addFilter(self._is_wanted)

    def report(self, refused: Iterable[tuple[Any, str]]) -> None:
        """Let jobs fail, each with the message about it."""
        alike: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for job, message in refused:
            alike[str(job.name), message].append(job)
        for (rule, message), jobs in alike.items():
            which = f"Rule {rule}: {_shown(jobs)} cannot be submitted"
            if (rule, message) in self._said:
                self._say(printable(f"{which}, for the reason above."))
            else:
                self._said.add((rule, message))
                self._say(printable(f"{which}.\n{message}"))
                first = jobs.pop(0)
                make_logs(first)
                self._fail(first)
            for job in jobs:
                files = (file for part in parts(job) for file in part.output)
                self._unwanted |= {ASIDES[1].format(file=file) for file in files}
                self._unwanted.add(ASIDES[0].format(job=job))
                self._fail_quietly(job)

    def _is_wanted(self, record: logging.LogRecord) -> bool:
        message = record.getMessage() if self._unwanted else ""
        if message not in self._unwanted:
            return True
        self._unwanted.discard(message)
        return False


def _shown(jobs: list[Any]) -> str:
    ids = ", ".join(map(str, sorted(job.jobid for job in jobs)[:SHOWN]))
    more = f" and {len(jobs) - SHOWN} more" if len(jobs) > SHOWN else ""
    return f"job{'s' if len(jobs) > 1 else ''} {ids}{more}"
