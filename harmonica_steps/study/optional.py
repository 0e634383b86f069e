"""The package optuna, or what to type to have it."""

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
