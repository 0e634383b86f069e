"""Files that cannot be imported: every problem is named, in a few sentences."""

import json
from pathlib import Path
from typing import Any

import pytest

from harmonica_steps.cli import main
from harmonica_steps.configspace import from_configspace
from harmonica_steps.errors import HarmonicaError

RATE = {"name": "rate", "type": "uniform_float", "lower": 0.1, "upper": 1.0, "log": False}
KIND = {"name": "kind", "type": "categorical", "choices": ["a", "b", "c"], "weights": None}


def entry(base: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {key: value for key, value in {**base, **more}.items() if value != "REMOVED"}


def refusal(folder: Path, *entries: Any, **more: Any) -> str:
    path = folder / "space.json"
    path.write_text(json.dumps({"hyperparameters": list(entries), **more}))
    with pytest.raises(HarmonicaError) as caught:
        from_configspace(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: cannot be imported, it has ")
    assert len(text) < 800
    return text.removeprefix(f"{path}: cannot be imported, it has ")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (entry(RATE, type="REMOVED"), "hyperparameters.1 ('rate'): type is missing; allowed: unif"),
        (entry(RATE, type=["a"]), "hyperparameters.1 ('rate'): has type ['a'], which cannot be"),
        (entry(RATE, name="REMOVED"), "hyperparameters.1.name: is missing"),
        (entry(RATE, name=7), "hyperparameters.1 (7).name: must be a string, got 7"),
        (entry(RATE, lower="0.1"), "hyperparameters.1 ('rate').lower: must be"),
        (entry(RATE, upper="REMOVED"), "hyperparameters.1 ('rate').upper: is missing"),
        (entry(RATE, log="yes"), "hyperparameters.1 ('rate').log: must be"),
        (entry(RATE, lower=2.0), "space.rate: low must be below high, got 2.0 and 1.0"),
        (entry(RATE, upper=1e200), "space.rate: low and high must be finite and within +-1e+15"),
        (entry(RATE, unit="cm"), "hyperparameters.1 ('rate').unit: unknown key"),
        (entry(RATE, meta={"harmonica": {"levels": 10**9}}), "space.rate.levels: "),
        (entry(RATE, name="a:b"), "space: 'a:b' is not a valid parameter name"),
        (entry(RATE, name="seed"), "space: 'seed' is the name of a column"),
        (entry(KIND, choices=None), "hyperparameters.1 ('kind').choices: must be a"),
        (entry(KIND, choices=[]), "hyperparameters.1 ('kind').choices: must have at least 1 item"),
        (entry(KIND, choices=["a", None]), "space.kind.values.2: "),
        (entry(KIND, choices=["a", ["b"]]), "space.kind.values.2: "),
        (entry(KIND, choices=["a", "1e-4"]), "space.kind: YAML reads 1e-4 as text"),
        (entry(KIND, choices=["a", "a"]), "space.kind: value 'a' is listed twice"),
        (entry(KIND, weights=[1, 2, 1]), "hyperparameters.1 ('kind').weights: cannot be imported"),
        (entry(KIND, weights=[1]), "hyperparameters.1 ('kind').weights: must have 3 numbers"),
        (
            entry(KIND, weights="REMOVED", probabilities=[0.1, 0.2, 0.7]),
            "hyperparameters.1 ('kind').probabilities: cannot be imported",
        ),
        (["rate"], "hyperparameters.1: must be an object, got ['rate']"),
        (None, "hyperparameters.1: must be an object, got None"),
        (
            entry(RATE, q=0.07),
            "hyperparameters.1 ('rate').q: 0.07 does not cut the range from 0.1 to 1.0 into 2 to "
            "16 values drawn equally often",
        ),
        (entry(RATE, q=0.3, log=True), "('rate').q: 0.3 does not cut the range from 0.1 to 1.0 on"),
        (entry(RATE, q=0), "hyperparameters.1 ('rate').q: 0 does not cut"),
        (entry(RATE, q=1e-9), "hyperparameters.1 ('rate').q: 1e-09 does not cut"),
        *(
            (entry(RATE, type=kind), f"hyperparameters.1 ('rate'): has type '{kind}', which")
            for kind in ("normal_float", "normal_int", "beta_float", "beta_int", "other")
        ),
    ],
)
def test_a_hyperparameter_is_refused_by_name(tmp_path: Path, wrong: Any, problem: str) -> None:
    assert problem in refusal(tmp_path, wrong)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"comment": "x"}, "comment: unknown key"),
        ({"conditions": {}}, "conditions: must be a list, got {}"),
        ({"name": 3}, "name: must be a string, got 3"),
        ({"format_version": 0.5}, "format_version: must be less than or equal to 0.4, got 0.5"),
        ({"json_format_version": "x"}, "json_format_version: must be a number, got 'x'"),
        ({"forbiddens": [7]}, "forbiddens.1: must be an object, got 7"),
        (
            {"forbiddens": [{"type": "EQUALS", "name": "kind", "value": None}]},
            "forbiddens.1 ('kind').value: must be",
        ),
        (
            {"forbiddens": [{"type": "EQUALS", "name": "kind", "value": "z"}]},
            "forbiddens.1 ('kind').kind: has no value 'z'",
        ),
        (
            {"forbiddens": [{"type": "EQUALS", "name": "kynd", "value": "z"}]},
            "forbiddens.1 ('kynd'): there is no hyperparameter 'kynd', did you mean 'kind'?",
        ),
        (
            {"conditions": [{"type": "EQ", "child": "rate", "parent": "kynd", "value": "a"}]},
            "conditions.1 ('rate'): parent: there is no hyperparameter 'kynd', did you mean 'kind",
        ),
        (
            {"conditions": [{"type": "EQ", "child": "rates", "parent": "kind", "value": "a"}]},
            "conditions.1 ('rates'): child: there is no hyperparameter 'rates', did you mean",
        ),
        (
            {"conditions": [{"type": "EQ", "child": "kind", "parent": "rate", "value": 0.5}]},
            "conditions.1 ('kind'): parent: any number of the range of 'rate' may be drawn",
        ),
        (
            {"conditions": [{"type": "IN", "child": "rate", "parent": "kind", "values": ["z"]}]},
            "conditions.1 ('rate'): 'kind' has no value 'z'",
        ),
        (
            {"conditions": [{"type": "EQ", "child": "kind", "parent": "kind", "value": "a"}]},
            "space.kind.when: cyclic conditions",
        ),
    ],
)
def test_what_is_wrong_with_the_rest_is_named(
    tmp_path: Path, more: dict[str, Any], problem: str
) -> None:
    assert problem in refusal(tmp_path, RATE, KIND, **more)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = refusal(
        tmp_path,
        entry(RATE, lower=3.0),
        entry(KIND, choices=["a", None]),
        entry(KIND, name="x:y"),
        entry(KIND, name="fine"),
        entry(KIND, name="fine"),
        conditions=[{"type": "EQ", "child": "fine", "parent": "nowhere", "value": 1}],
        forbiddens=[{"type": "EQUALS", "name": "fine", "value": "z"}],
    )
    assert text.count("\n  - ") == 6
    for name in ("space.rate", "space.kind", "'x:y'", "duplicate", "'nowhere'", "no value 'z'"):
        assert name in text


def test_a_thousand_problems_are_not_all_listed(tmp_path: Path) -> None:
    entries = [entry(RATE, name=f"rate{n}", lower="x" * 1000) for n in range(1000)]
    path = tmp_path / "space.json"
    path.write_text(json.dumps({"hyperparameters": entries}))
    with pytest.raises(HarmonicaError) as caught:
        from_configspace(path)
    assert str(caught.value).count("\n  - ") == 11
    assert str(caught.value).endswith("and more")
    assert len(str(caught.value)) < 3000


FILES = {
    "half": b'{"hyperparameters": [',
    "list": b"[]",
    "number": b"3",
    "empty": b"",
    "nan": b'{"hyperparameters": [{"name": "x", "type": "uniform_float", "lower": NaN}]}',
    "infinite": b'{"hyperparameters": [{"name": "x", "type": "uniform_float", "lower": 1e999}]}',
    "huge": b'{"hyperparameters": [{"name": "x", "type": "uniform_int", "lower": 0, "upper": 1'
    + b"0" * 400
    + b"}]}",
    "digits": b'{"hyperparameters": [1' + b"0" * 5000 + b"]}",
    "twice": b'{"hyperparameters": [], "hyperparameters": []}',
    "deep": b'{"hyperparameters": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "latin": '{"hyperparameters": [{"name": "größe"}]}'.encode("latin-1"),
    "utf-16": '{"hyperparameters": []}'.encode("utf-16"),
    "nothing": b'{"name": 1}',
    "zeros": b"\0" * 1000,
}


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_ends_in_a_sentence(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "space.json"
    path.write_bytes(FILES[name])
    assert main(["import-space", str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"harmonica: {path}: ")
    assert len(shown.err) < len(str(path)) + 500


def test_a_file_of_100_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(HarmonicaError, match=r"has 100,000,000 bytes, at most 4,194,304 are read"):
        from_configspace(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"hyperparameters": [KIND]}).encode())
    assert list(from_configspace(path).sections["space"]) == ["kind"]


def test_a_long_list_of_choices_is_checked_in_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    choices = [f"v{number}" for number in range(50_000)]
    path.write_text(json.dumps({"hyperparameters": [entry(KIND, choices=[*choices, "v7"])]}))
    with pytest.raises(HarmonicaError, match="at most 1000 items"):
        from_configspace(path)
