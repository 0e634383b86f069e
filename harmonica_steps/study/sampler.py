"""A sampler of Optuna's, by name."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space import Value
from harmonica_steps.study.optional import quiet
from harmonica_steps.user_class import user_class

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

SHORT = {"tpe": "TPESampler", "gp": "GPSampler", "cmaes": "CmaEsSampler"}

NEEDS = {"GPSampler": "torch", "CmaEsSampler": "cmaes"}
"""Packages that Optuna imports only when such a sampler is asked."""

BATCHES: dict[str, dict[str, Value]] = {"TPESampler": {"constant_liar": True}}
"""What lets a sampler look at the trials that it has proposed for the same round."""


def make_sampler(name: str, settings: Mapping[str, Value], seed: int) -> "BaseSampler":
    """Build a sampler.

    Parameters
    ----------
    name
        A class of ``optuna.samplers``, one of the short names, or ``module:Class``.
    settings
        Its keyword arguments.
    seed
        Of its random numbers.

    Raises
    ------
    HarmonicaError
        When Optuna, the sampler, what it needs or a setting of it does not exist.
    """
    with quiet() as package:
        base = package.samplers.BaseSampler
        known = {
            found: kind
            for found, kind in vars(package.samplers).items()
            if inspect.isclass(kind) and issubclass(kind, base) and kind is not base
        }
        name = SHORT.get(name, name)
        if ":" in name:
            kind = user_class(name, base, "optuna.samplers.BaseSampler", "final.sampler")
        elif name in known:
            _check_needed(name)
            kind = known[name]
        else:
            raise HarmonicaError(
                f"final.sampler: Optuna has no sampler {name!r}"
                f"{near_miss(name, [*SHORT, *known])} Your own is written module:Class."
            )
        accepted = inspect.signature(kind).parameters
        for setting in settings:
            if setting not in accepted:
                raise HarmonicaError(
                    f"final.settings.{setting}: {name} has no such setting"
                    f"{near_miss(setting, accepted)}"
                )
        given: dict[str, Any] = {**BATCHES.get(name, {}), **settings}
        if "seed" in accepted:
            given["seed"] = seed
        try:
            sampler: BaseSampler = cast(Any, kind)(**given)
        except (TypeError, ValueError) as error:
            raise HarmonicaError(f"final.settings: {name} cannot be built: {error}") from None
        return sampler


def _check_needed(name: str) -> None:
    if name not in NEEDS:
        return
    try:
        import_module(NEEDS[name])
    except ImportError as error:
        raise HarmonicaError(
            f"final.sampler: {name} needs the package {NEEDS[name]}, which is not installed here "
            f"({error}): pip install {NEEDS[name]}"
        ) from None
