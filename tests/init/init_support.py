"""What `harmonica init` writes for a program, in the current directory."""

import shutil
from pathlib import Path
from typing import Any

from harmonica_steps.cli import main
from harmonica_steps.config import Search, load_merged, parse

PROGRAMS = Path(__file__).parent / "programs"


def copy_programs(folder: Path) -> None:
    """Put the programs of the tests into a folder."""
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)


def written(*words: str) -> tuple[dict[str, Any], Search]:
    """The configuration that a call writes, as plain data and checked."""
    assert main(["init", "--force", *words]) == 0
    content = load_merged([Path("harmonica.yaml")])
    return content, parse(content)


def from_text(text: str, *words: str) -> tuple[dict[str, Any], Search]:
    """The configuration for a program."""
    Path("program.py").write_text(text, encoding="utf-8")
    return written("program.py", *words)


def options(*calls: str, rest: str = "print(f'loss {loss}')") -> str:
    """A program with these calls of add_argument."""
    lines = ["import argparse", "parser = argparse.ArgumentParser()"]
    lines += [f"parser.add_argument({call})" for call in calls]
    return "\n".join([*lines, "args = parser.parse_args()", rest, ""])
