"""Move superseded results to aside/ instead of deleting them."""

import itertools
import re
from pathlib import Path

from harmonica_steps.records.part_name import PART_NAME
from harmonica_steps.results.paths import SearchFolder


def set_record_aside(folder: SearchFolder, part: str, trial: int) -> None:
    """Move a record, with the log of its training, to ``aside/`` in its part's folder."""
    record = folder.record(part, trial)
    aside = folder.records_aside(part)
    aside.mkdir(exist_ok=True)
    beside = _free(aside, f"{record.stem}.{{}}.json")
    log = folder.training(part, trial).log
    if log.is_file():
        log.replace(beside.with_suffix(".log"))
    record.replace(beside)  # last: a record is in its place until all of it is moved


def set_parts_aside(folder: SearchFolder, parts: list[str]) -> dict[str, Path]:
    """Move the folders of all parts but these to ``aside/`` in the search's folder.

    Returns
    -------
    dict
        Where the folder of each part has gone.
    """
    gone = {}
    folders = [path for depth in ("*", "final/*", "final/*/*") for path in folder.root.glob(depth)]
    for path in folders:
        part = str(path.relative_to(folder.root))
        if part not in parts and re.fullmatch(PART_NAME, part):
            aside = folder.aside
            aside.mkdir(exist_ok=True)
            name = part.removeprefix("final/").replace("/", "-")
            gone[part] = path.replace(_free(aside, f"{name}.{{}}"))
    return gone


def _free(folder: Path, pattern: str) -> Path:
    """The first path, with a number from 1, that is not taken."""
    paths = (folder / pattern.format(number) for number in itertools.count(1))
    return next(path for path in paths if not path.exists())
