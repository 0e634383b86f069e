"""The steps that are disturbed: their commands, and what they make."""

from typing import NamedTuple

ROOT = "results/tiny"
ARCHIVED = "archived.tar.zst"
"""An archive of the search, in the folder that holds ``results/``."""


class Step(NamedTuple):
    """A subcommand of harmonica, and what it makes."""

    command: list[str]
    makes: list[str]
    """Files and folders, from the search's folder; removed before the step runs."""

    done: str = ""
    """What the command says when there is nothing left to do; empty if it then succeeds."""


def _part(name: str, *files: str) -> list[str]:
    return [f"{ROOT}/{name}/{file}" for file in files]


STEPS = {
    "draw": Step(["draw", ROOT, "stage-2"], _part("stage-2", "samples.parquet", "samples.jsonl")),
    "draw a rung": Step(
        ["draw", ROOT, "final/rung-1"], _part("final/rung-1", "samples.parquet", "samples.jsonl")
    ),
    "train": Step(
        ["train", ROOT, "stage-1", "5"], _part("stage-1", "trials/0005.json", "work/0005")
    ),
    "train on": Step(
        ["train", ROOT, "final/rung-1", "1"], _part("final/rung-1", "trials/0001.json", "work/0001")
    ),
    "collect": Step(
        ["collect", ROOT, "stage-1"],
        _part("stage-1", "metrics.parquet", "metrics.tsv", "runtime.parquet"),
    ),
    "recover": Step(["recover", ROOT, "1"], _part("stage-1", "psr.json", "frozen.json")),
    "finish": Step(
        ["finish", ROOT],
        [
            *(f"{ROOT}/{name}" for name in ("best.json", "best-configuration.json")),
            *_part("final", "table.parquet", "table.tsv"),
        ],
    ),
    "report": Step(["report", ROOT], [f"{ROOT}/report.html"]),
    "figures": Step(["figures", ROOT, "--output", f"{ROOT}/figures"], [f"{ROOT}/figures"]),
    "archive": Step(["archive", ROOT, "search"], [f"{ROOT}/archive"]),
    "restore": Step(["restore", ARCHIVED, "--into", "results/other"], ["results/other"]),
    "export to Optuna": Step(["export", ROOT], [f"{ROOT}/study.journal"]),
    "export to CSV": Step(["export", ROOT, "--format", "csv"], [f"{ROOT}/trainings.csv"]),
    "export to ConfigSpace": Step(
        ["export", ROOT, "--format", "configspace"], [f"{ROOT}/space.json"]
    ),
    "retry": Step(["retry", ROOT, "stage-1", "--trials", "3"], [], "training 3 has no record"),
}
