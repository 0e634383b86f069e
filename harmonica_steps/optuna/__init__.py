"""Guided samples for a study of Optuna's: `GuidedSampler`."""

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.study.optional import optuna

try:
    optuna()
except HarmonicaError as error:
    raise ImportError(str(error)) from None

from harmonica_steps.optuna.sampler import GuidedSampler

__all__ = ["GuidedSampler"]
