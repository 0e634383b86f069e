"""What people and machines do to a finished search; ``benchmarks/crash`` tries more than this."""

from collections.abc import Callable
from pathlib import Path

import pytest
from smallest import smallest, snakemake
from tiny_search import REPOSITORY, TinySearch

from benchmarks.crash import situations
from benchmarks.crash.situations import Scene


@pytest.mark.parametrize(
    "situation",
    [
        situations.touched,
        situations.moved,
        situations.moved_onto_a_link,
        situations.from_the_future,
        situations.program_from_the_future,
    ],
)
def test_the_results_are_those_of_an_undisturbed_search(
    situation: Callable[[Scene], None], undisturbed: TinySearch, tmp_path: Path
) -> None:
    situation(Scene(undisturbed, tmp_path))


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize(
    "situation", [situations.read_only_and_finished, situations.read_only_and_unfinished]
)
def test_only_what_has_to_write_is_refused_in_a_read_only_folder(
    situation: Callable[[Scene], None], undisturbed: TinySearch, tmp_path: Path
) -> None:
    situation(Scene(undisturbed, tmp_path))


def test_a_search_runs_again_in_an_awkward_folder_after_its_output_was_deleted(
    tmp_path: Path,
) -> None:
    folder = tmp_path / situations.AWKWARD
    folder.mkdir()
    command = ["-s", REPOSITORY / "Snakefile", "--configfile", smallest(folder)]
    best = folder / "results/smallest/best.json"
    snakemake(folder, *command, "search")
    before = best.read_bytes()
    snakemake(folder, *command, "--delete-all-output", "search")
    assert not best.exists()
    snakemake(folder, *command, "search")
    assert best.read_bytes() == before
    assert len((folder / "ran.txt").read_text().split()) == 4
