"""The end of a search that takes seconds."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from steps_support import RUNGS, fail, plan, run_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.finish import finish


def test_the_best_is_that_of_the_largest_budget(search: SearchRun) -> None:
    best = read_json(search.folder.best)
    record = read_json(search.folder.record("final/rung-2", 0))
    assert best["budget"] == 4
    assert (best["value"], best["configuration"]) == (record["value"], record["configuration"])
    assert best["metrics"] == {"steps": 3.0}
    plain = search.folder.root / "best-configuration.json"
    assert json.loads(plain.read_text()) == best["configuration"]
    table = pd.read_csv(search.folder.root / "final/table.tsv", sep="\t")
    assert table["rung"].tolist() == [0] * 4 + [1] * 2 + [2]
    assert table["budget"].tolist() == [1] * 4 + [2] * 2 + [4]


def test_a_smaller_budget_wins_only_where_every_larger_one_failed(search: SearchRun) -> None:
    """The final's policy allows all trainings of a rung to fail, and the rungs before have not."""
    fail(search, "final/rung-2", [0])
    collect_part(search, "final/rung-2")
    finish(search)
    best = read_json(search.folder.best)
    assert best["budget"] == 2
    table = read_table(search.folder.metrics("final/rung-1"))
    assert best["value"] == table["value"].min()


def failed(table: pd.DataFrame) -> pd.DataFrame:
    """The table if all of its trainings had failed."""
    found = table.assign(status="failed", value=np.nan, score=np.nan)
    return found.astype({"status": "string"})  # pandas 2 has made objects of it


def test_the_larger_budget_wins_even_if_its_best_has_failed(search: SearchRun) -> None:
    values = read_table(search.folder.metrics("final/rung-1"))["value"]
    fail(search, "final/rung-1", [int(values.argmin())])
    for rung in RUNGS[1:]:
        collect_part(search, rung)
    path = search.folder.metrics("final/rung-2")
    failed(read_table(path)).to_parquet(path)
    finish(search)
    best = read_json(search.folder.best)
    assert (best["budget"], best["value"]) == (2, values.max())


def test_without_one_success_there_is_no_best(search: SearchRun) -> None:
    for part in ["stage-1", *RUNGS]:
        path = search.folder.metrics(part)
        failed(read_table(path)).to_parquet(path)
    with pytest.raises(HarmonicaError, match="no training succeeded"):
        finish(search)


def test_where_the_final_search_failed_samples_of_stages_count(search: SearchRun) -> None:
    """Those that were trained like a part of it, here the first rung."""
    for rung in RUNGS:
        path = search.folder.metrics(rung)
        failed(read_table(path)).to_parquet(path)
    finish(search)
    best = read_json(search.folder.best)
    assert best["value"] == read_table(search.folder.metrics("stage-1"))["value"].min()
    assert "stage-1" in best["record"]


@pytest.mark.parametrize("objective", ["callable", "command"])
def test_the_recorded_command_trains_the_best_again(in_own_folder: None, objective: str) -> None:
    changes = {"stages": [], "final": {"configurations": 2, "max_budget": 1}}
    if objective == "command":
        Path("job 1.sh").write_text(
            'printf \'{"error": %s.%s}\' "$2" "$HARMONICA_BUDGET" > "$1"\n'
            'test -f "$HARMONICA_CONFIG"\n'
        )
        changes["objective"] = {"command": "sh 'job 1.sh' {result} {seed}"}
    search = plan(changes)
    run_part(search, "final/rung-0")
    finish(search)
    best = read_json(search.folder.best)
    subprocess.run(["bash", "-c", best["train_again"]], check=True)
    again = json.loads((search.folder.root / "best-again/result.json").read_text())
    assert again["error"] == best["value"]
