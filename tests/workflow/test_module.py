"""The workflow as a module of another one, and deployed as Snakemake's catalogue deploys it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from smallest import CONFIG, run, smallest, snakemake
from tiny_search import REPOSITORY

OTHER = f"""
configfile: "both.yaml"

rule all:
    input:
        "chosen.txt",

module first:
    snakefile: "{REPOSITORY}/workflow/Snakefile"
    config: config["first"]
    prefix: "sub"

use rule * from first as first_*

module second:
    snakefile: "{REPOSITORY}/workflow/Snakefile"
    config: config["second"]

use rule * from second as second_*

rule choose:
    input:
        "sub/out/one/best.json",
        "results/two/best.json",
    output:
        "chosen.txt",
    shell:
        "cat {{input}} > {{output}}; unset -v lost; echo \\"$lost\\""
"""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A workflow with two searches, of which one has a prefix and another place for results."""
    smallest(tmp_path)
    (tmp_path / "Snakefile").write_text("shell.prefix('set +u; ')\n" + OTHER)
    configure(tmp_path)
    return tmp_path


def configure(folder: Path, **keys: object) -> None:
    first = {**CONFIG, "search": "one", "results": "out", **keys}
    second = {**CONFIG, "search": "two"}
    (folder / "both.yaml").write_text(yaml.safe_dump({"first": first, "second": second}))


def ran(folder: Path) -> int:
    return len((folder / "ran.txt").read_text().split())


def test_two_searches_are_modules_with_a_prefix_and_with_another_place(other: Path) -> None:
    assert "first_train_sample" in snakemake(other).replace(" ", "_")
    for folder in ("sub/out/one", "results/two"):
        assert json.loads((other / folder / "plan.json").read_text())["trainings"] == 2
    assert not (other / "out").exists()
    assert (other / "chosen.txt").is_file()
    assert ran(other) == 4
    assert "Nothing to be done" in snakemake(other)

    # A changed configuration takes effect in the run that sees it, and in its module only.
    more = {**CONFIG["final"], "configurations": 3}
    configure(other, final=more)
    snakemake(other)
    assert ran(other) == 5
    assert len((other / "sub/out/one/final/round-0/samples.jsonl").read_text().splitlines()) == 3


def test_jobs_of_others_begin_no_search(other: Path) -> None:
    (other / "Snakefile").write_text(
        OTHER + "\nrule alone:\n    output: 'alone.txt'\n    shell: 'touch {output}'\n"
    )
    snakemake(other, "alone.txt")
    assert not (other / "sub").exists()
    assert not (other / "results").exists()


def test_what_runs_no_job_writes_no_results(tmp_path: Path) -> None:
    config = smallest(tmp_path)
    start = ("-s", REPOSITORY / "workflow/Snakefile", "--configfile", config)
    for mode in ("--summary", "--unlock", "--touch"):
        command = [sys.executable, "-m", "snakemake", "--cores=1", *map(str, start), mode]
        # Snakemake itself makes the folders of logs before it touches, and then finds no files.
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=mode != "--touch")
        assert not list(tmp_path.rglob("plan.json")), mode
        assert not list(tmp_path.rglob("results/smallest/.lock")), mode


def test_deployed_by_snakedeploy_it_runs_with_its_example_and_reports(tmp_path: Path) -> None:
    """From a clone that takes the place of the one on GitHub, by git's own configuration."""
    clone = tmp_path / "github.com/someone/harmonica"
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", "results", ".snakemake")
    for name in ("workflow", "config", "profiles", "LICENSE", "Snakefile"):
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, clone / name, ignore=ignored)
        else:
            shutil.copy(source, clone / name)
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    run([*git, "init", "-q", "-b", "main"], clone)
    run([*git, "add", "."], clone)
    run([*git, "commit", "-q", "-m", "all"], clone)
    instead = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/someone/harmonica",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    deploy = [sys.executable, "-c", "from snakedeploy.client import main; main()"]
    source = ["deploy-workflow", "https://github.com/someone/harmonica", ".", "--branch", "main"]
    folder = tmp_path / "deployed"
    folder.mkdir()
    run([*deploy, *source], folder, **instead)
    assert "use rule * from harmonica" in (folder / "workflow/Snakefile").read_text()

    # The deployed example, made smaller.
    path = folder / "config/config.yaml"
    content = yaml.safe_load(path.read_text())
    content["stages"] = []
    content["final"] = {"optimiser": "random", "configurations": 2, "budget": 1}
    content["objective"]["preload"] = []
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    snakemake(folder, **instead)
    assert (folder / "results/digits/report.html").is_file()
    snakemake(folder, "--report", "report.zip", **instead)
    assert (folder / "report.zip").is_file()
