"""The target export: a study beside the results, in nobody's way."""

import optuna
from conftest import TinySearch


def study(search: TinySearch) -> optuna.Study:
    backend = optuna.storages.journal.JournalFileBackend(str(search.root / "study.journal"))
    return optuna.load_study(study_name="tiny", storage=optuna.storages.JournalStorage(backend))


def test_the_target_writes_a_study_and_trains_nothing(finished: TinySearch) -> None:
    trained = finished.trained()
    assert not (finished.root / "study.journal").exists()
    finished.run("export")
    assert len(study(finished).trials) == 24 + 12 + 4
    assert finished.trained() == trained
    assert "Nothing to be done" in finished.run("export", "--dry-run")
    assert "Nothing to be done" in finished.run("--dry-run")


def test_what_others_have_added_survives_a_renewed_export(finished: TinySearch) -> None:
    finished.run("export")
    study(finished).set_user_attr("mine", 1)
    before = (finished.root / "study.journal").read_bytes()
    output = finished.run("export", "--forcerun", "export_study", succeeds=False)
    assert "others have written to it" in output
    assert (finished.root / "study.journal").read_bytes() == before
