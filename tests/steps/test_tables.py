"""Tables: fixed types, the same bytes for the same content."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from harmonica_steps.results.tables import read_table, sample_table, samples_in, write_table
from harmonica_steps.search.draw import draw
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Parameter, Space

ENTRIES = {
    "flag": {"type": "bool"},
    "count": {"type": "int", "low": 1, "high": 5},
    "rate": {"type": "float", "low": 0, "high": 1, "levels": 3, "when": {"flag": True}},
    "size": {"type": "ordinal", "values": [1, 2.5]},
    "name": {"type": "categorical", "values": ["é", "tab\there", "1"]},
    "mixed": {"type": "categorical", "values": ["1", 1, True]},
}
SPACE = Space({n: TypeAdapter(Parameter).validate_python(e) for n, e in ENTRIES.items()})
SAMPLES = list(draw(SPACE, Restriction(), 0, 1, 40))


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    table = sample_table(SPACE, SAMPLES)
    write_table(tmp_path / "t.parquet", table)
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.parquet"), table)


def test_the_table_holds_what_was_drawn() -> None:
    table = sample_table(SPACE, SAMPLES)
    assert table["seed"].tolist() == [sample.seed for sample in SAMPLES]
    found = samples_in(table, SPACE, np.arange(40.0))
    assert found.points.tolist() == [list(sample.point) for sample in SAMPLES]
    assert found.candidate.tolist() == [sample.candidate for sample in SAMPLES]
    assert found.scores.tolist() == [*range(40)]
    for name in ("flag", "count", "size", "name"):
        assert table[name].tolist() == [sample.configuration[name] for sample in SAMPLES]


def test_values_of_different_types_stay_different() -> None:
    assert set(sample_table(SPACE, SAMPLES)["mixed"]) == {'"1"', "1", "true"}


def test_the_table_says_how_each_sample_was_chosen() -> None:
    mixed = [replace(s, origin="guided" if s.trial % 3 else s.origin) for s in SAMPLES]
    table = sample_table(SPACE, mixed)
    assert table["origin"].tolist() == [sample.origin for sample in mixed]
    found = samples_in(table, SPACE, np.zeros(40))
    assert found.uniform.tolist() == [sample.trial % 3 == 0 for sample in SAMPLES]


def test_a_withheld_value_is_missing_but_its_coordinate_is_not() -> None:
    table = sample_table(SPACE, SAMPLES)
    np.testing.assert_array_equal(table["rate"].isna(), ~table["flag"].astype(bool))
    assert table["point:rate"].tolist() == [sample.point[2] for sample in SAMPLES]


def test_types_do_not_depend_on_what_was_drawn() -> None:
    alone = [sample for sample in SAMPLES if not sample.configuration["flag"]][:1]
    one, all_of_them = sample_table(SPACE, alone), sample_table(SPACE, SAMPLES)
    assert one["rate"].isna().all()
    assert one.dtypes.tolist() == all_of_them.dtypes.tolist()


def test_the_same_table_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_table(tmp_path / f"{name}.parquet", sample_table(SPACE, SAMPLES), twin=True)
    for ending in ("parquet", "tsv"):
        one, two = tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
        assert one.read_bytes() == two.read_bytes()


def test_the_twin_is_the_table_for_people(tmp_path: Path) -> None:
    table = sample_table(SPACE, SAMPLES)
    write_table(tmp_path / "t.parquet", table, twin=True)
    shown = pd.read_csv(tmp_path / "t.tsv", sep="\t", dtype={"name": str})
    assert list(shown) == ["trial", "seed", "candidate", "origin", *SPACE.names]
    assert shown["name"].tolist() == table["name"].tolist()
    assert shown["rate"].isna().tolist() == table["rate"].isna().tolist()
