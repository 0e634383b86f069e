"""The workflow from any folder: the snakemake command that runs it."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.optional import check_has_executor
from harmonica_steps.terminal import warn

_INSTALLED = Path(__file__).parent / "installed"

HOME = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[1]
"""The folder that holds workflow/ and profiles/: of the wheel, or the clone."""

SNAKEFILE = HOME / "workflow/Snakefile"
PROFILES = HOME / "profiles"

_CORES = re.compile(r"--(cores|jobs|profile|workflow-profile)(=.*)?|-[cj](\d+|all)?")
_OURS_TO_GIVE = re.compile(r"(--(configfiles?|snakefile)|-s)(=.*)?")
_SETS_CORES = re.compile(r"^(cores|jobs)\s*:", re.MULTILINE)


def run_workflow(configs: Sequence[Path], options: Sequence[str]) -> NoReturn:
    """Become the snakemake that runs the workflow, after printing its command line.

    Its exit status and signals are those of this process.

    Parameters
    ----------
    configs
        The configuration files, merged by snakemake; the later wins.
    options
        More options, and targets, of snakemake.

    Raises
    ------
    HarmonicaError
        When a file does not exist, or an option is given that is already in the command.
    """
    for config in configs:
        if not config.is_file():
            raise HarmonicaError(
                f"{config}: no such file. Name the config file of your search: "
                "harmonica run CONFIG."
            )
    for option in options:
        if _OURS_TO_GIVE.fullmatch(option):
            raise HarmonicaError(
                f"{option}: harmonica run passes this option itself. Config files go before --; to "
                "use another Snakefile run snakemake itself."
            )
    command = snakemake_command(configs, options)
    short = ["snakemake", *command[1:]] if _is_in_path(command[0]) else command
    warn(shlex.join(short))
    os.execv(command[0], command)  # noqa: S606 (no shell is wanted)


def snakemake_command(configs: Sequence[Path], options: Sequence[str]) -> list[str]:
    """The snakemake of this environment with the workflow, a default profile and cores."""
    files = ["--configfile", *map(str, configs)] if configs else []
    given = with_profiles(options)
    return [*snakemake(), *files, "-s", str(SNAKEFILE), *_defaults(options), *given]


def snakemake() -> list[str]:
    """The snakemake of this environment, activated or not."""
    program = Path(sys.executable).with_name("snakemake")
    if program.is_file():
        return [str(program)]
    # Without -P a module in this folder could take the place of Python's own.
    return [sys.executable, "-P", "-m", "snakemake"]


def with_profiles(options: Sequence[str]) -> list[str]:
    """Snakemake's options, with the path of a profile that is one of ours and not found here."""
    found, naming = [], False
    for option in options:
        name, equals, value = option.partition("=")
        if name == "--profile" and equals:
            found.append(f"--profile={_profile(value)}")
        else:
            found.append(_profile(option) if naming and not option.startswith("-") else option)
            naming = option == "--profile" or (naming and not option.startswith("-"))
    return found


def _profile(name: str) -> str:
    ours = {path.name: path for path in PROFILES.iterdir()}.get(name.removeprefix("profiles/"))
    if not ours:
        return name
    from snakemake.cli import get_profile_dir

    theirs = get_profile_dir(name)
    file = Path(theirs[1]) if theirs else ours / "config.yaml"
    check_has_executor(name, file.read_text(encoding="utf-8", errors="replace"))
    return name if theirs else str(ours)


def _defaults(options: Sequence[str]) -> list[str]:
    """The workflow's profile and all cores, where neither options nor the folder say otherwise."""
    here = next((p for p in (Path("default"), Path("profiles/default")) if p.exists()), None)
    words = []
    if not here and not any(word.startswith("--workflow-profile") for word in options):
        words = ["--workflow-profile", str(PROFILES / "default")]
    named = any(_CORES.fullmatch(word) for word in options) or "SNAKEMAKE_PROFILE" in os.environ
    if not named and not (here and _sets_cores(here)):
        words += ["--cores", "all"]
    return words


def _sets_cores(profile: Path) -> bool:
    files = [profile] if profile.is_file() else list(profile.glob("*.yaml"))
    return any(_SETS_CORES.search(file.read_text(encoding="utf-8")) for file in files)


def _is_in_path(program: str) -> bool:
    return shutil.which("snakemake") == program
