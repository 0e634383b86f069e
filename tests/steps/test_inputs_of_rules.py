"""Every file that a step reads is an input of its rule: what is missing there would not run again.

The steps run as the rules run them, under Python's audit hook, which sees each file that is opened.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harmonica_steps.workflow import Workflow
from tests.report.report_support import run_search

CONFIG: dict[str, Any] = {
    "search": "made-up",
    "objective": {"callable": "job:objective", "metric": "loss", "timeout": 60},
    "space": {f"x{i}": {"type": "bool"} for i in range(6)},
    "stages": [
        {"samples": 60, "degree": 1, "sparsity": 2, "resamples": 0},
        {"samples": 40, "degree": 1, "sparsity": 2, "resamples": 0, "patience": 1},
    ],
    "final": {
        "configurations": 4,
        "eta": 2,
        "max_budget": 2,
        "retrain": {"configurations": 2, "seeds": 2},
    },
}

WATCHED = """
import json, sys
from pathlib import Path
root, opened = Path(sys.argv[1]).absolute(), set()

def see(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)) and "w" not in str(arguments[1]):
        path = Path(str(arguments[0])).absolute()
        if path.is_relative_to(root):
            opened.add(str(path.relative_to(root)))

sys.addaudithook(see)
from harmonica_steps.cli import main
assert main(sys.argv[2:]) in (0, None)
opened.discard(".")
print("OPENED", json.dumps(sorted(opened)))
"""

STEPS = {
    **{
        f"draw {part}": ["draw", part]
        for part in ("stage-1", "stage-2", "final/rung-0", "final/rung-1", "final/retrain")
    },
    "collect": ["collect", "stage-2"],
    "recover 1": ["recover", "1"],
    "recover 2": ["recover", "2"],
    "finish": ["finish"],
}


def loss(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    return 3.0 * configuration["x0"] + noise - budget / 100


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a search has run."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "job.py").write_text("def objective(**known): return 1.0\n")
    run_search(folder / "results/made-up", CONFIG, loss)
    return folder


def inputs(workflow: Workflow, words: list[str]) -> list[str]:
    """What the rule of a step has as inputs."""
    match words:
        case ["draw", part]:
            return workflow.inputs.drawn_from(part)
        case ["collect", part]:
            samples = str(workflow.folder.samples(part).with_suffix(".parquet"))
            return [*workflow.inputs.records(part), samples]
        case ["recover", stage]:
            return workflow.inputs.recovered_from(int(stage))
        case _:
            return workflow.inputs.tables()


TOGETHER = (
    ("samples.parquet", "samples.jsonl"),
    ("metrics.parquet", "metrics.tsv", "runtime.parquet"),
    ("psr.json", "frozen.json"),
)
"""What one job writes is as new as all of it."""


def current_with(workflow: Workflow, path: str) -> set[str]:
    """What is known to be up to date where a file is: whatever changes it makes the file new."""
    folder, name = Path(path).parent, Path(path).name
    names = next((names for names in TOGETHER if name in names), (name,))
    found = {str(folder / name) for name in names}
    if name == "metrics.parquet":  # is made of the samples and the records of its part
        part = str(folder.relative_to(workflow.folder.root))
        found |= {*workflow.inputs.records(part), *(str(folder / name) for name in TOGETHER[0])}
    return found


@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_reads_is_an_input_of_its_rule(
    search: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(search)
    words, root = STEPS[step], Path("results/made-up")
    command = [sys.executable, "-c", WATCHED, str(root), words[0], str(root), *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    opened = set(json.loads(done.stdout.split("OPENED")[1]))
    assert "plan.json" in opened
    workflow = Workflow(CONFIG)
    known = [current_with(workflow, path) for path in inputs(workflow, words)]
    allowed = {str(Path(path).relative_to(root)) for path in set().union(*known)}
    hidden = {path for path in opened if Path(path).name.startswith(".")}
    assert opened - hidden <= allowed | {"plan.json"}
