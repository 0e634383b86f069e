"""The range of a parameter, guessed from its default and its name."""

import math
import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harmonica_steps.init.constants import UNKNOWN
from harmonica_steps.init.setting import Setting, plain_name
from harmonica_steps.space import Parameter

_PARAMETER: TypeAdapter[Any] = TypeAdapter(Parameter)

RATES = re.compile(
    r"(.*_)?(lr|learning_rate|rate|weight_decay|wd|l1|l2|alpha|lambda|reg|eta|eps|epsilon|c|"
    r"shrinkage|tol|penalty|regularization|regularisation|temperature)(_\d+)?|reg_.*|lambda_.*|"
    r"lr_.*"
)
"""Names of what is searched on a logarithmic scale."""

REGULARISERS = re.compile(r"reg_(alpha|lambda)|lambda_l[12]|alpha|lambda|c")
"""Names of penalties that may be large: they are weighed against sums over all samples."""

NOT_RATES = re.compile(
    r".*(dropout|drop|decay_rate|momentum|mask|_prob).*|lr_(decay|gamma|factor).*"
)

CHANCES = re.compile(
    r".*(dropout|_drop|drop_|momentum|smoothing|mixup).*|(.*_)?(p|prob|gamma|betas?|beta_?\d)(_.*)?"
)
"""Names of what is between 0 and 1, usually below 1."""

SHARES = re.compile(
    r"(.*_)?(fraction|subsample|colsample|ratio|share|max_features|max_samples)(_.*)?"
)
"""Names of what may be 1, a share of something."""

SIZES = re.compile(
    r".*(batch|hidden|width|dim|size|units|channels|filters|embed|features|neurons|leaves|"
    r"estimators|trees|bins).*"
)
"""Names of what belongs on a logarithmic scale of whole numbers."""

FEW = 16
"""Whole numbers of a range that are tried one by one."""


class NoRangeError(Exception):
    """Nothing says in what range a parameter could be."""


def parameter_of(setting: Setting) -> tuple[dict[str, Any], str]:
    """The entry of a setting in the section ``space``.

    Returns
    -------
    entry : dict
        As in a config file.
    todo : str
        What the user has to fill in, or ''.

    Raises
    ------
    NoRangeError
        With the reason, when nothing says what values it could have.
    """
    entry, todo = _guess(setting)
    try:
        _PARAMETER.validate_python(entry)
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise NoRangeError(reason) from None
    return entry, todo


def _guess(setting: Setting) -> tuple[dict[str, Any], str]:
    if setting.spec:
        return dict(setting.spec), ""
    if setting.choices is not None:
        return _of_choices(setting), ""
    if setting.kind == "bool":
        return {"type": "bool"}, ""
    default = setting.known_default
    number = isinstance(default, int | float) and not isinstance(default, bool)
    if setting.kind == "int" or (setting.kind == "unknown" and isinstance(default, int)):
        found = _whole(plain_name(setting.name), int(default) if number else None)
    else:
        found = _real(plain_name(setting.name), float(default) if number else None)
    if found is not None:
        return found, ""
    if number:
        raise NoRangeError(f"its default {default} looks like a switch that is off")
    if not setting.required:
        raise NoRangeError("has no default to search around")
    whole = {"type": "int", "low": 1, "high": 10}
    real = {"type": "float", "low": 0.0, "high": 1.0}
    return (whole if setting.kind == "int" else real), "has no default; set its range"


def _of_choices(setting: Setting) -> dict[str, Any]:
    choices = setting.choices
    if isinstance(choices, range) and abs(choices.step) == 1 and len(choices) > 1:
        low, high = sorted((choices[0], choices[-1]))
        entry = {"type": "int", "low": low, "high": high}
        return {**entry, "levels": 4} if len(choices) > FEW else entry
    if choices is None or len(choices) > 1000:
        raise NoRangeError("has too many choices to list")
    values: list[Any] = []
    for value in choices:
        if value is UNKNOWN or isinstance(value, list | dict):
            raise NoRangeError("its choices are known only when it runs")
        if value is not None and not any(_same(value, other) for other in values):
            values.append(value)
    if setting.kind == "float":
        values = [float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in values]
    if len(values) < 2:
        raise NoRangeError("has one choice only")
    if any(isinstance(v, str) and not _can_be_passed(v) for v in values):
        raise NoRangeError("has a choice that cannot be passed on a command line")
    if sorted(map(str, values)) == ["False", "True"] and isinstance(values[0], bool):
        return {"type": "bool"}
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    return {"type": "ordinal" if numbers else "categorical", "values": values}


def _same(a: Any, b: Any) -> bool:
    return bool(a == b and isinstance(a, bool) == isinstance(b, bool))


def _can_be_passed(text: str) -> bool:
    return text.isprintable()


def _real(name: str, default: float | None) -> dict[str, Any] | None:
    rate = RATES.fullmatch(name) is not None and not NOT_RATES.fullmatch(name)
    share = SHARES.fullmatch(name) is not None
    chance = CHANCES.fullmatch(name) is not None and not rate
    if share and (default is None or 0.5 <= default <= 1 or default == 0):
        return _span(0.5, 1.0)
    if default is None or default == 0:
        if rate:
            return _usual_rate(name)
        if chance:
            return _span(0.0, 0.9 if "momentum" in name else 0.5)
        return None if default is None else _span(0.0, 1.0)
    return _around(default, rate=rate, chance=chance)


def _usual_rate(name: str) -> dict[str, Any]:
    if REGULARISERS.fullmatch(name):
        return _span(0.001, 10.0, log=True)
    usual = re.fullmatch(r"(.*_)?(lr|learning_rate|rate|eta)(_\d+)?", name)
    return _span(0.0001 if usual else 1e-6, 0.1, log=True)


def _around(default: float, *, rate: bool, chance: bool) -> dict[str, Any] | None:
    """A range around a default that is not 0."""
    if default < 0:
        return None if default == -1 else _span(2 * default, 0.0)
    if rate or default < 0.1:
        return _span(_round(default / 10), _round(default * 10), log=True)
    if default < 0.5:
        return _span(0.0, min(_round(5 * default), 0.9))
    if default < 1:
        # As far from 1 as ten times and a tenth of what the default is.
        away = 1 - default
        return _span(max(0.0, 1 - _round(10 * away)), 1 - _round(away / 10))
    if chance and default == 1:
        return _span(0.5, 1.0)
    return _span(_round(default / 10), _round(default * 10), log=True)


def _span(low: float, high: float, *, log: bool = False) -> dict[str, Any]:
    low, high = float(f"{low:.12g}"), float(f"{high:.12g}")
    entry: dict[str, Any] = {"type": "float", "low": low, "high": high}
    return {**entry, "log": True} if log else entry


def _round(value: float) -> float:
    """Round to three significant digits."""
    return float(f"{value:.3g}")


def _whole(name: str, default: int | None) -> dict[str, Any] | None:
    if "max_depth" in name and (default is None or default <= 0):
        return {"type": "int", "low": 2, "high": 12}
    if default is None or default < 0:
        return None
    if default == 0:
        return {"type": "int", "low": 0, "high": 10}
    size = SIZES.fullmatch(name) is not None
    if size and default >= 8 and math.log2(default).is_integer():
        return {"type": "ordinal", "values": [default // 4, default // 2, default, 2 * default]}
    if default > 10 or (size and default > 4):
        low, high = max(1, _tidy(default / 4)), _tidy(default * 4)
        return {"type": "int", "low": low, "high": high, "log": True, "levels": 4}
    return {"type": "int", "low": max(1, default // 2), "high": max(4, 2 * default)}


def _tidy(value: float) -> int:
    return int(float(f"{value:.2g}"))
