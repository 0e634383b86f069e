"""``python -P -m harmonica_steps.objective.call module:function``: run a callable objective.

The protocol of a command objective on one side, a Python function on the other.
"""

import importlib
import inspect
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEYOND = 10**400
"""A whole number that is too large in any case."""


def arguments() -> dict[str, Any]:
    """What a function may ask for by naming it."""
    budget = float(os.environ["HARMONICA_BUDGET"])
    return {
        "seed": int(os.environ["HARMONICA_SEED"]),
        "budget": int(budget) if budget.is_integer() else budget,
        "workdir": Path(os.environ["HARMONICA_WORKDIR"]),
        "checkpoint": Path(os.environ["HARMONICA_CHECKPOINT"]),
        # A command that an earlier version has written down does not name it.
        "curve_file": Path(os.environ.get("HARMONICA_CURVE_FILE", os.devnull)),
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
    metric = os.environ["HARMONICA_METRIC"]
    text = json.dumps(plain_result(result, metric))
    Path(os.environ["HARMONICA_RESULT"]).write_text(text, encoding="utf-8")


def plain_result(result: object, metric: str) -> dict[str, Any]:
    """What a function has returned, as JSON can hold it.

    Parameters
    ----------
    result
        The metric, or a mapping with it. Other values that are not numbers or text are left out.
    metric
        The metric's name.

    Raises
    ------
    SystemExit
        When the metric is nothing that can be a number, in words.
    """
    content = result if isinstance(result, Mapping) else {metric: result}
    plain = {}
    for name, value in content.items():
        try:
            plain[str(name)] = plain_value(value)
        except Exception as error:
            if str(name) == metric:
                raise SystemExit(_not_a_number(metric, value, error)) from None
    return plain


def plain_value(value: Any) -> Any:
    """A value as JSON can hold it: NumPy scalars, tensors of one element, decimals are numbers.

    Raises
    ------
    Exception
        When it is none of these; whatever its own methods raise.
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, int) and not isinstance(value, bool):
        return int(max(-BEYOND, min(BEYOND, value)))
    if isinstance(value, bytes | bytearray):
        raise TypeError("bytes are not a number")  # to float() they may be
    if not isinstance(value, bool | float | str | list | tuple | dict | None):
        value = float(value)
    json.dumps(value)
    return value


def _not_a_number(metric: str, value: object, error: Exception) -> str:
    about = "" if isinstance(error, TypeError) else " ".join(f" ({error})".split("\n"))
    return (
        f"{metric!r} is an object of type {type(value).__name__}, which is not JSON serializable: "
        f"return a number, or a dictionary of numbers{about[:200]}"
    )


if __name__ == "__main__":
    main(sys.argv[1])
