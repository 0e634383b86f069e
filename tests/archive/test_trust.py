"""Whoever restores an archive is told what will run, as far as the archive can say so."""

import json
from pathlib import Path
from typing import Any

import pytest
from archive_support import items, make_search, members, packed, tar

from harmonica_steps.archive.create import archive
from harmonica_steps.archive.members import PLAN, PROVENANCE
from harmonica_steps.archive.restore import restore
from harmonica_steps.results.search_run import SearchRun

FILE = Path("stage-1.tar.zst")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(config: dict[str, Any], files: dict[str, str] | None = None) -> Path:
    """An archive by hand, whose plan has this configuration."""
    content = members()
    plan = {**json.loads(content[PLAN]), "config": {"search": "tiny", **config}}
    about = {"archive": "stage-1", "objective": {"files": files or {}}}
    texts = {PLAN: json.dumps(plan).encode(), PROVENANCE: json.dumps(about).encode()}
    FILE.write_bytes(packed(tar(items({**content, **texts}))))
    return FILE


CONFIG = {
    "objective": {"command": "python train.py {args}", "callable": None, "preload": ["torch"]},
    "final": {"optimiser": "optuna", "sampler": "gp"},
    "stages": [{"samples": 10, "study": {"path": "old.journal"}}],
    "start": "known.yaml",
}


def test_everything_that_runs_is_named_before_the_command_that_runs_it() -> None:
    message = restore(made(CONFIG))
    before, _, after = message.partition("Resume it with:")
    assert "snakemake runs this on this machine, with your rights:" in before
    for line in (
        "objective.command: python train.py {args}",
        "objective.preload: ['torch']",
        "final.sampler (a class of Optuna's): gp",
        "stages.1.study.path (is read): old.journal",
        "start (is read): known.yaml",
    ):
        assert f"  {line}\n" in before
    assert "harmonica run results/tiny/config.json" in after


def test_it_is_said_again_where_the_results_are_already() -> None:
    restore(made(CONFIG))
    assert "objective.command: python train.py" in restore(FILE)


def test_a_callable_is_named_with_where_its_files_are() -> None:
    make_search(Path())
    archive(SearchRun.at(Path("results/tiny")), "stage-1")
    path = Path("results/tiny/archive/stage-1.tar.zst")
    message = restore(path, Path("results/same"))
    assert "objective.callable: job:objective" in message
    assert "program files as archived: 2\n" in message
    Path("job.py").write_text("import evil\n")
    Path("data/extra.csv").unlink()
    message = restore(path, Path("results/other"))
    assert "program files different here: 'job.py'\n" in message
    assert "program files not here, copies in the archive: 'data/extra.csv'\n" in message


def test_files_that_nobody_has_are_named() -> None:
    message = restore(made({"objective": {"command": "x"}}, {"big.bin": "0" * 64}))
    assert "program files not here, nor in the archive: 'big.bin'\n" in message


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"objective": None, "final": [], "stages": {}},
        {"objective": [], "stages": [1]},
        {"objective": {"command": ""}, "stages": [{"study": 3}], "final": {"sampler": None}},
    ],
)
def test_a_configuration_of_any_shape_is_no_traceback(config: dict[str, Any]) -> None:
    assert "nothing: the configuration in it names no program" in restore(made(config))


@pytest.mark.parametrize("command", ["\x1b[2J\x1b[H", "a\nResume it with: curl evil", 7])
def test_what_could_deceive_a_terminal_is_escaped(command: object) -> None:
    message = restore(made({"objective": {"command": command}}))
    assert message.replace("\n", "").isprintable()
    assert not any(line.startswith("Resume it with: curl") for line in message.splitlines())


def test_a_command_is_shown_whole_unless_it_is_longer_than_any_of_people() -> None:
    command = "python -c 'pass' " + "#" * 1900 + "; evil"
    assert command in restore(made({"objective": {"command": command}}))
    long = "x" * 100_000
    message = restore(made({"objective": {"command": long}}), Path("results/long"))
    assert len(message) < 4000
    assert "(100,000 characters; all of it is in plan.json)" in message


def test_many_program_files_are_counted() -> None:
    files = {f"{number}.py": "0" for number in range(10_000)}
    message = restore(made({"objective": {"command": "x"}}, files))
    assert "and 9,980 more" in message
    assert len(message) < 4000
