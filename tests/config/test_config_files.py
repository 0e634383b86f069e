"""Files that are not a config file, and what YAML allows in one."""

from pathlib import Path

import pytest

from harmonica_steps.config import load_file
from harmonica_steps.errors import HarmonicaError


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "config.yaml"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("search: a\nseed: 1\nsearch: b\n", "line 3: duplicate key 'search'."),
        (
            "space:\n  a: {type: bool}\n  b: {type: bool}\n  a: {type: int}\n",
            "line 4: duplicate key 'a'",
        ),
        ("search: [a\n", "is not valid YAML"),
        ("- a\n", "must be a mapping of keys, e.g. search, space, stages."),
        ("", "must be a mapping of keys"),
        ("? [1, 2]\n: 3\n", ""),
    ],
    ids=["twice", "twice, nested", "broken", "list", "empty", "list as key"],
)
def test_a_file_that_is_no_configuration_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(HarmonicaError) as caught:
        load_file(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match=r"nowhere\.yaml: cannot be read \(No such file"):
        load_file(tmp_path / "nowhere.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="UTF-8"):
        load_file(written(tmp_path, "search: k\xfcrze\n", "latin-1"))


def test_stages_may_share_keys_by_a_yaml_merge(tmp_path: Path) -> None:
    text = "stages:\n  - &first {samples: 40, sparsity: 2}\n  - {<<: *first, samples: 30}\n"
    assert load_file(written(tmp_path, text))["stages"] == [
        {"samples": 40, "sparsity": 2},
        {"samples": 30, "sparsity": 2},
    ]
