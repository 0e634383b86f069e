"""How it is searched: every method has 700 trainings of the same budget, or as many epochs."""

from typing import Any

EPOCHS = 3
"""Budget of a training, except where a method has several."""

ROUND = 100


def staged(stages: int, degree: int, sparsity: int, **more: Any) -> list[dict[str, Any]]:
    """Stages of a round each; samples that agree with what is frozen are used again."""
    stage = {
        "samples": ROUND,
        "degree": degree,
        "sparsity": sparsity,
        "incumbent": True,
        "budget": EPOCHS,
    }
    return [{**stage, **more}] * stages


def drawn(configurations: int = ROUND) -> dict[str, Any]:
    """Uniform samples in what is left."""
    return {"optimiser": "random", "configurations": configurations, "budget": EPOCHS}


TPE = {
    "n_startup_trials": 10,
    "n_ei_candidates": 24,
    "multivariate": True,
    "group": False,
    "constant_liar": True,
}
"""What Optuna 5.0 has by default."""


def asked(
    rounds: int,
    configurations: int = ROUND,
    sampler: str = "tpe",
    settings: dict[str, Any] = TPE,
) -> dict[str, Any]:
    """Rounds from a sampler of Optuna's."""
    return {
        "optimiser": "optuna",
        "sampler": sampler,
        "settings": settings,
        "rounds": rounds,
        "configurations": configurations,
        "budget": EPOCHS,
    }


RANKS = {"objective": {"transform": "rank"}}
"""Terms explain the ranks of the metric."""

PRESETS = {
    "harmonica": {
        **RANKS,
        "stages": staged(6, 3, 5),
        "final": {
            "optimiser": "guided",
            "rounds": 1,
            "configurations": ROUND,
            "budget": EPOCHS,
        },
    },
    "harmonica-uniform": {**RANKS, "stages": staged(6, 3, 5, guided=0), "final": drawn()},
}
"""Harmonica with many small stages, with and (as in the paper) without guided samples."""

RIVALS = {
    "random": {"final": drawn(700)},
    "random-5x": {"final": drawn(3500)},
    "tpe-7x100": {"final": asked(7)},
    "gp-7x100": {"final": asked(7, sampler="gp", settings={})},
    "nsga2-7x100": {
        "final": asked(7, sampler="NSGAIISampler", settings={"population_size": 20}),
    },
    # Rounds as others; what proposes them is in evolution.py.
    "ga-7x100": {"final": asked(7), "evolution": "ga"},
    "umda-7x100": {"final": asked(7), "evolution": "umda"},
    "tpe-sequential": {"final": asked(700, 1)},
}

ORDERED = {
    # All of a round are of one generation, so a smaller population would leave trainings unused.
    "cmaes-7x100": {
        "final": asked(7, sampler="cmaes", settings={"with_margin": True, "popsize": ROUND}),
    },
}
"""Where all parameters have an order."""

BUDGETED = {
    "halving": {
        "final": {"configurations": 1050, "eta": 3, "min_budget": 1, "max_budget": EPOCHS},
    },
    "hyperband": {
        "final": {
            "optimiser": "hyperband",
            "eta": 3,
            "min_budget": 1,
            "max_budget": EPOCHS,
            # Both kinds of brackets take 6 epochs.
            "repetitions": 175,
        },
    },
}
"""Where a training can be shorter: 2,100 epochs in all, as 700 trainings of 3."""

METHODS: dict[str, dict[str, Any]] = {**PRESETS, **RIVALS, **ORDERED, **BUDGETED}

WITH_ORDER = ("onemax", "nk", "torus", "contamination", "ackley53", "mixint", "floats")
"""The objectives all of whose parameters have an order."""

WITH_BUDGETS = ("digits", "deep", "fashion")
"""The objectives whose trainings can be shorter."""


def applies(method: str, objective: str) -> bool:
    """Whether a method can search an objective."""
    if method in ORDERED:
        return objective in WITH_ORDER
    if method in BUDGETED:
        return objective in WITH_BUDGETS
    return True
