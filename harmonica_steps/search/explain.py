"""Explanations of a recovery, as plain data in the user's names."""

import math
from collections import defaultdict
from typing import Any

from harmonica_steps.records.direction import Direction, sign_of
from harmonica_steps.search.design import Design, Fit
from harmonica_steps.search.restriction import as_data
from harmonica_steps.spectral import Recovery, Term
from harmonica_steps.spectral.resample import Trust
from harmonica_steps.spectral.significance import ERROR_RATE
from harmonica_steps.spectral.small_effects import SmallEffects

CONVINCING = 0.01
"""p-value below which small effects are reported as a finding."""


def explain(
    fit: Fit,
    singles: list[Term],
    small: SmallEffects | None,
    trust: Trust,
    direction: Direction,
) -> dict[str, Any]:
    """What was recovered, how reliable it is, and why each parameter is frozen or free.

    Parameters
    ----------
    fit
        What was recovered, in the stage's variables.
    singles
        What `single_effects` returned for it.
    small
        What `small_effects` returned for it.
    trust
        From resamples.
    direction
        ``minimize`` or ``maximize``; weights are those of the metric, not of the score.

    Returns
    -------
    dict
        ``finding``: what there is, see `finding`; ``terms``, ``rejected``: see `_term`;
        ``threshold``: the largest p-value of a recovered term;
        ``share_by_degree``: the part of the variance that the terms of each size explain, which
        add up to ``r2``;
        ``small_effects``: see `_small`; ``parameters``: for each parameter of the design its
        status and the reason.
    """
    sign = sign_of(direction)
    design, recovery = fit.design, fit.recovery

    def term(of: Term) -> dict[str, Any]:
        return {
            **_term(design, of, sign, trust),
            "prefers": {name: as_data(value) for name, value in fit.prefers(of).items()},
        }

    shares: dict[int, float] = defaultdict(float)
    for found in recovery.terms:
        shares[len(found.members)] += found.share
    return {
        "finding": finding(recovery, small),
        "intercept": rounded(sign * recovery.intercept),
        "r2": rounded(recovery.r2),
        "threshold": ERROR_RATE,
        "held_out_r2": None if trust.held_out_r2 is None else rounded(trust.held_out_r2),
        "share_by_degree": {str(size): rounded(shares[size]) for size in sorted(shares)},
        "terms": [term(found) for found in recovery.terms],
        "rejected": [term(refused) for refused in recovery.rejected],
        "small_effects": None if small is None else _small(design, small),
        "parameters": {
            name: _parameter(design, recovery, singles, v, sign)
            for v, name in enumerate(design.names)
        },
    }


def finding(recovery: Recovery, small: SmallEffects | None) -> str:
    """One of ``terms``, ``small effects``, ``terms and small effects`` and ``nothing``."""
    found = ["terms"] if recovery.terms else []
    if small is not None and small.p_value < CONVINCING:
        found.append("small effects")
    return " and ".join(found) or "nothing"


def _small(design: Design, small: SmallEffects) -> dict[str, Any]:
    """The main effects of all parameters that are in no term, together.

    ``leaning`` has for each of them what is most likely its best setting, the surest first.
    """
    leaning = [
        {
            "parameter": design.names[v],
            "towards": as_data(design.value(v, level)),
            "probability": rounded(probability),
        }
        for v, (level, probability) in small.leaning.items()
    ]
    return {
        "p_value": rounded(small.p_value),
        "held_out_r2": rounded(small.held_out_r2),
        "leaning": sorted(leaning, key=lambda entry: -entry["probability"]),
    }


def _term(design: Design, term: Term, sign: float, trust: Trust) -> dict[str, Any]:
    signed = len(term.coefficients) == 1
    return {
        "parameters": _names(design, term),
        "weight": rounded(term.weight * (sign if signed else 1.0)),
        "standard_error": rounded(term.standard_error),
        "signed": signed,
        "share": rounded(term.share),
        "p_value": rounded(math.exp(term.log_p)),
        "stability": trust.stability.get(term.members, 0.0) if trust.stability else None,
    }


def _parameter(
    design: Design, recovery: Recovery, singles: list[Term], variable: int, sign: float
) -> dict[str, Any]:
    within = [term for term in recovery.terms if variable in term.members]
    if within:
        return {
            "status": "frozen",
            "terms": [_names(design, term) for term in within],
            "reason": f"{_listed(design, within)}: better than chance",
        }
    refused = [term for term in recovery.rejected if variable in term.members]
    alone = next((term for term in singles if variable in term.members), None)
    entry: dict[str, Any] = {"status": "free", "terms": [_names(design, term) for term in refused]}
    if alone is None:
        return {**entry, "reason": "the scores do not vary"}
    signed = len(alone.coefficients) == 1
    weight = rounded(alone.weight * (sign if signed else 1.0))
    error, p_value = rounded(alone.standard_error), rounded(math.exp(alone.log_p))
    looked_at = (
        f"{_listed(design, refused)}: no better than chance" if refused else "in no proposed term"
    )
    return {
        **entry,
        "weight_alone": weight,
        "standard_error": error,
        "p_value": p_value,
        "reason": f"{looked_at}; alone {weight:.3g} +- {error:.2g} (p = {p_value:.2g})",
    }


def _names(design: Design, term: Term) -> list[str]:
    return [design.names[v] for v in term.members]


def _listed(design: Design, terms: list[Term]) -> str:
    return ", ".join(" x ".join(_names(design, term)) for term in terms)


def rounded(value: float) -> float:
    """Nine digits: enough for any use, and free of the noise of the last bits."""
    return float(f"{value:.9g}")
