"""PSR of a stage: what mattered, and what the next stage is restricted to."""

from dataclasses import dataclass
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
from harmonica_steps.search.freeze import freeze, incumbent
from harmonica_steps.search.restriction import Candidate, Restriction, as_data
from harmonica_steps.search.samples import Samples, pooled, transformed
from harmonica_steps.spectral import Recovery
from harmonica_steps.spectral.recovery import FEWEST, single_effects
from harmonica_steps.spectral.resample import Trust, trust
from harmonica_steps.spectral.small_effects import small_effects
from harmonica_steps.steps.recovery_message import recovery_message
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
    why_skipped = search.why_skipped(f"stage-{stage}")
    used = recovered_from(search, stage)
    samples = _transformed(search, stage, used)
    # One thread: sums in another order would differ in their last bits, and so in the files.
    with threadpool_limits(1):
        found = _computed(search, stage, samples, processes, is_skipped=why_skipped is not None)
    if why_skipped is None:
        message = recovery_message(
            search.space,
            stage,
            search.restriction(stage - 1),
            found.restriction,
            found.explained,
            has_incumbent=found.has_incumbent,
        )
    else:
        message = f"stage {stage}: SKIPPED, because {why_skipped}. Nothing new is frozen."
    about = {"stage": stage, "message": message, "skipped": why_skipped is not None}
    write_json(search.folder.psr(stage), about | _as_psr(search, stage, used, found))
    write_json(search.folder.frozen(stage), _as_frozen(search, stage, found.restriction))
    return message


@dataclass(frozen=True)
class _Computed:
    """What follows from the samples of a stage."""

    fit: Fit
    restriction: Restriction
    """The restriction of the next stage."""
    has_incumbent: bool
    """Whether a candidate was added around the best training."""
    explained: dict[str, Any]
    """See `explain`."""


def _computed(
    search: SearchRun, stage: int, samples: Samples, processes: int, *, is_skipped: bool
) -> _Computed:
    recovered = (_unfitted if is_skipped else _fitted)(search, stage, samples)
    kept, extra = _frozen(search, stage, recovered)
    return _Computed(
        recovered,
        kept if extra is None else kept.extended(extra),
        extra is not None,
        _explained(search, stage, recovered, processes, is_skipped=is_skipped),
    )


def _transformed(search: SearchRun, stage: int, used: dict[str, Samples]) -> Samples:
    """The samples of the regression, on the scale that it works on."""
    objective = search.config.objective
    samples = transformed(pooled(list(used.values())), objective.transform, objective.direction)
    if len(samples.scores) < FEWEST:
        table = search.folder.metrics(f"stage-{stage}").with_suffix(".tsv")
        raise HarmonicaError(
            f"stage {stage}: only {len(samples.scores)} uniform samples have a score, which is too "
            f"few for a recovery (at least {FEWEST} are needed). See {table} for the failures."
        )
    return samples


def _fitted(search: SearchRun, stage: int, samples: Samples) -> Fit:
    design = Design(search.space, search.restriction(stage - 1))
    return fit(design, search.config.stages[stage - 1], samples)


def _unfitted(search: SearchRun, stage: int, samples: Samples) -> Fit:
    """No recovery, of a stage that was not trained."""
    design = Design(search.space, search.restriction(stage - 1))
    nothing = Recovery.nothing(float(samples.scores.mean()))
    return Fit(design, nothing, design.levels(samples), samples.scores)


def _frozen(search: SearchRun, stage: int, found: Fit) -> tuple[Restriction, Candidate | None]:
    """What is kept, and a further candidate around the best training, where that is asked for."""
    settings = search.config.stages[stage - 1]
    kept = freeze(found, settings.keep, settings.apart)
    if not settings.incumbent:
        return kept, None
    trained = pooled(list(trained_alike(search, stage).values()))
    return kept, incumbent(kept, search.space, trained)


def _explained(
    search: SearchRun, stage: int, found: Fit, processes: int, *, is_skipped: bool
) -> dict[str, Any]:
    basis, levels, scores = found.design.basis, found.levels, found.scores
    # A spawn key of its own: those of samples have two or three parts.
    seed = np.random.SeedSequence(search.config.seed, spawn_key=(stage, 0, 0, 0))
    return explain(
        found,
        single_effects(basis, levels, scores, found.recovery),
        None if is_skipped else small_effects(basis, levels, scores, found.recovery),
        _trust(stage, found, search.config.stages[stage - 1], seed, processes),
        search.config.objective.direction,
    )


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


def _as_psr(
    search: SearchRun, stage: int, used: dict[str, Samples], found: _Computed
) -> dict[str, Any]:
    settings, objective = search.config.stages[stage - 1], search.config.objective
    recovery, scores = found.fit.recovery, found.fit.scores
    return {
        "samples": len(scores),
        "reused": {name: len(own.scores) for name, own in list(used.items())[1:]},
        "transform": objective.transform,
        "degree": settings.degree,
        "sparsity": settings.sparsity,
        "products": recovery.products,
        "selection": settings.selection,
        "incumbent": found.has_incumbent,
        "penalty": _penalty(recovery, len(scores)),
        "mean": rounded(sign_of(objective.direction) * float(scores.mean())),
        **found.explained,
    }


def _as_frozen(search: SearchRun, stage: int, restriction: Restriction) -> dict[str, Any]:
    sign = sign_of(search.config.objective.direction)
    return {
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
    }
