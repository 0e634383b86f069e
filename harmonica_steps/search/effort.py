"""How much work the recovery of a stage is, as known before anything runs."""

import numpy as np

from harmonica_steps.config import Search
from harmonica_steps.search.design import Design
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.products import count_products

LONG = 3e8
"""Products times samples, from which on resamples are worth processes of their own."""


def is_long(basis: Basis, degree: int, samples: int) -> bool:
    """Whether a recovery takes long enough for several processes, which need a second to start."""
    return count_products(np.diff(basis.starts), degree) * samples > LONG


def may_be_long(search: Search, stage: int) -> bool:
    """The same of a stage of a search, if nothing is frozen before it."""
    settings = search.stages[stage - 1]
    basis = Design(search.build_space(), Restriction()).basis
    return bool(settings.resamples) and is_long(basis, settings.degree, settings.samples)
