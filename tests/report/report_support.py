"""Searches of any size in seconds: the real steps, around trainings that are made up."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harmonica_steps.config import parse
from harmonica_steps.files import SCHEMA_VERSION, read_json
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage

Metric = Callable[[dict[str, Any], float, float], float | None]
"""Called with configuration, budget and a random number in [0, 1); None for a failure."""

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "a.b[c]'\"&amp;{{ 7 + 7 }}",
    "données\u2028 🎛",
]
"""Names that a page must show as they are."""

CONFIG: dict[str, Any] = {
    "search": "made-up",
    "objective": {"command": "true", "metric": "val <b>error</b>", "timeout": 60},
    "space": {
        HOSTILE[0]: {"type": "bool"},
        HOSTILE[1]: {"type": "categorical", "values": ["</td>", "javascript:alert(3)"]},
        HOSTILE[2]: {"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 4},
        HOSTILE[3]: {"type": "categorical", "values": ["x", 1, True]},
        **{f"dummy {i}": {"type": "bool"} for i in range(6)},
    },
    "stages": [
        {"samples": 150, "degree": 2, "sparsity": 3, "keep": 2},
        {"samples": 80, "degree": 2, "sparsity": 2},
    ],
    "final": {"configurations": 9, "eta": 3, "min_budget": 1, "max_budget": 9},
}


def hostile_metric(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    """A single effect, a product, and an ordered parameter that is best at its end."""
    if noise < 0.04:
        return None
    one = 1 if configuration[HOSTILE[0]] else -1
    two = 1 if configuration[HOSTILE[1]] == "</td>" else -1
    return 20 + 4 * one * two + 3 * one - 4 * configuration[HOSTILE[2]] + noise - 0.2 * budget


def noise_metric(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    """Nothing matters."""
    return noise


def plan(root: Path, config: dict[str, Any]) -> SearchRun:
    write_plan(SearchFolder(root), parse(config))
    return SearchRun.at(root)


def train_part(search: SearchRun, part: str, metric: Metric, trials: range | None = None) -> None:
    """Write the records of a drawn part."""
    budget = search.part(part).budget
    for line in search.folder.samples(part).read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        trial = sample["trial"]
        if trials is not None and trial not in trials:
            continue
        digest = hashlib.sha256(f"{sample['seed']}-{budget}".encode()).digest()
        noise = int.from_bytes(digest[:4], "big") / 2**32
        value = metric(sample["configuration"], budget, noise)
        copied = {"copied": sample["copied"]} if "copied" in sample else {}
        if copied:
            value = sample["copied"]["value"]
        work = search.folder.work(part, trial)
        cause = None if value is not None else "exit status 1"
        if cause:
            work.mkdir(parents=True, exist_ok=True)
            (work / "log.txt").write_text("loading\n<script>alert('log')</script>\n")
        content = {
            "schema_version": SCHEMA_VERSION,
            "part": part,
            "trial": trial,
            "key": "made up",
            "configuration": sample["configuration"],
            "seed": sample["seed"],
            "budget": budget,
            **copied,
            "status": "failed" if cause else "ok",
            "value": value,
            "metrics": {} if cause else {"other": 1.0},
            "cause": cause,
            "error": cause and f"{cause}: <script>alert('log')</script>",
            "log": str(work / "log.txt"),
            "run": {
                "seconds": 2.0 * budget,
                "cpu_seconds": 1.5 * budget,
                "host": "here",
                "job": None,
                "deaths": 0,
                "started": 1000.0 + trial,
            },
        }
        # Not as the training step does, which waits for the disk.
        record = search.folder.record(part, trial)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(content, indent=2), encoding="utf-8")


def report_curve(search: SearchRun, part: str, trial: int, *points: tuple[float, float]) -> None:
    """As if a training had reported a learning curve."""
    record = search.folder.record(part, trial)
    content = {**read_json(record), "curve": [list(point) for point in points]}
    record.write_text(json.dumps(content), encoding="utf-8")


def report_curves(search: SearchRun, part: str, first: int, last: int) -> None:
    """As if all trainings of a part had reported how they came from ten times their metric to it.

    The first one has failed at once.
    """
    for trial in range(1, search.part(part).trials):
        value = search.record(part, trial)["value"] or 1.0
        steps = range(first, last + 1)
        points = ((step, value * (1 + 9 * (last - step) / (last - first))) for step in steps)
        report_curve(search, part, trial, *points)


def run_part(search: SearchRun, part: str, metric: Metric) -> None:
    draw_part(search, part)
    train_part(search, part, metric)
    collect_part(search, part)
    if part.startswith("stage"):
        recover_stage(search, search.position(part))


def run_search(root: Path, config: dict[str, Any], metric: Metric) -> SearchRun:
    """A finished search."""
    search = plan(root, config)
    for part in search.parts:
        run_part(search, part.name, metric)
    finish(search)
    return search
