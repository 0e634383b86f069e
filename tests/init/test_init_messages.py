"""Mistakes end in a sentence, and nothing is overwritten or left behind."""

import os
import stat
from pathlib import Path

import pytest

from harmonica_steps.cli import main


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a call that must fail says."""
    assert main(["init", *words]) == 1
    assert not Path("harmonica.yaml").exists()
    message = capsys.readouterr().err
    assert message.startswith("harmonica: ")
    assert message.endswith(".\n")
    return " ".join(message.split())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train.sh", b"#!/bin/sh\n", "is not a Python program"),
        ("train.R", b"x <- 1\n", "`harmonica init train.R --template command`"),
        ("binary", b"\x7fELF\0\0", "is not a Python program"),
        ("binary.py", b"\x7fELF\0\0", "is not a text file"),
        ("bad.py", b"x = 1\ndef f(:\n", "bad.py: line 2: is not valid Python"),
        ("bytes.py", b"x = '\xff'\n", "is not valid Python"),
        ("deep.py", b"x = " + b"-" * 100_000 + b"1\n", "deep.py"),
        ("empty.py", b"", "no options, no JSON file and no function objective"),
        ("plain.py", b"print(1)\n", "--template command"),
        ("huge.py", b"#" * 3_000_000, "has 3 MB"),
        ("book.ipynb", b"{}", "is a notebook"),
        (
            "fixed.py",
            b"import argparse\nargparse.ArgumentParser().add_argument('--data')\n",
            "no options, no JSON file",
        ),
    ],
)
def test_a_file_that_cannot_be_used(
    name: str, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_bytes(content)
    assert message in said(capsys, name)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.py"], "nowhere.py: there is no such file"),
        (["."], ".: is a folder"),
        (["/dev/null"], "/dev/null: is not a regular file"),
        ([], "name your program, e.g. harmonica init train.py"),
        (["--template", "json"], "--template json needs a program"),
        (["functions.py", "--template", "hydra"], "has no function with the decorator @hydra.main"),
        (["functions.py", "--template", "json"], "nothing in it looks like a hyperparameter"),
        (["json_in.py", "--template", "callable"], "has no function objective(configuration)"),
        (["functions.py", "--output", "x.txt"], "--output x.txt: must end in .yaml"),
        (["--study-name", "x", "functions.py"], "--study-name needs --from-study FILE"),
        (["--from-study", "a", "--from-configspace", "b"], "use either"),
        (["--from-study", "nowhere.journal"], "nowhere.journal cannot be read"),
        (["--from-study", "functions.py"], "is neither an Optuna journal nor an Optuna SQLite"),
        (["--from-configspace", "default.json"], "default.json: is not a ConfigSpace JSON file"),
    ],
)
def test_a_call_that_cannot_work(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in said(capsys, *words)


def test_a_configuration_of_hydra_that_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("conf/train.yaml").unlink()
    message = said(capsys, "hydra_app.py")
    assert "(config_path 'conf', config_name 'train')" in message


def test_a_module_that_cannot_be_imported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("functions.py").rename("my-functions.py")
    assert "my-functions.py: cannot be imported from" in said(capsys, "my-functions.py")


def test_a_file_that_may_not_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("functions.py")
    path.chmod(0)
    if os.geteuid() == 0:  # who may read everything
        path.unlink()
        path.symlink_to(path)
        assert "functions.py: " in said(capsys, str(path))
    else:
        assert "cannot be read (Permission denied)" in said(capsys, str(path))
        path.chmod(stat.S_IRUSR)


def test_a_configuration_that_is_there_is_kept_unless_forced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path("harmonica.yaml")
    path.write_text("mine: true\n")
    assert main(["init", "functions.py"]) == 1
    assert "already exists" in capsys.readouterr().err
    assert path.read_text() == "mine: true\n"
    assert main(["init", "functions.py", "--force"]) == 0
    assert "callable: functions:objective" in path.read_text()
    assert main(["init", "functions.py", "--output", "other.yaml"]) == 0
    assert Path("other.yaml").exists()
