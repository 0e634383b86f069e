"""``python -P -m harmonica_steps.objective.call module:function``: run a callable objective.

The protocol of a command objective on one side, a Python function on the other.
"""

import importlib
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any


def arguments() -> dict[str, Any]:
    """What a function may ask for by naming it."""
    budget = float(os.environ["HARMONICA_BUDGET"])
    return {
        "seed": int(os.environ["HARMONICA_SEED"]),
        "budget": int(budget) if budget.is_integer() else budget,
        "workdir": Path(os.environ["HARMONICA_WORKDIR"]),
        "checkpoint": Path(os.environ["HARMONICA_CHECKPOINT"]),
    }


def main(name: str) -> None:
    """Call the function ``module:function`` and write its result."""
    module, _, function = name.partition(":")
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 (pathlib costs nothing here, but says less)
    objective = getattr(importlib.import_module(module), function)
    configuration = json.loads(Path(os.environ["HARMONICA_CONFIG"]).read_text(encoding="utf-8"))
    wanted = inspect.signature(objective).parameters
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in wanted.values())
    given = {k: v for k, v in arguments().items() if anything or k in wanted}
    result = objective(configuration, **given)
    if not isinstance(result, dict):
        result = {os.environ["HARMONICA_METRIC"]: result}
    plain = {k: v.item() if hasattr(v, "item") else v for k, v in result.items()}  # NumPy scalars
    Path(os.environ["HARMONICA_RESULT"]).write_text(json.dumps(plain), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
