"""How the parameters of a program are written in its command: all as {args}, or each by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from harmonica_steps.init.options import Option
from harmonica_steps.init.parsers import MAIN

Place = Literal["main", "subcommand"]
"""Before or after the subcommand."""


@dataclass(frozen=True)
class Style:
    """How all parameters are written.

    Parameters
    ----------
    booleans
        As in ``objective.args``.
    hyphens
        Whether their names have hyphens where those of the parameters have underscores.
    place
        Where they stand as {args}; None if each is written by name.
    """

    booleans: Literal["pair", "flag", "value"]
    hyphens: bool
    place: Place | None

    @property
    def keys(self) -> dict[str, str]:
        """The section ``objective.args``, without what is the default."""
        found = {} if self.booleans == "pair" else {"booleans": str(self.booleans)}
        return {**found, "names": "hyphens"} if self.hyphens else found

    def parameter(self, option: Option) -> str:
        """The name of the parameter of an option."""
        return option.name.replace("-", "_") if self.hyphens else option.name


def place_of(option: Option, subcommand: str) -> Place:
    """Whether an option stands before or after the subcommand."""
    return "subcommand" if subcommand != MAIN and subcommand in option.owners else "main"


def in_one_style(options: Sequence[Option]) -> list[Option]:
    """The options, with truth values that can all be written in the same style."""
    switches = {option.switch for option in options if option.kind == "bool" and option.switch}
    if len(switches) < 2 and switches <= {"pair", "value", "on"}:
        return list(options)
    return [_as_flag(option) for option in options]


def _as_flag(option: Option) -> Option:
    if option.kind != "bool":
        return option
    if option.switch == "value":
        default = option.known_default
        text = str(default).lower() if isinstance(default, bool) else None
        return replace(option, kind="text", switch="", choices=["true", "false"], default=text)
    if option.switch == "pair" and option.default is True:
        # Without a word it is on: the parameter is whether it is turned off.
        name = f"no-{option.name}"
        return replace(option, name=name, strings=(f"--{name}",), switch="off", default=False)
    return option


def style_of(options: Sequence[Option], specs: Mapping[str, Any], subcommand: str) -> Style:
    """The style that fits the options which are parameters.

    Parameters
    ----------
    options
        The parameters.
    specs
        Their entries in ``space``, by name.
    subcommand
        The one that trains.
    """
    switches = {o.switch for o in options if specs[o.name]["type"] == "bool" and o.switch}
    booleans: Literal["pair", "flag", "value"] = "pair"
    if switches:
        booleans = "value" if switches == {"value"} else "pair" if switches == {"pair"} else "flag"
    names = [option.name for option in options]
    hyphens = any("-" in name for name in names) and not any("_" in name for name in names)
    places = {place_of(option, subcommand) for option in options}
    as_args = all(option.flag.startswith("--") for option in options) and len(places) == 1
    return Style(booleans, hyphens, places.pop() if as_args else None)


def by_name(option: Option, style: Style, spec: Mapping[str, Any]) -> list[str] | None:
    """An option as words of a command, with its parameter as a placeholder.

    Returns
    -------
    list of str or None
        None if it cannot be written so: a switch has no value.
    """
    placeholder = f"{{{style.parameter(option)}}}"
    if option.switch not in ("", "value"):
        return None
    if not option.flag:
        return [placeholder]
    if option.flag.startswith("--") and spec.get("low", 0) < 0:
        return [f"{option.flag}={placeholder}"]
    return [option.flag, placeholder]
