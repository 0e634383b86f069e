"""What goes into an archive is read as those read it who will restore it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from harmonica_steps.files import damaged, parse_json, read_bytes
from harmonica_steps.records.record import REPAIR as TRAIN_AGAIN
from harmonica_steps.records.record import Record
from harmonica_steps.results.best import REPAIR
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import LARGEST, read_collected, read_runtime, read_table


def check_part(search: SearchRun, name: str, records: Sequence[Record]) -> None:
    """Read the files of a part that go into an archive, and compare them with one another.

    Parameters
    ----------
    search
        The search.
    name
        The part.
    records
        Of its trainings, which are read already.

    Raises
    ------
    HarmonicaError
        With the first file that is damaged, and what to do about it.
    """
    for trial, sample in enumerate(search.samples(name)):
        record = records[trial]
        drawn = (sample["configuration"], sample["seed"])
        if (record["configuration"], record["seed"]) != drawn:
            path = search.folder.record(name, trial)
            raise damaged(path, "does not match samples.jsonl", TRAIN_AGAIN)
    metrics, runtime = search.folder.metrics(name), search.folder.runtime(name)
    table = read_collected(search, name)
    values = [None if value != value else value for value in table["value"].tolist()]
    collected = list(zip(table["status"].tolist(), values, strict=True))
    if collected != [(record["status"], record["value"]) for record in records]:
        raise damaged(metrics, "does not agree with the records", REPAIR)
    _check_twin(metrics, table)
    if len(read_runtime(search, name)) != len(records):
        raise damaged(runtime, f"must have {len(records)} rows", REPAIR)
    if (stage := search.part(name).stage) is not None:
        search.psr(stage)
        search.restriction(stage)


def check_end(search: SearchRun) -> None:
    """Read the files of the end of a search, see `check_part`."""
    best, configuration = search.best(), search.folder.configuration
    content = read_bytes(configuration, repair=REPAIR)
    if best is None or parse_json(content, configuration, REPAIR) != best["configuration"]:
        raise damaged(configuration, "is not the configuration in best.json", REPAIR)
    path = search.folder.table
    table = read_table(path)
    if len(table) != sum(part.trials for part in search.parts if part.stage is None):
        raise damaged(path, "does not have one row for each training of the final search", REPAIR)
    _check_twin(search.folder.table, table)
    report = search.folder.report
    if not read_bytes(report, LARGEST).rstrip().endswith(b"</html>"):
        again = f"Write it again: harmonica report {search.folder.root}"
        raise damaged(report, "is not a whole page", again)


def _check_twin(parquet: Path, table: pd.DataFrame) -> None:
    """The same table for people: as many lines, at least, as a text may have several."""
    path = parquet.with_suffix(".tsv")
    if read_bytes(path, LARGEST, REPAIR).count(b"\n") < len(table) + 1:
        raise damaged(path, "has fewer rows than the table next to it", REPAIR)
