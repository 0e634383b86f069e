"""The target export: a study beside the results, in nobody's way."""

import json

import optuna
from tiny_search import TinySearch


def study(search: TinySearch) -> optuna.Study:
    backend = optuna.storages.journal.JournalFileBackend(str(search.root / "study.journal"))
    return optuna.load_study(study_name="tiny", storage=optuna.storages.JournalStorage(backend))


def test_the_target_writes_a_study_and_trains_nothing(finished: TinySearch) -> None:
    trained = finished.trained()
    assert not (finished.root / "study.journal").exists()
    finished.run("export")
    assert len(study(finished).trials) == 24 + 12 + 4
    assert finished.trained() == trained
    assert "Nothing to be done" in finished.run("--dry-run", "export")
    assert "Nothing to be done" in finished.run("--dry-run", "all")


def test_what_others_have_added_survives_a_renewed_export(finished: TinySearch) -> None:
    finished.run("export")
    study(finished).set_user_attr("mine", 1)
    before = (finished.root / "study.journal").read_bytes()
    output = finished.run("--forcerun", "export_study", "--", "export", succeeds=False)
    assert "others have written to it" in output
    assert (finished.root / "study.journal").read_bytes() == before


def test_another_search_goes_on_from_an_exported_one(finished: TinySearch) -> None:
    finished.run("export")
    trained = finished.trained()
    again = TinySearch(finished.folder)
    again.root = finished.folder / "results/again"
    again.config["search"] = "again"
    again.config["stages"][0] |= {
        "samples": 30,
        "study": {"path": "results/tiny/study.journal", "where": {"part": "stage-1"}},
    }
    again.run("stage_1", "results/again/archive/stage-1.tar.zst")
    new = again.trained()[len(trained) :]
    assert sorted(new) == [f"stage-1/{trial:04d}" for trial in range(24, 30)]
    for trial in range(24):
        ours, theirs = (
            json.loads((root / f"stage-1/trials/{trial:04d}.json").read_text())
            for root in (again.root, finished.root)
        )
        assert ours["value"] == theirs["value"]
        assert ours["configuration"] == theirs["configuration"]
        assert ours["imported"]["trial"] == trial
    assert "Nothing to be done" in again.run("--dry-run", "stage_1")
    psr = json.loads((again.root / "stage-1/psr.json").read_text())
    assert sorted(term["parameters"] for term in psr["terms"]) == [["a", "b"], ["c"]]
    (finished.folder / "results/tiny/study.journal").unlink()
    output = again.run("stage_1", succeeds=False)
    assert "stages.1.study.path: there is no file 'results/tiny/study.journal' here" in output
