"""The packages that only figures need, or what to type to have them."""

from importlib.util import find_spec

from harmonica_steps.errors import HarmonicaError

NEEDED_BY_FIGURES = ("altair", "vl_convert")

WITHOUT_FIGURES = (
    "figures need the packages altair and vl-convert-python, which are not installed here: "
    "pip install 'harmonica-hpo[figures]'"
)


def can_draw() -> bool:
    """Whether figures can be drawn here."""
    return all(find_spec(package) for package in NEEDED_BY_FIGURES)


def check_can_draw() -> None:
    """Say what to type where figures cannot be drawn.

    Raises
    ------
    HarmonicaError
        When a package for them is not installed.
    """
    if not can_draw():
        raise HarmonicaError(WITHOUT_FIGURES)
