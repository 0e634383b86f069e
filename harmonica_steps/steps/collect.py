"""The records of a part as a table, with failures given the meaning that the policy states."""

from collections import defaultdict

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.record import Record
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.results.tables import metrics_table, read_drawn, runtime_table, write_table
from harmonica_steps.search.failure_policy import scores, too_many_failed
from harmonica_steps.search.plan import Part
from harmonica_steps.terminal import say

Records = list[Record]

MANY = 2_000
"""Records that take a while to read from a network file system."""


def collect_part(search: SearchRun, name: str) -> None:
    """Write ``metrics.parquet`` (with a TSV twin) and ``runtime.parquet`` of a part.

    Raises
    ------
    HarmonicaError
        When more trainings failed than the policy allows, or a record belongs to earlier samples.
    """
    part = search.part(name)
    if part.trials >= MANY:
        say(f"{name}: reading {part.trials:,} records")
    samples = search.samples(name)
    records = [search.record(name, trial) for trial in range(len(samples))]
    _check_drawn(search, part, records, samples)
    failed = [record for record in records if record["status"] in FAILURES]
    # Without one success a stage has nothing to learn from; the final search leaves it to others.
    hopeless = part.stage is not None and 0 < len(records) == len(failed)
    if hopeless or too_many_failed(len(failed), part.trials, part.failures):
        raise HarmonicaError(_too_many(search, part, failed))

    values = [record["value"] for record in records]
    # A failed configuration never wins the final search; in a regression it counts as is stated.
    counts_as = "drop" if part.stage is None else part.failures.counts_as
    scored = scores(values, search.config.objective.direction, counts_as)
    table = metrics_table(read_drawn(search, name), records, scored)
    write_table(search.folder.metrics(name), table, twin=True)
    write_table(search.folder.runtime(name), runtime_table(records))


def _check_drawn(
    search: SearchRun, part: Part, records: Records, samples: list[SampleLine]
) -> None:
    stale = [
        record["trial"]
        for record, sample in zip(records, samples, strict=True)
        if (record["configuration"], record["seed"]) != (sample["configuration"], sample["seed"])
    ]
    if stale:
        raise HarmonicaError(
            f"{part.name}: the records of trials {_some(stale)} belong to earlier samples. Delete "
            f"{search.folder.record(part.name, stale[0]).parent}/ and run snakemake again."
        )


def _too_many(search: SearchRun, part: Part, failed: Records) -> str:
    by_cause = defaultdict(list)
    for record in failed:
        by_cause[record["status"], record["cause"]].append(record)
    common = sorted(by_cause.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = [
        f"{part.name}: {len(failed)} of {part.trials} trainings failed; its policy allows "
        f"{int(part.failures.max_failed_fraction * part.trials)} and at least one must succeed "
        "(failures.max_failed_fraction)."
    ]
    for (status, cause), records in common[:5]:
        first = records[0]
        lines.append(
            f"  {len(records)} x {status}: {cause} (trials {_some([r['trial'] for r in records])})"
        )
        lines.append(f"      {first['error']}")
        lines.append(f"      log: {first['log']}")
    if len(common) > 5:
        lines.append(f"  and {len(common) - 5} more causes")
    lines.append(
        "  All records are kept. Fix the program (trainings that read a changed program file run "
        "again),\n  or allow more failures, and run snakemake again. To rerun single trainings "
        f"delete their\n  records in {search.folder.record(part.name, 0).parent}/. If the "
        "configuration has the wrong command or\n  metric, give the search another name as well, "
        f"or move {search.folder.root}/ away."
    )
    return "\n".join(lines)


def _some(trials: list[int]) -> str:
    return ", ".join(map(str, trials[:6])) + (", ..." if len(trials) > 6 else "")
