"""PSR of a stage: what mattered, and what the next stage is restricted to."""

from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from harmonica_steps.config import Stage
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_json
from harmonica_steps.records.direction import sign_of
from harmonica_steps.results.samples import recovered_from, trained_alike
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.design import Design, Fit, fit, refit
from harmonica_steps.search.effort import is_long
from harmonica_steps.search.explain import explain, rounded
from harmonica_steps.search.freeze import freeze, with_incumbent
from harmonica_steps.search.restriction import Restriction, as_data, changed
from harmonica_steps.search.samples import Samples, pooled, transformed
from harmonica_steps.spectral import Recovery
from harmonica_steps.spectral.recovery import FEWEST, single_effects
from harmonica_steps.spectral.resample import Trust, trust
from harmonica_steps.spectral.small_effects import small_effects
from harmonica_steps.terminal import say


def recover_stage(search: SearchRun, stage: int, processes: int = 1) -> str:
    """Write ``psr.json`` and ``frozen.json`` of a stage, the same with any number of processes.

    Returns
    -------
    str
        What to tell the user.

    Raises
    ------
    HarmonicaError
        When too few trainings have a score, or the scores cannot be transformed.
    """
    search.part(f"stage-{stage}")  # reports a missing stage
    settings, objective = search.config.stages[stage - 1], search.config.objective
    before = search.restriction(stage - 1)
    skipped = _skipped(search, stage)
    design = Design(search.space, before)
    used = recovered_from(search, stage)
    samples = transformed(pooled(list(used.values())), objective.transform, objective.direction)
    if len(samples.scores) < FEWEST:
        table = search.folder.metrics(f"stage-{stage}").with_suffix(".tsv")
        raise HarmonicaError(
            f"stage {stage}: only {len(samples.scores)} uniform samples have a score, which is too "
            f"few for a recovery (at least {FEWEST} are needed). See {table} for the failures."
        )
    scores = samples.scores
    # One thread: sums in another order would differ in their last bits, and so in the files.
    with threadpool_limits(1):
        found = _nothing(design, samples) if skipped else fit(design, settings, samples)
        recovery, levels = found.recovery, found.levels
        restriction = kept = freeze(found, settings.keep, settings.apart)
        if settings.incumbent:
            alike = trained_alike(search, stage)
            restriction = with_incumbent(found, kept, pooled(list(alike.values())))
        # A spawn key of its own: those of samples have two or three parts.
        seed = np.random.SeedSequence(search.config.seed, spawn_key=(stage, 0, 0, 0))
        singles = single_effects(design.basis, levels, scores, recovery)
        small = None if skipped else small_effects(design.basis, levels, scores, recovery)
        trusted = _trust(stage, found, settings, seed, processes)
    explained = explain(found, singles, small, trusted, objective.direction)
    message = skipped or _message(
        search, stage, before, restriction, explained, incumbent=restriction is not kept
    )
    sign = sign_of(objective.direction)
    write_json(
        search.folder.psr(stage),
        {
            "stage": stage,
            "message": message,
            "skipped": bool(skipped),
            "samples": len(scores),
            "reused": {name: len(own.scores) for name, own in list(used.items())[1:]},
            "transform": objective.transform,
            "degree": settings.degree,
            "sparsity": settings.sparsity,
            "products": recovery.products,
            "selection": settings.selection,
            "incumbent": restriction is not kept,
            "penalty": _penalty(recovery, len(scores)),
            "mean": rounded(sign * float(scores.mean())),
            **explained,
        },
    )
    _write_frozen(search, stage, restriction, sign)
    return message


def _skipped(search: SearchRun, stage: int) -> str | None:
    """What to tell the user of a stage that was not trained."""
    why = search.why_skipped(f"stage-{stage}")
    return why and f"stage {stage}: SKIPPED, because {why}. Nothing new is frozen."


def _nothing(design: Design, samples: Samples) -> Fit:
    """No recovery, of a stage that was not trained."""
    nothing = Recovery.nothing(float(samples.scores.mean()))
    return Fit(design, nothing, design.levels(samples), samples.scores)


def _trust(
    stage: int, found: Fit, settings: Stage, seed: np.random.SeedSequence, processes: int
) -> Trust:
    """Resample; where that takes long, in several processes, and telling of each."""
    basis, resamples = found.design.basis, settings.resamples
    # So often, so without the second searches: if anything, it looks worse.
    quick = partial(refit, found.design, settings, thorough=False)
    arguments = quick, basis, found.levels, found.scores, seed, resamples
    if not resamples or not is_long(basis, settings.degree, len(found.scores)):
        return trust(*arguments)
    say(
        f"stage {stage}: recovering from {resamples} resamples, "
        f"{min(processes, resamples)} in parallel; this takes minutes"
    )
    return trust(
        *arguments,
        processes,
        lambda number: say(f"stage {stage}: resample {number} of {resamples} done"),
    )


def _penalty(recovery: Recovery, samples: int) -> dict[str, Any] | None:
    if recovery.alpha is None:
        return None
    return {
        "alpha": rounded(recovery.alpha),
        "lambda": rounded(2 * samples * recovery.alpha),
        "rule": "alpha = sd(score) sqrt(log(products) / (2 samples))",
    }


def _write_frozen(search: SearchRun, stage: int, restriction: Restriction, sign: float) -> None:
    write_json(
        search.folder.frozen(stage),
        {
            "stage": stage,
            "help": "The uniform samples of later parts each draw one of these candidates. You may "
            "edit, add or delete assignments (a value, or low and high of the remaining range) "
            "and run snakemake again; predicted is not read.",
            "frozen": list(restriction.frozen),
            "narrowed": list(restriction.narrowed),
            "free": [n for n in search.space.names if n not in restriction.assigned],
            "candidates": [
                {
                    "assignment": {n: as_data(v) for n, v in candidate.assignment.items()},
                    "predicted": None
                    if candidate.predicted is None
                    else rounded(sign * candidate.predicted),
                }
                for candidate in restriction.candidates
            ],
        },
    )


def _message(
    search: SearchRun,
    stage: int,
    before: Restriction,
    after: Restriction,
    explained: dict[str, Any],
    incumbent: bool,
) -> str:
    terms = explained["terms"]
    together = _together(explained) if "small effects" in explained["finding"] else ""
    if not terms and not together:
        return (
            f"stage {stage}: NOTHING RECOVERED. No term is better than chance, so this stage "
            "freezes nothing and the search continues in the same space. More samples, a lower "
            "degree or a less noisy metric may help."
        )
    if not terms:
        return (
            f"stage {stage}: MANY SMALL EFFECTS. No single term is better than chance, so this "
            f"stage freezes nothing. {together}"
        )
    new = changed(before, after)
    froze = [name for name in new if name in after.frozen]
    narrowed = [name for name in new if name in after.narrowed]
    kept = len(after.candidates)
    of_the_best = ", one for the best training" if incumbent else ""
    explain_s = "1 term explains" if len(terms) == 1 else f"{len(terms)} terms explain"
    return (
        f"stage {stage}: {explain_s} {explained['r2']:.0%} of the variance; "
        f"froze {', '.join(froze) or 'no further parameter'}"
        f"{', narrowed ' + ', '.join(narrowed) if narrowed else ''} "
        f"({kept} candidate{'s' if kept > 1 else ''} kept{of_the_best}, "
        f"{len(after.free(search.space))} of {len(search.space)} parameters are still drawn)"
        + (f". {together}" if together else "")
    )


def _together(explained: dict[str, Any]) -> str:
    """What many small effects say."""
    small = explained["small_effects"]
    surest = [f"{entry['parameter']}={_shown(entry['towards'])}" for entry in small["leaning"][:3]]
    return (
        f"{'The other main' if explained['terms'] else 'All main'} effects together are better "
        f"than chance (p = {small['p_value']:.1g}) and explain about "
        f"{max(small['held_out_r2'], 0):.0%} of the variance of unseen samples; guided samples "
        f"lean towards them, most surely towards {', '.join(surest)}."
    )


def _shown(value: Any) -> str:
    return f"{value['low']} to {value['high']}" if isinstance(value, dict) else str(value)
