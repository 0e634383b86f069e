"""Every number, text and list of a configuration has a bound, and so has every message."""

import time
from typing import Any

import pytest

from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.terminal import quoted
from tests.config.test_config_messages import VALID, changed, message_of, parameter

HYPERBAND = {"optimiser": "hyperband"}
OPTUNA = {"optimiser": "optuna"}

NUMBERS = [
    "seed",
    *(f"objective.{key}" for key in ("timeout", "deaths")),
    *(f"stages.1.{key}" for key in ("samples", "repeat", "guided", "degree", "sparsity", "keep")),
    *(f"stages.1.{key}" for key in ("apart", "patience", "budget")),
    *(f"stages.1.failures.{key}" for key in ("counts_as", "max_failed_fraction", "stop_after")),
    *(f"final.{key}" for key in ("guided", "eta", "min_budget", "max_budget", "configurations")),
    *(f"final.retrain.{key}" for key in ("configurations", "seeds", "budget")),
    *(f"space.b.{key}" for key in ("low", "high", "levels")),
]


@pytest.mark.parametrize("key", NUMBERS)
@pytest.mark.parametrize(
    "value", [10**400, 10**30, 1.7e308, float("inf"), float("nan"), -(10**30), True, [1], "x"]
)
def test_a_number_beyond_its_bound_is_refused_in_a_moment(key: str, value: object) -> None:
    started = time.process_time()
    message = message_of(changed(key, value))
    assert time.process_time() - started < 1
    assert f"{key}: " in message or f"{key.rpartition('.')[0]}: " in message
    assert len(message) < 1_000


@pytest.mark.parametrize(
    ("final", "sentence"),
    [
        ({"max_budget": 1e15, "eta": 2}, "final: max_budget: 50 rungs with eta 2 need more than"),
        (
            {**HYPERBAND, "min_budget": 1e-300, "max_budget": 9},
            "final: max_budget: 631 rungs with eta 3 need more than 1,000,000 configurations",
        ),
        (
            {**HYPERBAND, "max_budget": 59049, "repetitions": 1000},
            "final: repetitions: make 66000 rungs, at most 1000 are possible; use fewer",
        ),
        ({**HYPERBAND, "eta": 1.0000001}, "final.eta: must be an integer"),
        (
            {"optimiser": "guided", "rounds": 1000, "configurations": 1001},
            "stages and final: 1,001,070 trainings in all; at most 1,000,000 are possible",
        ),
        (
            {**OPTUNA, "rounds": 1000},
            "stages and rounds: 1,002 of them, one after another; at most 1,000 are possible",
        ),
        (
            {"configurations": 9, "retrain": {"configurations": 1, "seeds": 999_999}},
            "stages and final: 1,000,082 trainings in all",
        ),
    ],
)
def test_products_of_counts_have_a_bound(final: dict[str, Any], sentence: str) -> None:
    assert sentence in message_of(changed("final", final))


def test_a_recovery_that_fits_in_no_memory_is_refused() -> None:
    config = changed("stages", [{"samples": 900_000, "degree": 1}])
    config["space"] = {f"x{i}": {"type": "float", "low": 0, "high": 1} for i in range(1000)}
    assert "stages.1.samples: 900,000 are too many for these parameters" in message_of(config)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (changed("search", "x" * 101), "search: must have at most 100 characters"),
        (changed("objective.metric", "x" * 1001), "objective.metric: must have at most 1000"),
        (changed("objective.command", "x" * 100_001), "objective.command: is longer than 100,000"),
        (changed(f"space.{'x' * 201}", {"type": "bool"}), "at most 200 characters"),
        (parameter(type="ordinal", values=list(range(1001))), "space.x.values: must have at most"),
        (parameter(type="int", low=0, high=10**9, levels=10**8), "space.x.levels: must be less"),
        (changed("forbidden", [{"a": True}] * 1001), "forbidden: must have at most 1000 items"),
        (changed("stages.1.fidelity", {"x": 10**30}), "stages.1.fidelity.x: must be a number of"),
        (changed("stages", [3]), "stages.1: must be"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_texts_and_lists_have_a_bound(config: dict[str, Any], sentence: str) -> None:
    assert sentence in message_of(config)


@pytest.mark.parametrize("key", ["stages.1.samples", "final.configurations", "objective.timeout"])
def test_a_whole_number_may_be_written_as_1e2(key: str) -> None:
    """To YAML it is text."""
    assert parse(changed(key, "8.1e1")) == parse(changed(key, 81))
    assert type(parse(changed("stages.1.budget", "1e3")).stages[0].budget) is int


TEXTS = [
    *("search", "results", "objective.command", "objective.metric", "objective.metric_pattern"),
    *("objective.metric_file", "objective.files", "objective.preload", "start"),
    *("stages.1.study.path", "stages.1.study.name", "stages.1.study.where.x"),
    *("stages.1.fidelity.x", "final.fidelity.x", "final.retrain.fidelity.x", "space.c.values"),
]


@pytest.mark.parametrize("key", TEXTS)
@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_a_control_character_in_any_text_is_refused_with_its_key(key: str, character: str) -> None:
    text: object = f"a{character}.csv"
    if key in ("objective.files", "objective.preload", "space.c.values"):
        text = ["b", text]
        place = f"{key}.2"
    else:
        place = key
    config = changed("space.c", {"type": "categorical"})
    config["stages"][0]["study"] = {"path": "x"}
    *path, last = key.split(".")
    section: Any = config
    for step in path:
        section = section[int(step) - 1] if step.isdigit() else section.setdefault(step, {})
    section[last] = text
    message = message_of(config)
    assert f"  - {place}: holds the control character {character!a}" in message
    message.encode()


@pytest.mark.parametrize("place", ["space", "stages.1.fidelity", "final.fidelity"])
def test_a_control_character_in_a_name_is_refused(place: str) -> None:
    for name in ("a\0", "a\nb", "a\x1b"):
        config = changed(place, {**VALID["space"]} if place == "space" else {})
        section: Any = config
        for step in place.split("."):
            section = section[int(step) - 1] if step.isdigit() else section[step]
        section[name] = {"type": "bool"} if place == "space" else 1
        assert f"  - {place}: " in message_of(config)


def test_a_command_and_a_value_may_have_several_lines() -> None:
    config = changed("objective.command", "sh -c 'a\n\tb {args}'")
    config["space"]["c"] = {"type": "categorical", "values": ["a\nb", "c\td"]}
    assert parse(config).space["c"].grid() == ("a\nb", "c\td")


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, []])
def test_values_that_no_command_can_pass_get_a_name(value: object) -> None:
    sentence = "null, a list or a mapping must be given a name, e.g. 'none', that the program"
    assert sentence in message_of(parameter(type="categorical", values=["a", value]))
    assert sentence in message_of(changed("stages.1.fidelity", {"z": value}))


def test_problems_between_and_inside_sections_are_told_at_once() -> None:
    config = changed("sarch", 1)
    config |= {"stges": [], "seed": -1, "forbidden": [{"q": 1}, {"a": 5}], "start": [{"no": 1}]}
    config["stages"][0]["samples"] = True
    config["final"]["fidelity"] = {"a": 1}
    config["space"]["c"] = {"type": "bool", "when": {"nn": 1}}
    config["space"]["d"] = {"type": "bool", "when": {"mm": 1}}
    lines = message_of(config).splitlines()
    assert lines[0] == f"the configuration has {len(lines) - 1} problems"
    for key in (
        *("sarch", "stges", "seed", "stages.1.samples", "forbidden.1.q", "forbidden.2.a"),
        *("space.c.when.nn", "space.d.when.mm"),
    ):
        assert any(line.startswith(f"  - {key}: ") for line in lines), key


def test_all_that_does_not_fit_together_is_told_at_once() -> None:
    config = changed("final.fidelity", {"a": 1, "b": 2})
    config["stages"][0] |= {"degree": 4, "apart": 9, "keep": 50}
    config["stages"][1]["degree"] = 3
    config["start"] = [{"no": 1, "b": 7.0}, {"b": "x"}]
    keys = [line.split(":")[0].removeprefix("  - ") for line in message_of(config).splitlines()]
    assert keys[1:] == [
        *("stages.1.degree", "stages.1.apart", "stages.1.keep", "stages.2.degree"),
        *("start.1.no", "start.1.b", "start.2.b", "final.fidelity.a", "final.fidelity.b"),
    ]


def test_the_list_of_problems_ends_and_says_how_many_more() -> None:
    started = time.process_time()
    message = message_of({**VALID, **{f"key{i}": "x" * 1000 for i in range(5000)}})
    assert time.process_time() - started < 5
    assert message.startswith("the configuration has 5000 problems\n")
    assert message.endswith("\n  - and 4980 more")
    assert len(message) < 4_000


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        10**4000,
        10**5000,
        ["x" * 1000] * 1000,
        {"x": {"y": [[[["z"]]]]}},
        {1: "y" * 99},
    ],
    ids=["text", "number", "longer number", "list", "deep", "mapping"],
)
def test_a_value_is_shown_in_a_few_dozen_characters(value: object) -> None:
    assert 0 < len(quoted(value)) <= 60


def test_a_short_value_is_shown_as_it_is() -> None:
    for value in ("a", 3, [1, "b"], {"x": None}, 0.1, True):
        assert quoted(value) == repr(value)


@pytest.mark.parametrize(
    ("final", "use"),
    [
        ({"min_budget": 0.1, "max_budget": 200}, "use 72.9 or 218.7, or min_budget: 0.2743484225"),
        ({"min_budget": 1, "max_budget": 54}, "use 27 or 81, or min_budget: 2"),
        ({"min_budget": 0.7, "max_budget": 60, "eta": 10}, "use 7 or 70, or min_budget: 6"),
    ],
)
def test_suggested_budgets_are_tidy_and_fit(final: dict[str, Any], use: str) -> None:
    final = {"configurations": 100_000, **final}
    assert message_of(changed("final", final)).endswith(use)
    numbers = use.removeprefix("use ").replace(", or min_budget: ", " or ").split(" or ")
    for number in numbers[:2]:
        parse(changed("final", {**final, "max_budget": float(number)}))
    parse(changed("final", {**final, "min_budget": float(numbers[2])}))


def test_a_configuration_that_is_too_large_is_refused() -> None:
    for content in ({**VALID, "start": [[0] * 10**6]}, {**VALID, "start": _deep(500)}):
        with pytest.raises(HarmonicaError, match=r"more than (100,000 keys|40 levels)"):
            parse(content)


def _deep(levels: int) -> list[Any]:
    content: list[Any] = []
    for _ in range(levels):
        content = [content]
    return content
