"""Where an archive comes from: code, program, environment."""

import hashlib
import platform
import re
import subprocess
import sysconfig
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import harmonica_steps
from harmonica_steps.archive.members import is_allowed, program_member

LARGEST_COPY = 2**24
"""Program files beyond 16 MiB are data; only their digest is kept."""

OWN = "harmonica-hpo"


def code() -> dict[str, Any]:
    """Version of Harmonica: of the package, and of the repository that it is in.

    ``changed`` gives the digest of every file that differs from the commit, None if it is deleted.
    An installed package has neither, also where the environment is inside another repository.
    """
    package = Path(harmonica_steps.__file__)
    folder = package.parents[1]
    version = {"version": harmonica_steps.__version__}
    tracked = _git(folder, "ls-files", "--error-unmatch", str(package.relative_to(folder)))
    commit = _git(folder, "rev-parse", "HEAD")
    differing = _git(folder, "diff", "--name-only", "--relative", "-z", "HEAD")
    if tracked is None or commit is None or differing is None:
        return {**version, "commit": None, "dirty": None, "changed": None}
    changed = {name: _digest(folder / name) for name in sorted(differing.split("\0")) if name}
    return {**version, "commit": commit.strip(), "dirty": bool(changed), "changed": changed}


def _git(folder: Path, *arguments: str) -> str | None:
    # The mode of files depends on the umask of whoever cloned, which says nothing about the code.
    command = ["git", "-C", str(folder), "-c", "core.fileMode=false", *arguments]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None  # no Git here
    return run.stdout if run.returncode == 0 else None


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def program_copies(files: dict[str, str]) -> dict[str, bytes]:
    """Copies of the program's files, by their name in the archive.

    Those outside this folder, with odd names or beyond 16 MiB are left out.
    """
    names = {name: program_member(name) for name in files}
    return {
        member: Path(name).read_bytes()
        for name, member in names.items()
        if is_allowed(member) and Path(name).stat().st_size <= LARGEST_COPY
    }


def requirements() -> str:
    """What is installed, in the format of pip; Harmonica itself is given by its commit."""
    versions: dict[str, str] = {}
    for distribution in distributions():
        name = re.sub(r"[-_.]+", "-", distribution.name).lower()
        versions.setdefault(name, distribution.version)  # the first one is what is imported
    versions.pop(OWN, None)
    lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
    return f"# Python {platform.python_version()}, {sysconfig.get_platform()}\n{''.join(lines)}"
