"""The states of SLURM's jobs: what they mean, and how they are read from answers."""

import re

FINAL = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "TIMEOUT"}
"""States that end a job."""

PASSING = {"NODE_FAIL", "PREEMPTED", "REQUEUED", "REVOKED"}
"""States in sacct that look like an end, but SLURM may queue the job again under the same id.

Every other state, also one that is not known here, is that of a job which waits or runs.
"""

GONE = "GONE"
"""The scheduler answers, and does not know the task (any more)."""

_ROW = re.compile(r"(\d+)(?:\+0)?(?:_(\d+|\[.*))?\|([A-Z_]+)[^|]*(?:\|(.*))?")
"""A job of one task, a task, or the tasks of an array that wait, the state and a reason."""

_RANGE = re.compile(r"(\d+)(?:-(\d+)(?::(\d+))?)?")


def read_rows(text: str) -> dict[str, tuple[str, str]]:
    """State and reason by job id, from rows of ``id|state|reason`` among lines of any other kind.

    The reason is empty where there is none.
    """
    rows = {}
    for line in text.splitlines():
        if row := _ROW.fullmatch(line.strip()):
            job_id, tasks, state, reason = row.groups()
            for task in _tasks(tasks) if tasks else [""]:
                rows[f"{job_id}{task}"] = (state, reason or "")
    return rows


def _tasks(text: str) -> list[str]:
    """Spell out 7, or what waits of an array: [1-3,7%2]; steps of ranges as well: [0-8:2]."""
    words = text.strip("[]").partition("%")[0].split(",")
    if text.endswith("..."):  # cut off, perhaps in the middle of a number
        words.pop()
    tasks = []
    for word in words:
        if found := _RANGE.fullmatch(word):
            first, last, step = int(found[1]), int(found[2] or found[1]), int(found[3] or 1)
            tasks += [f"_{task}" for task in range(first, last + 1, max(step, 1))]
    return tasks
