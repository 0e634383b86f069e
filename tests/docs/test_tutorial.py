"""The tutorial is followed to the letter, and does what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from docs_support import DOCS, REPOSITORY, Block, blocks

ELSEWHERE = {"once", "in every shell", "on the cluster"}
"""Titles of commands that are not typed here: the test has an environment, and no cluster."""


def typed(commands: str, folder: Path) -> str:
    """Output of commands that must all succeed."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", commands],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "OPENBLAS_NUM_THREADS": "1",
            "COLUMNS": "200",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout[-6000:]}"
    return done.stdout


def words(text: str) -> str:
    """Text without frames, spaces, and numbers, which rounding may change in the last digits."""
    without = re.sub(r"[│┃|]|(?<![\w=])[-+]?\d[\d.]*%?", " ", text)
    return " ".join(without.split())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files of the workflow as a fresh clone has them."""
    for name in ("Snakefile", "config", "workflow", "harmonica_steps", "profiles", "slurm"):
        source = REPOSITORY / name
        if source.is_symlink() or source.is_file():
            shutil.copy2(source, tmp_path / name, follow_symlinks=False)
        else:
            shutil.copytree(source, tmp_path / name)
    return tmp_path


@pytest.mark.workflow
def test_the_tutorial_does_what_it_says(clone: Path) -> None:
    follow(list(blocks(DOCS / "tutorial.md")), clone)

    results = clone / "results/mine"
    text = " ".join((DOCS / "tutorial.md").read_text(encoding="utf-8").split())
    frozen = json.loads((results / "stage-1/frozen.json").read_text())
    # Their names are in the table, which is compared.
    assert (len(frozen["frozen"]), len(frozen["narrowed"]), len(frozen["free"])) == (3, 1, 12)
    psr = json.loads((results / "stage-2/psr.json").read_text())
    surest = re.search(r"most surely `(\w+)`, `(\w+)` and `(\w+)`", text)
    leaning = [entry["parameter"] for entry in psr["small_effects"]["leaning"]]
    assert set(surest.groups()) == set(leaning[:3])
    fall = re.search(r"fell from ([\d.]+) to ([\d.]+) after the first stage", text)
    tables = [pd.read_parquet(results / f"stage-{stage}/metrics.parquet") for stage in (1, 2)]
    means = [table.loc[table["origin"] == "uniform", "value"].mean() for table in tables]
    assert [float(said) for said in fall.groups()] == pytest.approx(means, abs=0.03)
    best = json.loads((results / "best.json").read_text())
    again = json.loads((results / "best-again/result.json").read_text())
    assert again["error"] == best["value"] < 0.06
    page = (results / "report.html").read_text(encoding="utf-8")
    for advice in ("Widen the range of learning_rate", "Do not rely on the weaker terms"):
        assert advice in page


def follow(tutorial: list[Block], folder: Path) -> None:
    """Write the files, type the commands, and compare what they show."""
    shown = ""
    for block in tutorial:
        if block.language == "bash" and block.title in ELSEWHERE:
            if "snakemake" in block.text:  # a cluster would be needed from here on
                assert "total 233" in words_and_numbers(typed(f"{block.text.strip()} -n", folder))
        elif block.language == "bash":
            assert not block.title, f"{block}: nobody would type this"
            shown = typed(block.text, folder)
        elif block.language == "text":
            for line in block.text.splitlines():
                assert words(line) in words(shown), f"{line}\n\n{shown}"
        else:
            (folder / block.title).write_text(block.text, encoding="utf-8")


def words_and_numbers(text: str) -> str:
    """Text without frames and repeated spaces."""
    return " ".join(re.sub(r"[│┃|]", " ", text).split())
