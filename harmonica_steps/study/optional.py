"""Import Optuna, or say how to install it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harmonica_steps.errors import HarmonicaError


def optuna() -> Any:
    """The package.

    Raises
    ------
    HarmonicaError
        When it is not installed.
    """
    try:
        import optuna
        import optuna.storages.journal
    except ImportError as error:
        raise HarmonicaError(
            f"Optuna studies need Optuna 4 or later, which is not installed here ({error}): "
            "pip install 'harmonica-hpo[optuna]'"
        ) from None
    return optuna


@contextmanager
def quiet() -> Iterator[Any]:
    """The package, without its progress in the log and its warnings of what is experimental."""
    package = optuna()
    verbosity = package.logging.get_verbosity()
    package.logging.set_verbosity(package.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", package.exceptions.ExperimentalWarning)
            yield package
    finally:
        package.logging.set_verbosity(verbosity)
