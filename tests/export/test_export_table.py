"""All trainings as one table."""

import json
from pathlib import Path

import pandas as pd
import pytest
from export_support import finished
from report_support import plan

from harmonica_steps.cli import main
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.export.table import export_table


def test_every_record_is_a_row_with_its_parameters_and_metrics(tmp_path: Path) -> None:
    search = finished(tmp_path / "mixed")
    path = tmp_path / "all.csv"
    assert "103 trainings" in export_table(search, path)
    table = pd.read_csv(path, keep_default_na=False, dtype=str)
    assert len(table) == 60 + 30 + 9 + 3 + 1
    for _, row in table.iterrows():
        record = json.loads(search.folder.record(row["part"], int(row["trial"])).read_text())
        assert row["status"] == record["status"]
        assert row["cause"] == (record["cause"] or "")
        assert row["value"] == ("" if record["value"] is None else str(record["value"]))
        assert row["budget"] == str(record["budget"])
        assert row["seed"] == str(record["seed"])
        for name in search.space.names:
            assert row[name] == str(record["configuration"].get(name, ""))
        assert row["fidelity:layers"] == str(record["configuration"].get("layers", ""))
        assert row["metric:other"] == str(record["metrics"].get("other", ""))
        assert float(row["run:seconds"]) == record["run"]["seconds"]


def test_the_default_file_is_in_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = finished(tmp_path / "mixed")
    assert main(["export", str(search.folder.root), "--format", "csv"]) == 0
    assert (search.folder.root / "trainings.csv").is_file()
    assert "trainings.csv: 103 trainings" in capsys.readouterr().out


def test_a_search_without_records_is_no_table(tmp_path: Path) -> None:
    from export_support import CONFIG

    with pytest.raises(HarmonicaError, match="Run snakemake first"):
        export_table(plan(tmp_path / "mixed", CONFIG), tmp_path / "all.csv")


def test_a_folder_in_the_place_of_the_file_is_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = finished(tmp_path / "mixed")
    for kind in ("optuna", "csv"):
        arguments = ["export", str(search.folder.root), "--format", kind, "--output", str(tmp_path)]
        assert main(arguments) == 1
        assert "cannot be written" in capsys.readouterr().err
