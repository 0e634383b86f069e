"""Settings as words of a command line: single values, flags, and overrides as Hydra reads them."""

import json
import re
from collections.abc import Iterable, Mapping

STYLE = {"booleans": "pair", "separator": "space", "names": "as_is"}
"""How flags are written unless ``objective.args`` says otherwise."""

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.-]*")
"""Text that Hydra reads as text without quotes, except for `_KEYWORDS`."""

_KEYWORDS = ("null", "true", "false", "inf", "nan")


def text(value: object) -> str:
    """A value as one word: text as it is, anything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def flags(settings: Mapping[str, object], style: Mapping[str, str]) -> list[str]:
    """Settings as options such as ``--rate 0.1``.

    Parameters
    ----------
    settings
        The value of each name, in order.
    style
        ``booleans`` are a ``pair`` (``--x`` or ``--no-x``), a ``flag`` (``--x`` or nothing) or a
        ``value`` (``--x true``); the ``separator`` of name and value is a ``space`` or ``equals``;
        ``names`` are written ``as_is``, or with ``hyphens`` for underscores.

    Returns
    -------
    list of str
        The words. A value that starts with a dash is always joined by ``=``: as a word of its own
        it would be taken for an option.
    """
    return [word for name, value in settings.items() for word in _flag(name, value, style)]


def _flag(name: str, value: object, style: Mapping[str, str]) -> Iterable[str]:
    name = name.replace("_", "-") if style["names"] == "hyphens" else name
    if isinstance(value, bool) and style["booleans"] != "value":
        if value:
            return [f"--{name}"]
        return [f"--no-{name}"] if style["booleans"] == "pair" else []
    word = text(value)
    if style["separator"] == "equals" or word.startswith("-"):
        return [f"--{name}={word}"]
    return [f"--{name}", word]


def overrides(settings: Mapping[str, object]) -> list[str]:
    """Settings as ``name=value``, each value quoted so that Hydra reads just this value.

    See https://hydra.cc/docs/advanced/override_grammar/basic.
    """
    return [f"{name}={_hydra(value)}" for name, value in settings.items()]


def _hydra(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _KEYWORDS:
        return value
    # A dollar and a brace would be an interpolation.
    literal = re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
    # A backslash counts as one unless a quote follows, be it the last one.
    escaped = re.sub(r"(\\*)('|\Z)", lambda m: 2 * m[1] + (m[2] and r"\'"), literal)
    return f"'{escaped}'"
