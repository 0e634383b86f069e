"""The program as it is on disk: its syntax tree, or a sentence that says why there is none."""

import ast
import re
import shlex
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from harmonica_steps.errors import HarmonicaError

LARGEST = 2 * 2**20
"""Bytes of a program that is read; what people write by hand is far below."""

INTERPRETERS = {
    ".sh": "sh",
    ".bash": "bash",
    ".zsh": "zsh",
    ".r": "Rscript",
    ".jl": "julia",
    ".pl": "perl",
    ".rb": "ruby",
    ".lua": "lua",
    ".js": "node",
}
"""What runs a program that is not written in Python, by the ending of its name."""


@dataclass(frozen=True)
class Program:
    """A training program."""

    path: Path
    """Path as the user wrote it, relative to the folder in which the search will run."""
    tree: ast.Module | None
    """None if it is not written in Python."""

    @property
    def syntax(self) -> ast.Module:
        """Its syntax tree.

        Raises
        ------
        HarmonicaError
            When it is not written in Python.
        """
        if self.tree is None:
            raise HarmonicaError(
                f"{self.path}: is not a Python program, so its options cannot be read. "
                f"`harmonica init {shlex.quote(str(self.path))} --template command` writes a "
                "config file to fill in."
            )
        return self.tree

    @property
    def words(self) -> list[str]:
        """The beginning of its command."""
        path = str(self.path)
        # A name in braces would be a placeholder.
        path = path.replace("{", "{{").replace("}", "}}")
        if self.tree is not None:
            return ["python", path]
        interpreter = _shebang(_head(self.path)) or INTERPRETERS.get(self.path.suffix.lower())
        if interpreter:
            return [interpreter, path]
        return [path if "/" in path else f"./{path}"]


def read_program(path: Path) -> Program:
    """Read a program without running it.

    Parameters
    ----------
    path
        The user's file.

    Raises
    ------
    HarmonicaError
        When there is no such file, it cannot be read, or it is Python with an error in it.
    """
    if not path.exists():
        raise HarmonicaError(f"{path}: there is no such file.")
    if path.is_dir():
        raise HarmonicaError(f"{path}: is a folder; name the program in it.")
    if not path.is_file():
        raise HarmonicaError(f"{path}: is not a regular file.")
    if path.suffix == ".ipynb":
        raise HarmonicaError(
            f"{path}: is a notebook. Save it as a script (jupyter nbconvert --to script) and "
            "name that."
        )
    if (size := path.stat().st_size) > LARGEST:
        raise HarmonicaError(
            f"{path}: has {size / 2**20:.0f} MB, too much for a program (at most "
            f"{LARGEST / 2**20:.0f} MB are read); name the file that trains."
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        # The files that a command names by relative paths are part of what is searched.
        path = path.relative_to(Path.cwd())
    is_python = path.suffix in (".py", ".pyw") or "python" in _shebang(content[:200])
    return Program(path, _parsed(path, content) if is_python else None)


def _parsed(path: Path, content: bytes) -> ast.Module:
    if b"\0" in content:
        raise HarmonicaError(f"{path}: is not a text file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise HarmonicaError(
            f"{path}: {line}is not valid Python {version} ({error.msg})."
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise HarmonicaError(f"{path}: is too deeply nested to be read.") from None


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(200)


def _shebang(head: bytes) -> str:
    """The interpreter that the first line of a program names, or ''."""
    first = head.split(b"\n")[0].decode("utf-8", "replace")
    words = first.removeprefix("#!").split()
    if not first.startswith("#!") or not words:
        return ""
    names = [word for word in words if not word.startswith("-")]
    return Path(names[1] if len(names) > 1 and names[0].endswith("/env") else names[0]).name


def quoted(word: str) -> str:
    """A word of a command, in quotes only where it needs them; braces do not."""
    return word if re.fullmatch(r"[\w./{}=:,+@%-]+", word, re.ASCII) else shlex.quote(word)
