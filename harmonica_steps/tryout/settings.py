"""Single values of the configuration to try, given as ``--set NAME=VALUE``."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

import yaml

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space import Space, Value
from harmonica_steps.space.kind_base import same_value
from harmonica_steps.tryout.choice import Choice


def with_settings(space: Space, choice: Choice, settings: Sequence[str]) -> Choice:
    """A configuration with some of its values changed.

    Parameters
    ----------
    space
        The search space.
    choice
        The configuration.
    settings
        Such as ``learning_rate=0.1``; also fixed settings.

    Raises
    ------
    HarmonicaError
        On an unknown name, an impossible value, a parameter that the others make inactive, or a
        forbidden combination.
    """
    complete, fixed = dict(choice.complete), dict(choice.fixed)
    named = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise HarmonicaError(f"--set: {setting!r} is not NAME=VALUE.")
        if name in fixed:
            fixed[name] = _read(text)
        elif name in complete:
            complete[name] = _value(space, name, text)
            named.append(name)
        else:
            known = [*space.names, *fixed]
            raise HarmonicaError(f"--set: there is no {name!r}{near_miss(name, known)}")
    for name in named:
        if reason := _inactive(space, name, complete):
            raise HarmonicaError(f"--set: {reason}")
    if named and space.forbids(complete):
        raise HarmonicaError(
            "--set: this is one of the forbidden combinations; change another value as well."
        )
    origin = f"{choice.origin}, with {', '.join(settings)}" if settings else choice.origin
    changed = replace(choice, origin=origin, complete=complete, fixed=fixed)
    return replace(changed, continues=None) if settings else changed


def _value(space: Space, name: str, text: str) -> Value:
    # A level may be text that looks like something else, e.g. "no" or "1".
    allowed = [value for value in (_read(text), text) if _is_possible(space, name, value)]
    if not allowed:
        try:
            space.coordinate(name, _read(text))
        except HarmonicaError as error:
            raise HarmonicaError(f"--set: {error}") from None
    value = allowed[0]
    return space.parameters[name].spelled(value)


def _is_possible(space: Space, name: str, value: Value) -> bool:
    try:
        space.coordinate(name, value)
    except HarmonicaError:
        return False
    return True


def _read(text: str) -> Value:
    """A value as in a configuration file; numbers also as Python writes them."""
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return number(text)
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    return found if isinstance(found, bool) else text


def _inactive(space: Space, name: str, complete: dict[str, Value]) -> str | None:
    """Why a parameter is not used in a configuration, and what to set for it to be."""
    active = space.active(complete)
    if name in active:
        return None
    for parent, allowed in space.conditions[name].items():
        if parent not in active:
            return f"{name} needs {parent}, and {_inactive(space, parent, complete)}"
        if not any(same_value(active[parent], value) for value in allowed):
            values = " or ".join(map(str, allowed))
            return (
                f"{name} is only used if {parent} is {values}, but it is {active[parent]}: "
                f"also give --set {parent}={allowed[0]}."
            )
    return None
