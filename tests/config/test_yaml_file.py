"""Files that people write: nothing is read as something else, and nothing grows without bound."""

import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harmonica_steps.config import load_file, load_start
from harmonica_steps.config.yaml_file import load_foreign, load_own
from harmonica_steps.errors import HarmonicaError


def read(folder: Path, text: str, name: str = "x.yaml") -> Any:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_own(path)


def refusal(folder: Path, text: str, name: str = "x.yaml") -> str:
    with pytest.raises(HarmonicaError) as caught:
        read(folder, text, name)
    message = str(caught.value)
    assert message.startswith(f"{folder / name}: ")
    assert len(message) < 2_000
    return message.removeprefix(f"{folder / name}: ")


WORDS = {
    **dict.fromkeys(["off", "Off", "OFF", "no", "No", "NO"], "false"),
    **dict.fromkeys(["on", "On", "ON", "yes", "Yes", "YES"], "true"),
    **{"1:30": "90", "190:20:30": "685230", "1:30.5": "90.5", "-1:30": "-90"},
    **{"010": "8", "-012": "-10", "0b11": "3", "1_000": "1000", "1_0.5": "10.5", "0x1_F": "31"},
}


@pytest.mark.parametrize(("word", "reading"), WORDS.items())
def test_what_yaml_reads_as_something_else_is_refused_with_the_reading(
    word: str, reading: str, tmp_path: Path
) -> None:
    text = f"space:\n  x: {{values: [a, {word}]}}\n"
    assert refusal(tmp_path, text) == (
        f"line 2: space.x.values.2: YAML reads {word} as {reading}; write '{word}' in quotes for "
        f"the text, or {reading}."
    )
    quoted = read(tmp_path, f"space:\n  x: {{values: [a, '{word}']}}\n")
    assert quoted == {"space": {"x": {"values": ["a", word]}}}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("2024-01-01", "a date"),
        ("2024-02-30", "a date"),
        ("2001-12-14t21:59:43.10-05:00", "a date"),
        ("=", "a special value"),
        ("<<", "a merge"),
    ],
)
def test_dates_and_special_values_are_refused(word: str, kind: str, tmp_path: Path) -> None:
    message = f"line 1: a: YAML reads {word} as {kind}; write '{word}' in quotes for the text."
    assert refusal(tmp_path, f"a: {word}") == message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", "y"),
        ("n", "n"),
        ("offline", "offline"),
        ("089", "089"),
        ("1e3", "1e3"),
        ("0o17", "0o17"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("+1", 1),
        ("0x1F", 31),
        ("1.", 1.0),
        (".5", 0.5),
        ("-0.0", 0.0),
        ("1.5e-3", 0.0015),
        (".inf", float("inf")),
        ("'off'", "off"),
        ("!!str off", "off"),
        ("!!float 1", 1.0),
    ],
)
def test_what_every_reader_agrees_on_is_kept(text: str, value: object, tmp_path: Path) -> None:
    found = read(tmp_path, f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


@given(st.text(alphabet="0123456789:_.-+eExobyntfaosuirl=<~", max_size=8))
def test_a_plain_word_is_what_was_written_or_refused(
    tmp_path_factory: pytest.TempPathFactory, word: str
) -> None:
    """Also where Snakemake reads the file, which uses the full loader of PyYAML."""
    path = tmp_path_factory.mktemp("word") / "x.yaml"
    path.write_text(f"a: {word}\n")
    try:
        found = load_own(path)
    except HarmonicaError:
        return
    assert found == yaml.load(path.read_text(), Loader=yaml.FullLoader) or found["a"] != found["a"]
    value = found["a"]
    assert not isinstance(value, date)
    if isinstance(value, bool):
        assert str(value).lower() == word.lower()
    elif isinstance(value, int):
        assert value == int(word, 16 if "x" in word else 10)
    elif isinstance(value, float) and value == value:
        assert value == float(word.replace(".inf", "inf"))


@pytest.mark.parametrize(
    ("key", "kind"),
    [("on", "a boolean"), ("3", "a number"), ("null", "null"), ("2024-01-01", "a date")],
)
def test_a_key_that_yaml_reads_as_something_else_is_named_as_written(
    key: str, kind: str, tmp_path: Path
) -> None:
    """At any level."""
    sentence = f"YAML reads the key {key} as {kind}; write '{key}' in quotes."
    assert refusal(tmp_path, f"{key}: 1") == f"line 1: {sentence}"
    assert refusal(tmp_path, f"a:\n  - b:\n      {key}: 1") == f"line 3: a.1.b: {sentence}"
    assert read(tmp_path, f"a: {{'{key}': 1}}") == {"a": {key: 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!int abc", "line 1: a: 'abc' is not a number."),
        ("a: !!int ''", "line 1: a: '' is not a number."),
        ("a: !!bool maybe", "line 1: a: 'maybe' is not a boolean."),
        ("a: !!binary abc", "line 1: a: the tag 'tag:yaml.org,2002:binary' is not known; leave"),
        ("a: !!set {x}", "line 1: a: the tag 'tag:yaml.org,2002:set' is not known; leave it out."),
        ("a: !!python/object/apply:os.system [x]", "line 1: a: the tag 'tag:yaml.org,2002:python"),
        ("a: !foo b", "line 1: a: the tag '!foo' is not known; leave it out."),
        ("? [1]\n: 2", "line 1: a list or a mapping cannot be a key."),
        ("? {a: 1}\n: 2", "line 1: a list or a mapping cannot be a key."),
        ("<<: 3", "line 1: is not valid YAML (expected a mapping or list of mappings"),
        ("a: *b", "line 1: is not valid YAML (found undefined alias"),
        ("a: 1\n---\nb: 2", "line 2: is not valid YAML (but found another document"),
        ("a: ]", "line 1: is not valid YAML ("),
        ("a: 'b", "line 1: is not valid YAML ("),
        (f"a: {'9' * 5000}", "line 1: a: '99999"),
        ("a: &a [*a]", "more than 40 levels of nested lists and mappings."),
        (f"a: {'[' * 60}{']' * 60}", "line 1: more than 40 levels of nested lists and mappings."),
        ("a: 1\na: 2", "line 2: duplicate key 'a'."),
    ],
    ids=lambda text: text[:40],
)
def test_whatever_yaml_trips_over_ends_in_a_sentence(
    text: str, message: str, tmp_path: Path
) -> None:
    assert refusal(tmp_path, text).startswith(message)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_thousands_of_brackets_end_in_a_sentence(opening: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, f"a: {opening * 3000}")
    assert refusal(tmp_path, opening * 3000)


def doubled(times: int, merge: str = "") -> str:
    lines = [f"a0: &a0 {{{', '.join(f'k{i}: x' for i in range(10))}}}"]
    for n in range(1, times):
        lines.append(f"a{n}: &a{n} {{{', '.join(f'k{n}_{i}: *a{n - 1}' for i in range(10))}}}")
    if merge:
        lines.append(f"all: {{<<: [{', '.join(f'*a{n}' for n in range(times))}]}}")
    return "\n".join(lines)


@pytest.mark.parametrize("merge", ["", "merge"])
def test_aliases_are_unfolded_up_to_a_bound(merge: str, tmp_path: Path) -> None:
    """A kilobyte of them would be ten million values."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    (tmp_path / "x.yaml").write_text(doubled(8, merge))
    code = "from harmonica_steps.cli import main; import sys; sys.exit(main(['plan', 'x.yaml']))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=bounded,
    )
    assert run.returncode == 1
    assert run.stderr == (
        "harmonica: x.yaml: has more than 100,000 keys and values, aliases unfolded.\n"
    )


def test_a_few_aliases_are_what_they_stand_for(tmp_path: Path) -> None:
    text = "a: &a {x: 1}\nb: [*a, {<<: *a, y: 2}]"
    assert read(tmp_path, text) == {"a": {"x": 1}, "b": [{"x": 1}, {"x": 1, "y": 2}]}


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    assert "is larger than 1,048,576 bytes" in refusal(tmp_path, "a: " + "x" * 2**20)


def test_all_problems_of_a_file_are_told_at_once_up_to_ten(tmp_path: Path) -> None:
    few = refusal(tmp_path, "a: off\nb: 010\non: 1").splitlines()
    assert few[0] == "3 problems"
    assert [line.split(":")[0] for line in few[1:]] == ["  - line 1", "  - line 2", "  - line 3"]
    many = refusal(tmp_path, "\n".join(f"a{i}: off" for i in range(50))).splitlines()
    assert len(many) == 12
    assert many[-1] == "  - and 40 more"


def test_json_is_read_by_the_rules_of_json(tmp_path: Path) -> None:
    """YAML 1.1 takes 1e-05 for text; a best configuration has such numbers."""
    assert read(tmp_path, '{"a": 1e-05, "b": "off"}', "x.json") == {"a": 1e-05, "b": "off"}
    assert refusal(tmp_path, '{"a": 1, "a": 2}', "x.json") == "duplicate key 'a'."
    deep = f'{{"a": {"[" * 10**5}{"]" * 10**5}}}'
    assert refusal(tmp_path, deep, "x.json") == "more than 40 levels of nested lists and mappings."
    best = tmp_path / "best.json"
    best.write_text('{"configuration": {"rate": 3e-05}}')
    assert load_start(str(best)) == [{"rate": 3e-05}]


def test_a_template_that_only_snakemake_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("__use_yte__: true\nsearch: a\n")
    with pytest.raises(HarmonicaError, match="__use_yte__ makes it a template"):
        load_file(tmp_path / "x.yaml")


def test_the_file_of_another_program_is_read_as_it_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "theirs.yaml"
    path.write_text("a: off\nb: 2024-02-30\nc: 010\n3: x\n")
    assert load_foreign(path) == {"a": False, "b": "2024-02-30", "c": 8, 3: "x"}
    path.write_text("[" * 3000)
    with pytest.raises(HarmonicaError, match=r"is not valid YAML|lists and mappings"):
        load_foreign(path)
