"""The exported space, as ConfigSpace and import-space read it."""

from pathlib import Path
from typing import Any

import ConfigSpace
import pytest
import yaml
from export_support import CONFIG
from report_support import plan

from harmonica_steps.cli import main
from harmonica_steps.config import Search, parse
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.space import Space

SPACE: dict[str, Any] = {
    **{name: entry for name, entry in CONFIG["space"].items() if name != "odd"},
    "few": {"type": "int", "low": 0, "high": 9},
    "pair": {"type": "ordinal", "values": ["low", "high"]},
    "deep": {"type": "float", "low": 0.0, "high": 1.0, "when": {"depth": [1, 3]}},
    "fine": {"type": "int", "low": 1, "high": 3, "levels": 2, "when": {"depth": [1, 2]}},
}


def planned(folder: Path, space: dict[str, Any]) -> SearchRun:
    return plan(folder / "mixed", {**CONFIG, "space": space})


def assert_same(again: Search, search: SearchRun) -> None:
    assert again.space.keys() == search.space.parameters.keys()
    assert Space(again.space).conditions == search.space.conditions
    for name, parameter in search.space.parameters.items():
        assert again.space[name].model_copy(update={"when": parameter.when}) == parameter


def test_import_space_gives_back_the_space(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = planned(tmp_path, SPACE)
    assert main(["export", str(search.folder.root), "--format", "configspace"]) == 0
    capsys.readouterr()
    path = search.folder.root / "space.json"
    assert main(["import-space", str(path)]) == 0
    again = yaml.safe_load(capsys.readouterr().out)["space"]
    assert_same(parse({**CONFIG, "space": again}), search)


def test_so_it_does_after_configspace_has_read_and_written_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = planned(tmp_path, SPACE)
    path = tmp_path / "space.json"
    main(["export", str(search.folder.root), "--format", "configspace", "--output", str(path)])
    read = ConfigSpace.ConfigurationSpace.from_json(path)
    read.to_json(path)
    capsys.readouterr()
    assert main(["import-space", str(path)]) == 0
    again = parse({**CONFIG, "space": yaml.safe_load(capsys.readouterr().out)["space"]})
    assert_same(again, search)
    for configuration in read.sample_configuration(100):
        drawn = {k: getattr(v, "item", lambda v=v: v)() for k, v in dict(configuration).items()}
        complete = {name: search.space.grids[name][0] for name in search.space.names} | drawn
        assert set(search.space.active(complete)) == set(drawn)


def test_forbidden_combinations_come_back_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forbidden = [
        {"depth": 1, "momentum": [0.0, 0.45]},
        {"few": {"low": 2, "high": 4}, "pair": "low"},
        {"deep": {"high": 0.5}, "depth": 2},
    ]
    search = plan(tmp_path / "mixed", {**CONFIG, "space": SPACE, "forbidden": forbidden})
    path = tmp_path / "space.json"
    main(["export", str(search.folder.root), "--format", "configspace", "--output", str(path)])
    ConfigSpace.ConfigurationSpace.from_json(path).to_json(path)
    capsys.readouterr()
    assert main(["import-space", str(path)]) == 0
    again = parse({**CONFIG, **yaml.safe_load(capsys.readouterr().out)})
    assert_same(again, search)
    found = again.build_space().forbidden
    assert len(found) == len(forbidden)
    assert all(clause in search.space.forbidden for clause in found)


def test_values_that_are_one_for_configspace_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = planned(tmp_path, CONFIG["space"])
    assert main(["export", str(search.folder.root), "--format", "configspace"]) == 1
    assert "space.odd: has values that are the same for ConfigSpace" in capsys.readouterr().err
