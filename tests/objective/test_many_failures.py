"""A tenth of the trainings fails, in every way there is: the planted terms are found."""

import importlib
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from config.examples.synthetic.objective import Synthetic
from harmonica_steps.config import parse
from harmonica_steps.files import read_json
from harmonica_steps.objective.trial import train
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.recover import recover_stage

REPOSITORY = Path(__file__).parents[2]
SAMPLES = 200

PROGRAM = """
import os, signal, sys, time
from config.examples.synthetic.objective import objective as synthetic

synthetic({f"x{i}": 1 for i in range(60)}, seed=0)  # the function is made up once for all forks
WAYS = [
    lambda: sys.exit(3),
    lambda: float("nan"),
    lambda: os.kill(os.getpid(), signal.SIGKILL),
    lambda: time.sleep(60),
    lambda: "much",
    lambda: {"loss": 1.0},
    lambda: os._exit(0),
    lambda: open(os.environ["HARMONICA_RESULT"], "w").write("{") and os._exit(0),
]


def objective(configuration, seed, workdir):
    trial = int(workdir.name)
    if trial % 10 == 0:
        return WAYS[trial // 10 % len(WAYS)]()
    return synthetic(configuration, seed=seed)
"""

EXPECTED = {"ok": 180, "failed": 11, "diverged": 3, "killed": 3, "timeout": 3}


def trained() -> SearchRun:
    """The trainings of the first stage."""
    folder = Path.cwd()
    (folder / "job.py").write_text(PROGRAM)
    search = planned(folder, "worst")
    draw_part(search, "stage-1")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY))
        patch.syspath_prepend(str(folder))
        patch.delitem(sys.modules, "job", raising=False)
        importlib.import_module("job")  # once for all forks
        before = open_files()
        for trial in range(SAMPLES):
            train(search.folder, "stage-1", trial, forked=True)
        assert open_files() == before
    del sys.modules["job"]  # other tests have other jobs
    return search


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def planned(folder: Path, counts_as: str) -> SearchRun:
    config = yaml.safe_load((REPOSITORY / "config/examples/synthetic.yaml").read_text())
    config["objective"] = {"callable": "job:objective", "timeout": 1}
    stage = {"samples": SAMPLES, "degree": 3, "sparsity": 5, "resamples": 0}
    config["stages"] = [{**stage, "failures": {"counts_as": counts_as}}]
    search = SearchRun(SearchFolder(folder / "results/synthetic"), parse(config))
    write_plan(search.folder, search.config)
    return search


def found(search: SearchRun) -> set[tuple[str, ...]]:
    """The terms."""
    collect_part(search, "stage-1")
    recover_stage(search, 1)
    terms = read_json(search.folder.psr(1))["terms"]
    return {tuple(term["parameters"]) for term in terms}


def test_the_planted_terms_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first_level = Synthetic(0).negative_path[0]
    planted = {tuple(f"x{v}" for v in sorted(term.variables)) for term in first_level}
    failing = trained()
    for counts_as in ("worst", "drop"):
        search = planned(tmp_path, counts_as)
        assert found(search) == planted
        table = read_table(search.folder.metrics("stage-1"))
        assert Counter(table["status"]) == EXPECTED
        failed = table["status"] != "ok"
        assert (table["value"].isna() == failed).all()
        worst = table["value"].max()
        scores = table["score"][failed]
        assert scores.isna().all() if counts_as == "drop" else (scores == worst).all()
    records = [json.loads(p.read_text()) for p in failing.folder.root.glob("*/trials/*")]
    assert all(r["cause"] and r["error"] for r in records if r["status"] != "ok")
