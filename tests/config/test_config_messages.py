"""Each kind of mistake in a configuration gets a message that says what to change."""

import copy
from typing import Any

import pytest

from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError

VALID: dict[str, Any] = {
    "search": "tiny",
    "objective": {"command": "true"},
    "space": {"a": {"type": "bool"}, "b": {"type": "float", "low": 0.0, "high": 1.0}},
    "stages": [{"samples": 40, "sparsity": 2}, {"samples": 30, "sparsity": 2}],
    "final": {"configurations": 9},
}


def changed(place: str, value: Any) -> dict[str, Any]:
    """The valid configuration with one key set, such as ``stages.2.samples``."""
    config = copy.deepcopy(VALID)
    section: Any = config
    *path, last = place.split(".")
    for step in path:
        section = section[int(step) - 1] if step.isdigit() else section.setdefault(step, {})
    section[last] = value
    return config


def without(place: str) -> dict[str, Any]:
    config = copy.deepcopy(VALID)
    section = config
    *path, last = place.split(".")
    for step in path:
        section = section[step]
    del section[last]
    return config


def message_of(config: dict[str, Any]) -> str:
    with pytest.raises(HarmonicaError) as caught:
        parse(config)
    return str(caught.value)


def parameter(**entry: object) -> dict[str, Any]:
    return changed("space.x", entry)


WRONG = [
    # numbers that YAML 1.1 takes for text
    (
        parameter(type="ordinal", values=["1e-5", "1e-4"]),
        "space.x: YAML reads 1e-5 as text, not as a number: write 1.0e-5",
    ),
    (changed("stages.1.fidelity", {"wd": "2.5E4"}), "stages.1.fidelity: YAML reads 2.5E4 as text"),
    (changed("final.fidelity", {"wd": ".5e-3"}), "final.fidelity: YAML reads .5e-3 as text"),
    # unknown, missing and mistyped keys
    (changed("stage", []), "stage: unknown key, did you mean 'stages'?"),
    (changed("stages.2.samlpes", 5), "stages.2.samlpes: unknown key, did you mean 'samples'?"),
    (changed("objective.cmd", "x"), "objective.cmd: unknown key; allowed: command, callable, "),
    (changed("final.failures", {"count_as": 1}), "final.failures.count_as: unknown key, did you"),
    (without("space"), "space: is missing"),
    (without("search"), "search: is missing"),
    # values
    (changed("search", "../x"), "search: "),
    (changed("seed", -1), "seed: must be greater than or equal to 0, got -1"),
    (changed("stages", {}), "stages: must be a list, got {}"),
    (changed("stages.1.samples", 5), "stages.1.samples: must be greater than or equal to 10, got"),
    (changed("stages.1.samples", 10.5), "stages.1.samples: must be an integer, got 10.5"),
    (changed("stages.1.samples", "many"), "stages.1.samples: must be an integer, got 'many'"),
    (changed("stages.2.samples", None), "stages.2.samples: must be an integer, got None"),
    (changed("stages.1.degree", 5), "stages.1.degree: must be less than or equal to 4, got 5"),
    (
        {
            **changed("stages.1.degree", 4),
            "space": {f"x{i}": {"type": "bool"} for i in range(1000)},
        },
        "stages.1.degree: 4 is too much for these parameters and levels: 41,417,124,750 products "
        "cannot be searched in reasonable time; use 3, or fewer levels",
    ),
    (
        changed("stages.1.apart", 9),
        "stages.1.apart: 9 is more than the 2 parameters of the space",
    ),
    (
        changed("stages.1.selection", "magic"),
        "stages.1.selection: must be 'beam' or 'lasso', got 'magic'",
    ),
    (changed("stages.1.degree", 3), "stages.1.degree: 3 is more than the 2 parameters of the"),
    (
        changed("stages.1.sparsity", 5),
        "stages.1: sparsity: 5 terms cannot be distinguished from chance with 40 samples; use at "
        "most 4",
    ),
    (changed("stages.1.keep", 9), "stages.1.keep: 2 terms of degree 2 have at most 8 assignments"),
    (changed("stages.1.budget", 0), "stages.1.budget: must be greater than 0"),
    (changed("stages.1.fidelity", {"b": 1}), "stages.1.fidelity.b: is a parameter of the space"),
    (changed("final.fidelity", {"a": 1}), "final.fidelity.a: is a parameter of the space"),
    (
        changed("stages.1.fidelity", {"z": [1]}),
        "stages.1.fidelity.z: must be a boolean or an integer or a number or a string, got [1]",
    ),
    (
        changed("stages.1.failures", {"counts_as": "wurst"}),
        "stages.1.failures.counts_as: must be 'worst' or 'drop' or a number, got 'wurst'",
    ),
    (
        changed("stages.1.failures", {"max_failed_fraction": 2}),
        "stages.1.failures.max_failed_fraction: must be less than or equal to 1, got 2",
    ),
    # the objective
    (changed("objective.callable", "m:f"), "objective: give either command or callable"),
    (without("objective.command"), "objective: give either command or callable"),
    (changed("objective.command", "  "), "objective.command: is empty"),
    (changed("objective", {"callable": "m.f"}), "objective.callable: "),
    (
        changed("objective.args", {"booleans": "flags"}),
        "objective.args.booleans: must be 'pair', 'flag' or 'value', got 'flags'",
    ),
    (changed("objective.args", {}), "objective: args describes how {args} is written, but"),
    (changed("objective.metric_pattern", "loss ("), "objective.metric_pattern: is not a regular"),
    (
        changed("objective.metric_pattern", "(loss) (.*)"),
        "objective.metric_pattern: needs one group in round brackets, around the metric, got 2",
    ),
    (changed("objective.metric_pattern", "loss"), "objective.metric_pattern: needs one group in"),
    (
        changed("objective.metric_file", "/tmp/log.csv"),
        "objective.metric_file: must be relative to {workdir} and inside it, got '/tmp/log.csv'",
    ),
    (
        changed("objective.metric_file", "a/../../log.csv"),
        "objective.metric_file: must be relative",
    ),
    (
        changed("objective.metric_file", "log.txt"),
        "objective.metric_file: must end in .csv, .tsv, .jsonl, got 'log.txt'",
    ),
    (
        changed("objective", {"command": "p", "metric_file": "a.csv", "metric_pattern": "(.)"}),
        "objective: the metric comes from one place: give either metric_pattern or metric_file",
    ),
    (
        changed("objective", {"command": "p {result}", "metric_pattern": "(.)"}),
        "objective: the metric comes from one place: give either metric_pattern or the result file",
    ),
    (
        changed("objective", {"callable": "m:f", "metric_pattern": "(.)"}),
        "objective: metric_pattern is for a command; a callable returns its metric",
    ),
    (
        changed("objective.direction", "minimise"),
        "objective.direction: must be 'minimize' or 'maximize', got 'minimise'",
    ),
    (changed("objective.timeout", 0), "objective.timeout: must be greater than 0, got 0"),
    (changed("objective.deaths", 0), "objective.deaths: must be greater than or equal to 1, got 0"),
    # the space
    (changed("space", {}), "space: is empty; name at least one parameter."),
    (changed("space.a:b", {"type": "bool"}), "space: 'a:b' is not a valid parameter name"),
    (parameter(low=0, high=1), "space.x: type is missing; allowed: bool, categorical, ordinal, "),
    (parameter(type="flaot"), "space.x.type: 'flaot' is unknown, did you mean 'float'?"),
    (parameter(type="tree"), "space.x.type: 'tree' is unknown; allowed: bool, categorical, "),
    (parameter(type="float", low=0, high=1, lvels=3), "space.x.lvels: unknown key, did you mean"),
    (parameter(type="float", low=1, high=1), "space.x: low must be below high, got 1.0 and 1.0"),
    (parameter(type="float", low=0, high=1, log=True), "space.x: log: true needs low > 0, got 0"),
    (parameter(type="int", low=0, high=99), "space.x: 100 values are too many to try each"),
    (parameter(type="ordinal", values=["a"]), "space.x.values: must have at least 2 items"),
    (parameter(type="ordinal", values=["a", "a"]), "space.x: value 'a' is listed twice"),
    (
        parameter(type="categorical", values=["a", None]),
        "space.x.values.2: must be a boolean or an integer or a number or a string, got None",
    ),
    (
        parameter(type="bool", when={"aa": 1}),
        "space.x.when.aa: no such parameter; allowed: a, b, x",
    ),
    (parameter(type="bool", when={"a": "yes"}), "space.x.when.a: has no value 'yes'; allowed: "),
    (parameter(type="bool", when={"x": True}), "space.x.when: cyclic conditions"),
    # forbidden combinations
    (changed("forbidden", {"a": True}), "forbidden: must be a list, got {'a': True}"),
    (changed("forbidden", [3]), "forbidden.1: must be a mapping, got 3"),
    (changed("forbidden", [{"a": True}, {}]), "forbidden.2: is empty; name the parameters and"),
    (changed("forbidden", [{"aa": 1}]), "forbidden.1.aa: no such parameter; allowed: a, b"),
    (changed("forbidden", [{"a": "yes"}]), "forbidden.1.a: has no value 'yes'; allowed: False, T"),
    (changed("forbidden", [{"b": [0, 2]}]), "forbidden.1.b: 2 is not in the range from 0.0 to 1.0"),
    (changed("forbidden", [{"b": {"lo": 0}}]), "forbidden.1.b.lo: unknown key, did you mean 'low'"),
    (
        changed("forbidden", [{"b": {"low": 0.5, "high": 0.1}}]),
        "forbidden.1.b: low (0.5) is above high (0.1)",
    ),
    (
        changed("forbidden", [{"a": True}, {"a": False}]),
        "forbidden: leaves no configuration (none was",
    ),
    (
        {
            **changed("forbidden", [{f"x{i}": True} for i in range(7)]),
            "space": {f"x{i}": {"type": "bool"} for i in range(9)},
        },
        "forbidden: leaves only 0.78% of the space, but samples are drawn by rejection, which "
        "needs at least 1%; rewrite the space, e.g. with conditions (when)",
    ),
    # the bracket
    (
        changed("final", {"optimiser": "hyperbnad"}),
        "final.optimiser: 'hyperbnad' is unknown, did y",
    ),
    (changed("final.optimiser", "hyperband"), "final.configurations: unknown key; allowed: "),
    (changed("final", {"optimiser": "random", "eta": 3}), "final.eta: unknown key; allowed: "),
    (changed("final", 3), "final: must be a mapping, got 3"),
    (
        changed("final", {"optimiser": "hyperband", "max_budget": 10}),
        "final: max_budget: must be min_budget (1) times a power of eta (3), got 10; use 9 or 27",
    ),
    (
        changed("final", {"optimiser": "optuna", "rounds": 0}),
        "final.rounds: must be greater than or equal to 1, got 0",
    ),
    (
        changed("final", {"optimiser": "optuna", "settings": {"seed": 1}}),
        "final.settings: seed: follows from the search's seed; leave it out",
    ),
    (changed("final.eta", 1), "final.eta: must be greater than or equal to 2, got 1"),
    (changed("final.max_budget", 0.5), "final: max_budget: must not be below min_budget (1), got"),
    (
        changed("final.max_budget", 10),
        "final: max_budget: must be min_budget (1) times a power of eta (3), got 10; use 9 or 27",
    ),
    (
        changed("final.configurations", 4),
        "final: configurations: 3 rungs with eta 3 need at least 9, got 4",
    ),
    (
        changed("final.retrain", {"configurations": 2}),
        "final: retrain.configurations: the search has 1 with its largest budget, got 2",
    ),
]


def test_the_configuration_that_the_cases_change_is_valid() -> None:
    assert parse(VALID).search == "tiny"


@pytest.mark.parametrize(("config", "sentence"), WRONG, ids=[text[:60] for _, text in WRONG])
def test_a_mistake_is_named_with_key_value_and_what_is_allowed(
    config: dict[str, Any], sentence: str
) -> None:
    message = message_of(config)
    assert message.startswith("the configuration has a problem\n  - ")
    assert f"\n  - {sentence}" in message


def test_all_problems_are_told_at_once() -> None:
    config = changed("seed", -1)
    config["final"]["eta"] = 1
    config["stages"][1]["samples"] = 1
    lines = message_of(config).splitlines()
    assert lines[0] == "the configuration has 3 problems"
    assert [line.split(":")[0] for line in lines[1:]] == [
        "  - seed",
        "  - stages.2.samples",
        "  - final.eta",
    ]


COLUMNS = ["trial", "seed", "candidate", "status", "cause", "value", "score", "rung", "budget"]


@pytest.mark.parametrize("name", [*COLUMNS, "(kept candidate)"])
def test_a_parameter_cannot_be_named_like_a_column_of_the_tables(name: str) -> None:
    """It would overwrite the column: a parameter `candidate` mixes up the whole regression."""
    assert f"'{name}'" in message_of(changed(f"space.{name}", {"type": "bool"}))


@pytest.mark.parametrize(
    "place", ["stages.1.budget", "objective.timeout", "stages.1.failures.counts_as"]
)
@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_numbers_that_the_plan_cannot_hold_are_refused(place: str, value: float) -> None:
    message = message_of(changed(place, value))
    assert f"  - {place}: must be " in message
    assert message.endswith(f"got {value}")
