"""PSR of a stage: what mattered, and what the next stage is restricted to."""

import math
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from harmonica_steps.files import write_json
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import level_matrix, read_table
from harmonica_steps.search.freeze import Design, fit, freeze, usable_samples
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.spectral import Recovery, Term
from harmonica_steps.spectral.resample import held_out_r2, stability


def recover_stage(opened: Opened, stage: int) -> str:
    """Write ``psr.json`` and ``frozen.json`` of a stage.

    Returns
    -------
    str
        What to tell the user.
    """
    opened.part(f"stage-{stage}")  # complains about a stage that is not there
    settings = opened.config.stages[stage - 1]
    table = read_table(opened.folder.metrics(f"stage-{stage}"))
    design = Design(opened.space, opened.restriction(stage - 1))
    samples = usable_samples(
        design,
        table["candidate"].to_numpy(dtype=np.int64),
        level_matrix(table, opened.space),
        table["score"].to_numpy(dtype=float),
    )
    # One thread: sums in another order would differ in their last bits, and so in the files.
    with threadpool_limits(1):
        recovery = fit(design, *samples, settings.degree, settings.sparsity)
        restriction = freeze(design, recovery, settings.keep)
        trust = _trust(opened, stage, design, samples)
    sign = -1.0 if opened.config.objective.direction == "maximize" else 1.0
    message = _message(opened, stage, design.restriction, restriction, recovery)
    variance = float(samples[1].var())
    write_json(
        opened.folder.psr(stage),
        {
            "stage": stage,
            "message": message,
            "samples": len(samples[1]),
            "degree": settings.degree,
            "sparsity": settings.sparsity,
            "products": recovery.products,
            "penalty": {
                "alpha": _round(recovery.alpha),
                "lambda": _round(2 * len(samples[1]) * recovery.alpha),
                "rule": "alpha = sd(score) sqrt(log(products) / (2 samples))",
            },
            "mean": _round(sign * float(samples[1].mean())),
            "intercept": _round(sign * recovery.intercept),
            "r2": _round(recovery.r2),
            "held_out_r2": _round(trust["held_out_r2"]),
            "terms": [_term(design, t, sign, variance, trust) for t in recovery.terms],
            "rejected": [_term(design, t, sign, variance, trust) for t in recovery.rejected],
        },
    )
    _write_frozen(opened, stage, restriction)
    return message


def _trust(
    opened: Opened, stage: int, design: Design, samples: tuple[np.ndarray, np.ndarray]
) -> dict[str, Any]:
    settings = opened.config.stages[stage - 1]
    # A spawn key of its own: no sample's stream has three parts.
    seeds = np.random.SeedSequence(opened.config.seed, spawn_key=(stage, 0, 0)).spawn(2)
    common = (design.basis(), *samples, settings.degree, settings.sparsity)
    return {
        "held_out_r2": held_out_r2(*common, np.random.default_rng(seeds[0])),
        "stability": stability(*common, np.random.default_rng(seeds[1])),
    }


def _term(
    design: Design, term: Term, sign: float, variance: float, trust: dict[str, Any]
) -> dict[str, Any]:
    signed = len(term.coefficients) == 1
    power = float((term.coefficients**2).sum())
    return {
        "parameters": [design.names[v] for v in term.members],
        "weight": _round(term.weight * (sign if signed else 1.0)),
        "signed": signed,
        "share": _round(power / variance if variance else 0.0),
        "p_value": _round(math.exp(term.log_p)),
        "stability": trust["stability"].get(term.members, 0.0),
        "prefers": design.prefers(term),
    }


def _write_frozen(opened: Opened, stage: int, restriction: Restriction) -> None:
    write_json(
        opened.folder.frozen(stage),
        {
            "stage": stage,
            "help": "The later parts draw one of these candidates for each sample. You may edit, "
            "add or delete assignments and run snakemake again; predicted may be null.",
            "frozen": list(restriction.frozen),
            "free": list(restriction.free(opened.space)),
            "candidates": [
                {
                    **entry,
                    "predicted": None if entry["predicted"] is None else _round(entry["predicted"]),
                }
                for entry in restriction.as_data()
            ],
        },
    )


def _message(
    opened: Opened, stage: int, before: Restriction, after: Restriction, recovery: Recovery
) -> str:
    if not recovery.terms:
        return (
            f"stage {stage}: NOTHING RECOVERED. No term is better than chance, so this "
            "stage freezes nothing and the search goes on in the same space. More samples, a lower "
            "degree or a less noisy metric may help."
        )
    new = [name for name in after.frozen if name not in before.frozen]
    kept = len(after.candidates)
    return (
        f"stage {stage}: {len(recovery.terms)} terms explain {recovery.r2:.0%} of the variance; "
        f"froze {', '.join(new) or 'no further parameter'} "
        f"({kept} candidate{'s' if kept > 1 else ''} kept, "
        f"{len(after.free(opened.space))} of {len(opened.space)} parameters free)"
    )


def _round(value: float) -> float:
    """Nine digits: enough for any use, and free of the noise of the last bits."""
    return float(f"{value:.9g}")
