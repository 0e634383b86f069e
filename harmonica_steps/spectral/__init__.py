"""Polynomial sparse recovery on plain arrays; nothing here knows about files or configurations."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.minimise import minimisers
from harmonica_steps.spectral.posterior import Posterior
from harmonica_steps.spectral.recovery import Recovery, Term, recover

if TYPE_CHECKING:
    from harmonica_steps.spectral.interaction_lasso import InteractionLasso, interaction_lasso_path
    from harmonica_steps.spectral.polynomial_recovery import PolynomialRecovery

__all__ = [
    "Basis",
    "InteractionLasso",
    "PolynomialRecovery",
    "Posterior",
    "Recovery",
    "Term",
    "interaction_lasso_path",
    "minimisers",
    "recover",
]

ESTIMATORS = {
    "InteractionLasso": "interaction_lasso",
    "PolynomialRecovery": "polynomial_recovery",
    "interaction_lasso_path": "interaction_lasso",
}
"""Modules of the estimators for notebooks: scikit-learn, which they need, is slow to import."""


def __getattr__(name: str) -> Any:
    if name not in ESTIMATORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{ESTIMATORS[name]}"), name)
