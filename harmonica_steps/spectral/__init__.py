"""Polynomial sparse recovery on plain arrays; nothing here knows of files or of configurations."""

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.interaction_lasso import InteractionLasso, interaction_lasso_path
from harmonica_steps.spectral.minimise import minimisers
from harmonica_steps.spectral.polynomial_recovery import PolynomialRecovery
from harmonica_steps.spectral.posterior import Posterior
from harmonica_steps.spectral.recovery import Recovery, Term, recover

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
