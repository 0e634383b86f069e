"""Stages that are skipped because those before them have frozen nothing more."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from steps_support import CONFIG, plan, run_all, run_part

from harmonica_steps.cli import main
from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.export.study import export_study
from harmonica_steps.export.table import export_table
from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.facts import gather
from harmonica_steps.report.status import Reader
from harmonica_steps.report.verdict import verdict
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.recover import recover_stage

STAGE = {"samples": 20, "sparsity": 2, "keep": 2, "patience": 1, "resamples": 0}
FINAL = {"optimiser": "optuna", "configurations": 4, "rounds": 1}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")


def searched(stages: list[dict[str, Any]], **more: Any) -> SearchRun:
    search = plan({"stages": stages, "final": FINAL, **more})
    run_all(search)
    return search


def table_of(search: SearchRun, stage: int) -> Any:
    return read_table(search.folder.metrics(f"stage-{stage}"))


def test_the_first_stage_after_a_barren_one_and_all_others_are_skipped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    search = searched([STAGE] * 4)
    frozen = [read_json(search.folder.frozen(stage))["frozen"] for stage in (1, 2, 3, 4)]
    assert frozen == [["a", "b", "c"]] * 4
    for stage in (1, 2):  # the first can never be skipped, and the second finds nothing more
        assert set(table_of(search, stage)["status"]) == {"ok"}
    for stage in (3, 4):
        assert not len(table_of(search, stage))
        assert read_json(search.folder.psr(stage))["skipped"]
        name = f"stage-{stage}"
        assert search.why_skipped(name) == "the stage before it has frozen nothing more"
        assert search.samples(name) == []
        assert search.folder.record(name, 7).read_bytes() == b""
        assert not search.folder.work(name, 7).exists()
    said = capsys.readouterr().out
    assert "stage-3: skipped, because the stage before it has frozen nothing more" in said
    # Of the stages that were trained, those that agree with what is frozen
    told = int(said.partition("was given ")[2].split()[0])
    kept = [entry["assignment"] for entry in read_json(search.folder.frozen(2))["candidates"]]
    tables = [table_of(search, stage) for stage in (1, 2)]
    assert told == sum(
        any(all(row[name] == value for name, value in entry.items()) for entry in kept)
        for table in tables
        for _, row in table.iterrows()
    )


def test_a_skipped_stage_counts_as_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    policy = {"counts_as": "worst", "max_failed_fraction": 0.0}
    search = searched([{**STAGE, "failures": policy}] * 3)
    assert table_of(search, 3)["score"].isna().all()
    facts = gather(search)
    assert facts.failed == 0
    assert "Stage 3 was skipped" in " ".join(verdict(facts).findings)
    # Stage 2 found nothing, which is why the third was not needed: nothing to be done about it.
    assert not any(f"stage {n}" in a.title for a in verdict(facts).advice for n in (2, 3))
    capsys.readouterr()
    main(["status", str(search.folder.root)])
    status = capsys.readouterr().out
    assert "stage-3 (skipped)" in status
    assert "Failures" not in status
    main(["summary", str(search.folder.root)])
    main(["report", str(search.folder.root)])
    assert "SKIPPED" in capsys.readouterr().out
    page = (search.folder.root / "report.html").read_text()
    assert "Stage 3 (skipped)" in page
    assert page.count("Skipped: the stages before it froze nothing new") == 1
    export_study(search, Path("study.journal"))
    assert '"stage-2"' in Path("study.journal").read_text()
    assert '"stage-3"' not in Path("study.journal").read_text()


def test_what_was_skipped_was_not_trained(capsys: pytest.CaptureFixture[str]) -> None:
    search = searched([STAGE] * 4)
    assert gather(search).done == 20 + 20 + 4
    main(["summary", str(search.folder.root), str(search.folder.root)])
    output = capsys.readouterr().out
    (row,) = {line for line in output.splitlines() if "stage-3" in line and "│" in line}
    assert [cell.strip() for cell in row.split("│")[1:6]] == ["stage-3", "0", "", "1", "skipped"]
    compared = output.partition("Compared")[2]
    assert compared.splitlines()[-2].split()[1:4] == ["tiny", "│", "44"]
    message = export_table(search, Path("all.csv"))
    assert message == "all.csv: 44 trainings"
    content = {**CONFIG, "stages": [STAGE] * 4, "final": FINAL}
    Path("job.py").touch()
    Path("config.json").write_text(json.dumps(content))
    main(["plan", "config.json"])
    planned = " ".join(capsys.readouterr().out.split())
    assert "Done already: 44 of the trainings (results/tiny); not needed: 40, in skipped" in planned


def test_where_nothing_was_found_at_all_there_is_advice() -> None:
    Path("noise.py").write_text("def objective(configuration, seed): return seed % 1000\n")
    search = searched([STAGE] * 3, objective={"callable": "noise:objective"})
    assert not read_json(search.folder.frozen(3))["frozen"]
    advice = [entry.title for entry in verdict(gather(search)).advice]
    assert "Give stage 1 more samples, or leave it out." in advice
    assert not any("stage 2" in title or "stage 3" in title for title in advice)


def test_a_candidate_that_is_dropped_is_progress() -> None:
    search = searched([{**STAGE, "patience": None}, {**STAGE, "patience": None}, STAGE])
    path = search.folder.frozen(2)
    content = read_json(path)
    assert len(content["candidates"]) == 2
    write_json(path, {**content, "candidates": content["candidates"][:1]})
    run_part(search, "stage-3")
    assert set(table_of(search, 3)["status"]) == {"ok"}


def test_patience_is_how_many_stages_must_be_barren() -> None:
    search = searched([{**STAGE, "patience": 2}] * 4)
    assert [len(table_of(search, stage)) for stage in (1, 2, 3, 4)] == [20, 20, 20, 0]


def test_a_stage_is_needed_again_when_somebody_frees_a_parameter() -> None:
    search = searched([STAGE] * 3)
    path = search.folder.frozen(2)
    content = read_json(path)
    for entry in content["candidates"]:
        del entry["assignment"]["c"]
    write_json(path, content)
    run_part(search, "stage-3")
    assert set(table_of(search, 3)["status"]) == {"ok"}
    assert np.isfinite(table_of(search, 3)["score"]).all()
    assert "c" in recover_stage(search, 3)
    assert not search.folder.records_aside("stage-3").exists()  # nothing was in the way


def test_what_is_asked_of_a_skipped_stage_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    search = searched([STAGE] * 3)
    root = str(search.folder.root)
    Path("job.py").touch()
    Path("config.json").write_text(json.dumps({**CONFIG, "stages": [STAGE] * 3, "final": FINAL}))
    because = "stage-3 is skipped, because the stage before it has frozen nothing more"
    for command in (
        ["retry", root, "stage-3", "--failed"],
        ["try", "config.json", "--trial", "stage-3/1"],
    ):
        assert main(command) == 1
        assert because in capsys.readouterr().err
    assert main(["explain", root, "--metric", "seconds", "--stage", "3"]) == 1
    assert "only 0 uniform samples have 'seconds'" in capsys.readouterr().err
    assert main(["archive", root, "stage-3"]) == 0
    assert main(["verify", f"{root}/archive/stage-3.tar.zst"]) == 0
    assert "(40 trainings, logs of the 0 failed)" in capsys.readouterr().out


def test_while_a_stage_is_being_skipped_nothing_waits(capsys: pytest.CaptureFixture[str]) -> None:
    search = searched([STAGE] * 3)
    for trial in range(5, 20):
        search.folder.record("stage-3", trial).unlink()
    search.folder.metrics("stage-3").unlink()
    (part,) = (p for p in Reader().read(search.folder.root).parts if p.name == "stage-3")
    assert (part.skipped, part.done, part.trained, part.waiting) == (True, 20, 0, 0)


def test_a_damaged_reason_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    search = searched([STAGE] * 3)
    path = search.folder.samples("stage-3")
    for text in ('{"skipped": 3}\n', '{"skipped": "so', ""):
        path.write_text(text)
        assert main(["collect", str(search.folder.root), "stage-3"]) == 1
        assert str(path) in capsys.readouterr().err
        assert Reader().read(search.folder.root).parts[2].skipped is False


def test_stages_that_train_differently_do_not_tell_whether_another_is_needed() -> None:
    stages = [{**STAGE, "budget": 3}, {**STAGE, "patience": None}, STAGE, {**STAGE, "patience": 3}]
    with pytest.raises(HarmonicaError, match=r"stages\.4\.patience: the stages before it"):
        parse(json.loads(json.dumps({**CONFIG, "stages": stages})))
    parse({**CONFIG, "stages": stages[:3]})
