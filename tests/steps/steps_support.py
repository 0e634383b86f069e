"""A small search with a planted optimum, taken through its steps one by one."""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from harmonica_steps.config import parse
from harmonica_steps.files import read_json, write_json
from harmonica_steps.objective.trial import train
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage

PROGRAM = '''
"""Best is a != b, c false; a checkpoint counts the trainings of a configuration."""

def objective(configuration, seed, budget, checkpoint):
    steps = checkpoint / "steps"
    already = int(steps.read_text()) if steps.exists() else 0
    steps.write_text(str(already + 1))
    a, b, c = (1 if configuration[name] else -1 for name in "abc")
    noise = (seed % 1000) / 1000
    return {"error": 3 * a * b + 2 * c + noise - 0.1 * budget, "steps": already + 1}
'''

CONFIG: dict[str, Any] = {
    "search": "tiny",
    "objective": {"callable": "job:objective"},
    "space": {
        **{name: {"type": "bool"} for name in "abcdef"},
        "rate": {"type": "float", "low": 0.0, "high": 1.0, "levels": 3, "when": {"d": True}},
        "kind": {"type": "categorical", "values": ["x", 1, True]},
    },
    "stages": [{"samples": 30, "sparsity": 2, "keep": 2}],
    "final": {"configurations": 4, "eta": 2, "min_budget": 1, "max_budget": 4},
}

RUNGS = ["final/rung-0", "final/rung-1", "final/rung-2"]


def plan(changes: dict[str, Any] | None = None) -> SearchRun:
    """The search in the current directory, planned."""
    Path("job.py").write_text(PROGRAM)
    folder = SearchFolder(Path("results/tiny"))
    write_plan(folder, parse({**CONFIG, **(changes or {})}))
    return SearchRun.at(folder.root)


def train_part(search: SearchRun, part: str) -> None:
    """In forks of a process that has imported the program, as in the workflow."""
    child = os.fork()
    if child:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return
    status = 1
    try:
        called = search.config.objective.callable
        if called:
            sys.path.insert(0, str(Path.cwd()))
            importlib.import_module(called.partition(":")[0])
        for trial in range(search.part(part).trials):
            train(search.folder, part, trial, forked=bool(called))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def run_part(search: SearchRun, part: str) -> None:
    draw_part(search, part)
    train_part(search, part)
    collect_part(search, part)


def run_all(search: SearchRun) -> None:
    """The whole search, up to its best configuration."""
    for part in search.parts:
        run_part(search, part.name)
        if part.stage is not None:
            recover_stage(search, part.stage)
    finish(search)


def fail(search: SearchRun, part: str, trials: list[int], cause: str = "exit status 1") -> None:
    """Rewrite records as if these trainings had failed."""
    for trial in trials:
        path = search.folder.record(part, trial)
        content = read_json(path)
        content |= {"status": "failed", "value": None, "cause": cause, "error": f"{cause}: oh"}
        write_json(path, content)


def samples(search: SearchRun, part: str) -> list[dict[str, Any]]:
    """What was drawn for a part."""
    return [json.loads(line) for line in search.folder.samples(part).read_text().splitlines()]
