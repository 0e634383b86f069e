"""Command lines run on damaged files, and what must hold of each: a sentence, within bounds."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from stat import S_IFMT
from typing import Any, NamedTuple

MOST_CPU = 5.0
"""Seconds."""
MOST_WALL = 25.0
"""A command must not wait, but other processes may have the processors."""
MOST_MEMORY = 500 * 2**20
MOST_OUTPUT = 4096
"""Bytes of a command that fails."""

_TRACEBACK = "Traceback (most recent call last)"
_FRAME = re.compile(r'File "([^"]+)", line \d+,? in (\S+)')
_OURS = re.compile(r".*/(harmonica_steps|workflow)/")
_RAISED = re.compile(r"^([A-Za-z_][\w.]*)(?::.*)?$")
_JARGON = re.compile(
    r"\b[A-Z]\w*(Error|Exception|Warning)\b(?=[:(])|\[type=\w+|pydantic|<class '|object at 0x"
)
# The words with which Snakemake shows an error of a workflow.
_SNAKEMAKE = re.compile(r"^(WorkflowError|Error)( in file \S+, line \d+)?:$", re.MULTILINE)
_CACHE = re.compile("home/cache/(snakemake|harmonica)/")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")


class Ended(NamedTuple):
    """How a command line has ended."""

    status: int
    """Negative: the signal that has killed it."""
    cpu: float
    seconds: float
    grown: int
    """Bytes of memory beyond what was imported before."""
    out: str
    err: str


class Server:
    """The process of `fuzz_server`."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch / "output"
        self._scratch.mkdir(parents=True)
        self.around = scratch / "around"
        """Where commands are tried, with the home and the temporary folder in it."""
        for name in ("home/cache/snakemake", "home/cache/harmonica", "temporary"):
            (self.around / name).mkdir(parents=True)
        environment = {
            **os.environ,
            "HOME": str(self.around / "home"),
            "XDG_CACHE_HOME": str(self.around / "home/cache"),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONWARNINGS": "ignore",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "100",
        }
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fuzz_server.py"))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def run(self, folder: Path, *commands: list[str], cpu: int = round(MOST_CPU)) -> Ended:
        """Run command lines in a folder, until one fails, or for so many seconds of CPU time."""
        out, err = self._scratch / "out.txt", self._scratch / "err.txt"
        request = {
            "folder": str(folder),
            "commands": commands,
            "cpu": cpu,
            "out": str(out),
            "err": str(err),
            "environment": {"TMPDIR": str(self.around / "temporary")},
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        told = self._read()
        return Ended(**told, out=text_of(out), err=text_of(err))

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the server has died"
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        self._process.communicate()


def text_of(path: Path) -> str:
    """What was written, as far as it is worth reading."""
    with path.open("rb") as file:
        return file.read(2**20).decode("utf-8", "backslashreplace")


Listing = dict[str, tuple[int, int, int]]


def listing(folder: Path) -> Listing:
    """Kind, size and time of everything in a folder; folders have neither."""
    found: Listing = {}
    waiting = [(str(folder), "")]
    while waiting:
        place, prefix = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                about = entry.stat(follow_symlinks=False)
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    found[f"{name}/"] = (0, 0, 0)
                    waiting.append((entry.path, f"{name}/"))
                else:
                    found[name] = (S_IFMT(about.st_mode), about.st_size, about.st_mtime_ns)
    return found


class Input(NamedTuple):
    """A damaged file."""

    kind: str
    path: str
    """From the folder that commands run in."""
    content: bytes

    def __repr__(self) -> str:
        shown = self.content if len(self.content) <= 3000 else self.content[:3000] + b"..."
        return f"{self.kind}: {self.path} = {shown!r}"


@dataclass(frozen=True)
class Command:
    """A command line, and where it may write."""

    words: Callable[[str], list[str]]
    """From the path of the damaged file."""
    writes: str | None = None
    """Regular expression of paths, of a command that succeeds."""
    always: str = r"results/fuzz/\.lock"
    """Regular expression of paths, also of a command that fails."""
    leaves: str | None = None
    """A file that is there after a success."""
    sees_damage: bool = False
    """Whether it fails on any file that is not, byte by byte, as it was."""


class Workshop:
    """A folder with a search, restored after each command that has written to it.

    Around it are files that nothing may be written to, the home and the temporary folder.
    """

    def __init__(self, server: Server, template: Path) -> None:
        self.server, self.template = server, template
        self._all = scratch = server.around
        self.folder = scratch / "inside"
        for name in ("results/fuzz/plan.json", "evil"):  # one step up, and two
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            (scratch / name).write_text("not to be written to")
        shutil.copytree(self.template, self.folder)

    def try_out(self, command: Command, given: Input) -> tuple[Ended, str | None]:
        """Run a command on an input; how it ended and, if that is wrong, by what mechanism."""
        target = self.folder / given.path
        target.write_bytes(given.content)
        before = listing(self._all)
        ended = self.server.run(self.folder, command.words(given.path))
        after = listing(self._all)
        changed = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        fault = wrong(ended) or misplaced(command, ended, changed)
        if command.leaves and ended.status == 0 and not (self.folder / command.leaves).is_file():
            fault = fault or "ends well without its file"
        if command.sees_damage and ended.status == 0 and given.kind.endswith("bytes"):
            whole = given.content == (self.template / given.path).read_bytes()
            fault = fault or (None if whole else "damage is not seen")
        for name in sorted({f"inside/{given.path}", *changed}, reverse=True):
            self._restore(name)
        return ended, fault

    def _restore(self, name: str) -> None:
        """Put a file back as it was, or remove what was not there; folders after their files."""
        path, before = self._all / name, self.template / name.removeprefix("inside/")
        if name.startswith("inside/") and before.exists():
            if not before.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                shutil.copy2(before, path)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def misplaced(command: Command, ended: Ended, changed: Iterable[str]) -> str | None:
    """The first file or folder that should not have changed."""
    allowed = [command.always]
    if command.writes and ended.status == 0:
        allowed.append(command.writes)
    places = re.compile("|".join(f"inside/(?:{place})" for place in allowed))
    wrongly = sorted(n for n in changed if not (places.fullmatch(n) or _CACHE.match(n)))
    if not wrongly:
        return None
    return f"{'fails and ' if ended.status else ''}writes {re.sub(r'[0-9]+', 'N', wrongly[0])}"


def wrong(ended: Ended) -> str | None:
    """What is wrong with how a command has ended, as a name of the mechanism."""
    said = ended.err + ended.out
    if -ended.status in (14, 24) or ended.cpu > MOST_CPU or ended.seconds > MOST_WALL:
        return f"hang in {_innermost(said, last=False)}"
    if ended.status < 0:
        return f"killed by signal {-ended.status}"
    if _TRACEBACK in said:
        return f"traceback: {_raised(said)} in {_innermost(said, last=True)}"
    if ended.grown > MOST_MEMORY:
        return "memory beyond 500 MiB"
    if _CONTROL.search(said):
        return "control character in what is shown"
    if ended.status == 0:
        return None
    if ended.status not in (1, 2):
        return f"exit status {ended.status}"
    if not re.search(r"\w+ \w+", ended.err):
        return "fails without a sentence"
    if len(said.encode()) > MOST_OUTPUT:
        return f"more than 4 kB: {_skeleton(ended.err)}"
    if jargon := _JARGON.search(_SNAKEMAKE.sub("", said)):
        return f"jargon {jargon[0]}: {_skeleton(ended.err)}"
    return None


def _raised(said: str) -> str:
    """The exception of the last traceback."""
    lines = said[said.rindex(_TRACEBACK) :].splitlines()[1:]
    found = [m[1] for line in lines if not line.startswith(" ") and (m := _RAISED.match(line))]
    return found[0] if found else "?"


def _innermost(said: str, *, last: bool) -> str:
    """The innermost frame of ours, as file and function; else of anyone."""
    stack = said[said.rfind(_TRACEBACK) :] if _TRACEBACK in said else said
    frames = _FRAME.findall(stack)
    if not last:
        frames.reverse()  # faulthandler has the innermost first
    ours = [frame for frame in frames if _OURS.match(frame[0])]
    if not frames:
        return "?"
    path, function = (ours or frames)[-1]
    return f"{_OURS.sub('', path)}:{function}"


def _skeleton(said: str) -> str:
    """A message without what is of the input."""
    text = re.sub(r"'(?:[^'\\]|\\.)*'|\"[^\"]*\"|\d+|\S*/\S*", "*", said)
    return " ".join(text.split())[:70]
