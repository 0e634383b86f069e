"""How a job failed, and what is said about it."""

import re
from dataclasses import dataclass
from pathlib import Path

from snakemake_executor_plugin_submitit.jobids import split_id
from snakemake_executor_plugin_submitit.ledger import OpenBatch
from snakemake_executor_plugin_submitit.offers import offers
from snakemake_executor_plugin_submitit.verdicts import Row, Verdict

LINES = 10

MEMORY = re.compile(r"oom[_-]kill|exceeded (job )?memory limit", re.IGNORECASE)
"""What SLURM writes into a job's log when it was killed for its memory; its state need not tell."""


@dataclass(frozen=True)
class Outcome:
    """The end of a job.

    Attributes
    ----------
    ok
        Whether it went well.
    cause
        ``memory`` or ``time``, which a retry gets more of; ``refused`` where there was no job;
        otherwise empty.
    message
        What to tell the user.
    log
        Where it has printed to.
    """

    ok: bool
    cause: str = ""
    message: str = ""
    log: Path | None = None


def from_status(batch: OpenBatch, number: int) -> Outcome:
    """The outcome of a piece that has written a status."""
    task = batch.owners[number][0]
    status = batch.status(number)
    cause = status["cause"]
    what = {
        "time": "used up its runtime",
        "memory": "was killed for lack of memory",
        "restarts": "exceeded submitit-restarts",
        "start": f"could not be started: {status.get('error')}",
    }.get(cause, f"ended with exit status {status['exit']}")
    where = f"job {_job_id(batch, task)} on {status['host']}"
    return _failure(f"{where}: {what}.", cause, batch.log(number))


def from_state(batch: OpenBatch, number: int, state: str) -> Outcome:
    """The outcome of a piece whose task has ended without a status."""
    task = batch.owners[number][0]
    log, task_log = batch.log(number), batch.task_log(task)
    cause = ""
    if state == "TIMEOUT":
        cause = "time"
    elif state == "OUT_OF_MEMORY" or MEMORY.search(_tail(task_log)):
        cause = "memory"
    what = "left the queue" if state == "GONE" else f"ended ({state})"
    message = f"job {_job_id(batch, task)} {what} before it had a result.\n{_quoted(task_log)}"
    return _failure(message.rstrip(), cause, log if log.exists() else task_log)


def refused(message: str, row: Row) -> Outcome:
    """The outcome of a piece that could not be submitted: SLURM's words, and what can be done."""
    why = row.why
    if row.verdict is Verdict.WAIT:
        why = "a limit that waiting does not help with, because you have no jobs in the queue"
    advice = [f"This means: {why}.", row.helps, offers(row.asks) if row.asks else ""]
    text = f"SLURM refused the jobs: {message}\n{' '.join(filter(None, advice))}"
    return Outcome(False, "refused", printable(text))


def one_line(message: str) -> str:
    """What sbatch says, without its name and line breaks."""
    lines = (line.removeprefix("sbatch: error: ").strip() for line in message.splitlines())
    return "; ".join(filter(None, lines))


def printable(text: str) -> str:
    """A text with escapes in place of what a terminal would obey: it may quote a job's output."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else ascii(letter)[1:-1]
        for letter in text
    )


def _failure(message: str, cause: str, log: Path) -> Outcome:
    return Outcome(False, cause, printable(f"{message}\n{_quoted(log)}".rstrip()), log)


def _job_id(batch: OpenBatch, task: int) -> str:
    job_id, cluster = split_id(batch.job_ids[task]) if batch.job_ids else ("(unknown id)", "")
    return f"{job_id} of cluster {cluster}" if cluster else job_id


def _quoted(log: Path) -> str:
    tail = _tail(log)
    return f"Last lines of {log}:\n{tail}" if tail else f"{log} is empty."


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as stream:
            stream.seek(max(log.stat().st_size - 8192, 0))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-LINES:])
