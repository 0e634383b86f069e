"""How often whole searches of pure noise freeze or report anything.

python benchmarks/noise.py [--searches 200] [--stages 3]
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from inprocess import run

from harmonica_steps.config import parse
from harmonica_steps.search.explain import CONVINCING
from harmonica_steps.spectral.small_effects import small_effects

SWITCHES = 60


def main() -> None:
    """Search, and print the share of stages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--stages", type=int, default=3)
    arguments = parser.parse_args()
    froze = small = stages = 0
    for seed in range(arguments.searches):
        history = run(parse(configuration(seed, arguments.stages)), noise)
        for fit in history.recoveries:
            stages += 1
            froze += bool(fit.recovery.terms)
            found = small_effects(fit.design.basis, fit.levels, fit.scores, fit.recovery)
            small += found is not None and found.p_value < CONVINCING
    print(f"{arguments.searches} searches of noise, {stages} stages with guided samples:")
    print(f"  froze anything: {froze} ({froze / stages:.1%})")
    print(f"  reported many small effects: {small} ({small / stages:.1%})")


def configuration(seed: int, stages: int) -> dict[str, Any]:
    """A search of switches that change nothing."""
    return {
        "search": "noise",
        "seed": seed,
        "objective": {"command": "true", "transform": "rank"},
        "space": {f"x{i}": {"type": "bool"} for i in range(SWITCHES)},
        "stages": [{"samples": 100, "incumbent": True, "repeat": stages}],
        "final": {"optimiser": "random", "configurations": 1},
    }


def noise(configuration: dict[str, Any], seed: int, budget: float) -> float:
    """Nothing but noise."""
    return float(np.random.default_rng(seed).normal())


if __name__ == "__main__":
    main()
