"""RO-Crate metadata: the archive described for catalogues, as a Process Run Crate.

Written by hand: the package ``rocrate`` takes dates and identifiers from the clock and from chance.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from harmonica_steps.archive.members import CRATE, PLAN

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"

TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "svg": "image/svg+xml",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
}


_FOLDER = re.compile(r"program/|search/.*/(trials|work)/")
"""Members in these are many and alike."""


class Run(NamedTuple):
    """The trainings of a part, as an action that created its files."""

    part: str
    trials: int
    failed: int
    started: str
    ended: str


def crate(search: str, what: str, version: str, runs: list[Run], sizes: Mapping[str, int]) -> str:
    """The JSON-LD of an archive.

    Parameters
    ----------
    search, what
        Name of the search, and of the stage.
    version
        Of Harmonica.
    runs
        The parts in the archive.
    sizes
        Size of every other member. Those in the folders of the trials and of the program are
        described together.
    """
    parts = [_part(name, size) for name, size in sizes.items() if not _inside(name)]
    parts += [_folder(name) for name in sorted({f for f in map(_inside, sizes) if f})]
    known = {part["@id"] for part in parts}
    actions = [_action(run, known) for run in runs]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{what} of {search}",
        "description": f"Archive of a hyperparameter search with Harmonica: {what} of {search}, "
        f"{sum(run.trials for run in runs)} trainings.",
        "datePublished": max(run.ended for run in runs),
        "license": _ref("#licence"),
        "conformsTo": _ref(PROFILE),
        "hasPart": [_ref(part["@id"]) for part in parts],
        "mentions": [_ref(action["@id"]) for action in actions],
    }
    licence = {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": "Not stated",
        "description": "Whoever made this archive has not said under which licence it may be used.",
    }
    profile = {
        "@id": PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": _ref("./"),
        "conformsTo": _ref("https://w3id.org/ro/crate/1.1"),
    }
    software = {
        "@id": "#harmonica",
        "@type": "SoftwareApplication",
        "name": "Harmonica",
        "softwareVersion": version,
    }
    graph = [descriptor, root, profile, licence, software, *actions, *parts]
    content = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return json.dumps(content, indent=2) + "\n"


def _ref(identifier: str) -> dict[str, str]:
    return {"@id": identifier}


def _inside(name: str) -> str | None:
    """The folder that a member is described with, if it is not described on its own."""
    found = _FOLDER.match(name)
    return found and found[0]


def _part(name: str, size: int) -> dict[str, Any]:
    kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "contentSize": str(size),
        "encodingFormat": kind,
    }


def _folder(name: str) -> dict[str, Any]:
    return {"@id": name, "@type": "Dataset", "name": name}


def _action(run: Run, known: Iterable[str]) -> dict[str, Any]:
    results = sorted(name for name in known if name.startswith(f"search/{run.part}/"))
    return {
        "@id": f"#{run.part}",
        "@type": "CreateAction",
        "name": run.part,
        "description": f"{run.trials} trainings, {run.failed} of them failed",
        "instrument": _ref("#harmonica"),
        "object": _ref(PLAN),
        "result": [_ref(name) for name in results],
        "startTime": run.started,
        "endTime": run.ended,
    }
