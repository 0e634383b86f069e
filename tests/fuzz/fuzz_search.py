"""A search that has ended, with everything that any command reads: what is mutated."""

import shutil
from pathlib import Path
from typing import Any

import optuna
import yaml
from fuzz_harness import Server
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from harmonica_steps.config import parse
from harmonica_steps.export.formats import FORMATS
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.study.optional import quiet

SPACE: dict[str, Any] = {
    "switch": {"type": "bool"},
    "kind": {"type": "categorical", "values": ["sgd", "adam", "lion"]},
    "size": {"type": "ordinal", "values": [16, 32, 64]},
    "depth": {"type": "int", "low": 1, "high": 4},
    "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 4},
    "momentum": {
        "type": "float",
        "low": 0.0,
        "high": 0.9,
        "levels": 3,
        "when": {"kind": ["sgd", "lion"]},
    },
}

CONFIG: dict[str, Any] = {
    "search": "fuzz",
    "seed": 5,
    "objective": {
        "command": "sh train.sh {config} {result} {budget}",
        "metric": "error",
        "direction": "minimize",
        "timeout": 60,
        "files": ["data.csv"],
    },
    "space": SPACE,
    "forbidden": [{"switch": True, "size": 64}],
    "stages": [
        {"samples": 24, "degree": 2, "sparsity": 2, "keep": 2, "fidelity": {"layers": 2}},
        {"samples": 10, "degree": 2, "sparsity": 1, "failures": {"counts_as": "drop"}},
    ],
    "final": {"configurations": 4, "eta": 2, "min_budget": 1, "max_budget": 2},
}

PROGRAM = """
case $(tr -d '\\n' < "$1") in
  *'"switch": true'*'"size": 16'*) value=1.5;;
  *'"switch": true'*) value=3;;
  *'"depth": 4'*) echo out of memory >&2; exit 3;;
  *) value=5;;
esac
echo "{\\"error\\": $value, \\"other\\": $3}" > "$2"
"""

START = {"start": [{"switch": True, "rate": 0.01}, {"kind": "adam"}]}

ROOT = "results/fuzz"

SHORT = {
    "space": {"a": {"type": "bool"}},
    "final": {"optimiser": "random", "configurations": 1, "budget": 1},
}
"""The rest of a search of one training."""

ONLY = "final/round-0"
"""Its only part."""

RESULTS: dict[str, tuple[str, dict[str, str]]] = {
    "json": (
        '{"error": 0.5, "other": [1, 2], "text": "x"}\n',
        {"command": "cp given-json {result}"},
    ),
    "printed": (
        "epoch 1 error=0.75\nepoch 2 error=0.5\n",
        {"command": "cat given-printed", "metric_pattern": r"error=(\S+)"},
    ),
    "csv": (
        "epoch,error,other\n1,0.75,a\n2,0.5,b\n",
        {"command": "cp given-csv {workdir}/log.csv", "metric_file": "log.csv"},
    ),
    "jsonl": (
        '{"epoch": 1, "error": 0.75}\n{"epoch": 2, "error": 0.5}\n',
        {"command": "cp given-jsonl {workdir}/log.jsonl", "metric_file": "log.jsonl"},
    ),
}
"""For each way to give a metric: what a training gives, and its objective."""


def make(server: Server, folder: Path) -> None:
    """Write programs, configurations, spaces and studies, and run the search."""
    (folder / "train.sh").write_text(PROGRAM)
    (folder / "data.csv").write_text("1,2\n")
    _write_yaml(folder / "config.yaml", CONFIG)
    _write_yaml(folder / "started.yaml", {**CONFIG, "search": "started", "start": "start.yaml"})
    _write_yaml(folder / "start.yaml", START)
    for name in ("study.journal", "study.db"):
        stages = [{**CONFIG["stages"][0], "study": {"path": name}}, *CONFIG["stages"][1:]]
        _write_yaml(folder / f"{name}.yaml", {**CONFIG, "search": "studied", "stages": stages})
    _make_studies(folder)
    for name, (content, objective) in RESULTS.items():
        (folder / f"given-{name}").write_text(content)
        _plan(folder, {"objective": {"metric": "error", **objective}, **SHORT, "search": name})
    _plan(folder, CONFIG)
    ended = server.run(folder, *_steps(), cpu=0)
    assert ended.status == 0, ended.err[-3000:]
    shutil.copy(folder / ROOT / "space.json", folder / "space.json")


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def _plan(folder: Path, config: dict[str, Any]) -> None:
    write_plan(SearchFolder(folder / "results" / config["search"]), parse(config))


def _make_studies(folder: Path) -> None:
    """The same study in either kind of file."""
    with quiet():
        journal = JournalFileBackend(str(folder / "study.journal"))
        study = optuna.create_study(
            storage=JournalStorage(journal),
            study_name="tried",
            sampler=optuna.samplers.RandomSampler(seed=0),
        )
        study.optimize(_try, 8)
        database = f"sqlite:///{folder / 'study.db'}"
        optuna.copy_study(from_study_name="tried", from_storage=study._storage, to_storage=database)


def _try(trial: optuna.Trial) -> float:
    momentum = 0.0
    if trial.suggest_categorical("kind", SPACE["kind"]["values"]) != "adam":
        momentum = trial.suggest_float("momentum", 0.0, 0.9)
    trial.suggest_categorical("switch", [True, False])
    trial.suggest_categorical("size", SPACE["size"]["values"])
    depth = trial.suggest_int("depth", 1, 4)
    return depth + momentum + trial.suggest_float("rate", 0.001, 1.0, log=True)


def _steps() -> list[list[str]]:
    """The commands that the workflow's rules call."""
    found = []
    for part, trainings in (
        ("stage-1", 24),
        ("stage-2", 10),
        ("final/rung-0", 4),
        ("final/rung-1", 2),
    ):
        found.append(["draw", ROOT, part])
        found += [["train", ROOT, part, str(trial)] for trial in range(trainings)]
        found.append(["collect", ROOT, part])
        if part.startswith("stage-"):
            found.append(["recover", ROOT, part.removeprefix("stage-")])
    found.append(["finish", ROOT])
    found += [["draw", f"results/{name}", ONLY] for name in RESULTS]
    found += [["export", ROOT, "--format", name] for name in FORMATS]
    found += [["report", ROOT], ["archive", ROOT, "stage-1"], ["archive", ROOT]]
    return [["harmonica", *words] for words in found]
