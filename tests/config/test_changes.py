"""Which changes of a configuration would mix two searches."""

from typing import Any

import pytest

from harmonica_steps.config import parse
from harmonica_steps.config.changes import forbidden

CONFIG: dict[str, Any] = {
    "search": "tiny",
    "objective": {"command": "true"},
    "space": {"a": {"type": "bool"}, "b": {"type": "float", "low": 0.0, "high": 1.0}},
}


def data(clauses: list[dict[str, Any]]) -> dict[str, Any]:
    return parse({**CONFIG, "forbidden": clauses}).model_dump(mode="json")


@pytest.mark.parametrize("whole", [True, False])
def test_forbidden_combinations_may_not_change(whole: bool) -> None:
    before = data([{"a": True, "b": {"low": 0.5}}])
    assert forbidden(before, before, whole=whole) == []
    assert forbidden(before, data([{"a": True, "b": {"low": 0.6}}]), whole=whole) == [
        "forbidden.1.b.low: 0.5 in the results, 0.6 in the config"
    ]
    assert forbidden(data([]), data([{"b": [0, 1]}]), whole=whole) == [
        "forbidden.1.b: absent in the results, [0, 1] in the config"
    ]
    assert forbidden(data([{"b": [0, 1]}]), data([]), whole=whole) == [
        "forbidden.1.b: [0, 1] in the results, absent in the config"
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_no_forbidden_combinations_are_as_good_as_none_in_an_earlier_version(whole: bool) -> None:
    now = data([])
    before = {key: value for key, value in now.items() if key != "forbidden"}
    assert forbidden(before, now, whole=whole) == []
    assert forbidden(now, before, whole=whole) == []


@pytest.mark.parametrize("whole", [True, False])
def test_how_a_program_is_called_may_not_change_but_an_earlier_version_did_not_say(
    whole: bool,
) -> None:
    now = data([])
    new = ("args", "metric_pattern", "metric_file")
    objective = {key: value for key, value in now["objective"].items() if key not in new}
    before = {**now, "objective": objective}
    assert forbidden(before, now, whole=whole) == []
    printed = {**now, "objective": {**now["objective"], "metric_pattern": "(.)"}}
    assert forbidden(before, printed, whole=whole) == [
        'objective.metric_pattern: absent in the results, "(.)" in the config'
    ]
