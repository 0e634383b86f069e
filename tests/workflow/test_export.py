"""The target export: a study beside the results, in nobody's way."""

import json
import shutil
from pathlib import Path

import optuna
import pytest
from tiny_search import TinySearch

from tests.once import made_once


def study(search: TinySearch) -> optuna.Study:
    backend = optuna.storages.journal.JournalFileBackend(str(search.root / "study.journal"))
    return optuna.load_study(study_name="tiny", storage=optuna.storages.JournalStorage(backend))


@pytest.fixture
def exported(
    undisturbed: TinySearch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> TinySearch:
    """A copy of the finished search, exported."""

    def export(folder: Path) -> None:
        shutil.copytree(undisturbed.folder, folder, dirs_exist_ok=True)
        assert not (TinySearch(folder).root / "study.journal").exists()
        TinySearch(folder).run("export")

    made = made_once(tmp_path_factory, "exported", export)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return TinySearch(tmp_path)


def test_the_target_writes_a_study_and_trains_nothing(
    exported: TinySearch, undisturbed: TinySearch
) -> None:
    assert len(study(exported).trials) == 24 + 12 + 4
    assert exported.trained() == undisturbed.trained()
    assert "Nothing to be done" in exported.run("--dry-run", "export", "all")


def test_what_others_have_added_survives_a_renewed_export(exported: TinySearch) -> None:
    study(exported).set_user_attr("mine", 1)
    before = (exported.root / "study.journal").read_bytes()
    output = exported.run("--forcerun", "export_study", "--", "export", succeeds=False)
    assert "was not written (only) by Harmonica" in output
    assert (exported.root / "study.journal").read_bytes() == before


def test_another_search_goes_on_from_an_exported_one(exported: TinySearch) -> None:
    trained = exported.trained()
    again = TinySearch(exported.folder)
    again.root = exported.folder / "results/again"
    again.config["search"] = "again"
    again.config["stages"][0] |= {
        "samples": 30,
        "study": {"path": "results/tiny/study.journal", "where": {"part": "stage-1"}},
    }
    frozen = again.target("stage-1/frozen.json")
    again.run(frozen)
    new = again.trained()[len(trained) :]
    assert sorted(new) == [f"stage-1/{trial:04d}" for trial in range(24, 30)]
    for trial in range(24):
        ours, theirs = (
            json.loads((root / f"stage-1/trials/{trial:04d}.json").read_text())
            for root in (again.root, exported.root)
        )
        assert ours["value"] == theirs["value"]
        assert ours["configuration"] == theirs["configuration"]
        assert ours["imported"]["trial"] == trial
    assert "Nothing to be done" in again.run("--dry-run", frozen)
    psr = json.loads((again.root / "stage-1/psr.json").read_text())
    assert sorted(term["parameters"] for term in psr["terms"]) == [["a", "b"], ["c"]]
    (exported.folder / "results/tiny/study.journal").unlink()
    output = again.run("stage_1", succeeds=False)
    assert "stages.1.study.path: there is no file 'results/tiny/study.journal' here" in output
