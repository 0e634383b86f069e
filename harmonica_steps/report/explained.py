"""What moves any recorded number: the recovery of a stage, applied to another number."""

from functools import partial
from math import inf
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.numbers import recorded_numbers, uniform_samples
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.design import Design, Fit, fit, refit
from harmonica_steps.search.effort import may_be_long
from harmonica_steps.search.explain import explain, rounded
from harmonica_steps.search.samples import transformed
from harmonica_steps.spectral import Term
from harmonica_steps.spectral.recovery import FEWEST, single_effects
from harmonica_steps.spectral.resample import trust
from harmonica_steps.spectral.small_effects import small_effects

MOST_SAMPLES = 400
"""Most samples that a page explains its numbers from."""
MOST_NUMBERS = 5
SHORTEST, SMALLEST = 1.0, 100.0
"""Least seconds and megabytes (medians) that a page explains."""
OVERHEAD = ("cpu_seconds",)
"""Numbers that a page leaves out, because they follow the seconds."""


def explained(search: SearchRun) -> list[dict[str, Any]]:
    """What moves each number other than the metric, in the first stage; see `explain_number`.

    Numbers that nothing moves are left out, as are times and memory that are too small to matter.
    Empty before the stage has ended, where it has too few samples, and where recoveries take long:
    then ``harmonica explain`` is to be asked.
    """
    config = search.config
    if not config.stages or may_be_long(config, 1):
        return []
    part = search.part("stage-1").name
    if not (search.folder.metrics(part).exists() and search.folder.runtime(part).exists()):
        return []
    numbers = {
        name: values
        for name, values in recorded_numbers(search, part).items()
        if name not in (config.objective.metric, *OVERHEAD) and values.nunique() > 1
    }
    least = {"seconds": SHORTEST, "memory_mb": SMALLEST}
    large = [name for name, values in numbers.items() if values.median() >= least.get(name, -inf)]
    found = []
    for name in large[:MOST_NUMBERS]:
        try:
            found.append(explain_number(search, name, resamples=0, most=MOST_SAMPLES))
        except HarmonicaError:
            continue  # too few samples have it
    return [number for number in found if number["finding"] != "nothing"]


def explain_number(
    search: SearchRun,
    number: str,
    stage: int = 1,
    *,
    resamples: int | None = None,
    most: int | None = None,
) -> dict[str, Any]:
    """Recover which parameters move a number in the uniform samples of a stage.

    The ranks of the number are explained, so that no outlier counts for more than others.

    Parameters
    ----------
    search
        The search.
    number
        See `results.numbers`.
    stage
        The first one has drawn from the whole space.
    resamples
        By default as many as the stage has.
    most
        At most so many samples, the first ones; by default all.

    Returns
    -------
    dict
        ``number``, ``stage``, ``samples``, ``median``, ``r2``, ``held_out_r2``, ``finding``,
        ``small_effects`` and ``terms``, as ``psr.json`` has them, with, for each term, the median
        ``there``, where its parameters have what it prefers (the smallest numbers), and
        ``elsewhere``.

    Raises
    ------
    HarmonicaError
        When there is no such number or stage, or too few samples have it.
    """
    found = uniform_samples(search, stage, number)
    found = found.where(np.arange(len(found.scores)) < (most or inf))
    samples = transformed(found, "rank", "minimize")
    if len(samples.scores) < FEWEST:
        raise HarmonicaError(
            f"stage {stage}: only {len(samples.scores)} uniform samples have {number!r}, which "
            f"says nothing (at least {FEWEST} are needed)."
        )
    settings = search.config.stages[stage - 1]
    design = Design(search.space, search.restriction(stage - 1))
    seed = np.random.SeedSequence(search.config.seed, spawn_key=(stage, 0, 0, 0))
    with threadpool_limits(1):
        fitted = fit(design, settings, samples)
        data = design.basis, fitted.levels, samples.scores
        quick = partial(refit, design, settings, thorough=False)
        explained = explain(
            fitted,
            single_effects(*data, fitted.recovery),
            small_effects(*data, fitted.recovery),
            trust(quick, *data, seed, settings.resamples if resamples is None else resamples),
            "minimize",
        )
    values = found.scores[~np.isnan(found.scores)]
    return {
        "number": number,
        "stage": stage,
        "samples": len(values),
        "median": rounded(float(np.median(values))),
        **{k: explained[k] for k in ("finding", "r2", "held_out_r2", "small_effects")},
        "terms": [
            {**content, **_medians(fitted, term, values)}
            for content, term in zip(explained["terms"], fitted.recovery.terms, strict=True)
        ],
    }


def _medians(fitted: Fit, term: Term, values: np.ndarray) -> dict[str, Any]:
    """The median where a term's variables have what it prefers, and elsewhere."""
    preferred, design = fitted.prefers(term), fitted.design
    there = np.ones(len(values), dtype=bool)
    for variable in term.members:
        sizes = range(design.basis.sizes[variable])
        wanted = preferred[design.names[variable]]
        level = next(i for i in sizes if design.value(variable, i) == wanted)
        there &= fitted.levels[:, variable] == level
    return {
        name: rounded(float(np.median(values[chosen]))) if chosen.any() else None
        for name, chosen in (("there", there), ("elsewhere", ~there))
    }
