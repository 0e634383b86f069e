"""The packages that not every search needs, or how to install them."""

from importlib.util import find_spec

from harmonica_steps.errors import HarmonicaError

NEEDED_BY_FIGURES = ("altair", "vl_convert")

WITHOUT_FIGURES = (
    "figures need the packages altair and vl-convert-python, which are not installed here: "
    "pip install 'harmonica-hpo[figures]'"
)

EXECUTOR = "snakemake_executor_plugin_submitit"

WITHOUT_EXECUTOR = (
    "needs the package snakemake-executor-plugin-submitit, which is not installed here: "
    "pip install ./packages/snakemake-executor-plugin-submitit in a clone of Harmonica, or choose "
    "--profile slurm-native"
)


def can_draw() -> bool:
    """Whether figures can be drawn here."""
    return all(find_spec(package) for package in NEEDED_BY_FIGURES)


def check_can_draw() -> None:
    """Say how to install what figures need.

    Raises
    ------
    HarmonicaError
        When a package for them is not installed.
    """
    if not can_draw():
        raise HarmonicaError(WITHOUT_FIGURES)


def check_has_executor(profile: str, settings: str) -> None:
    """Say how to install a profile's executor if it is missing.

    Parameters
    ----------
    profile
        The profile's name.
    settings
        The text of its file.

    Raises
    ------
    HarmonicaError
        When it is the submitit executor, and not installed.
    """
    wanted = any(
        line.split("#")[0].split() == ["executor:", "submitit"] for line in settings.splitlines()
    )
    if wanted and not find_spec(EXECUTOR):
        raise HarmonicaError(f"profile {profile!r} {WITHOUT_EXECUTOR}")
