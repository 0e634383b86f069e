"""A class of the user's own, named in a config file as ``module:Class``."""

import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError


def user_class(name: str, base: type, called: str, key: str) -> Any:
    """Import it, from a module in the current directory or an installed one.

    Parameters
    ----------
    name
        ``module:Class``.
    base
        What it must be derived from.
    called
        The name by which users import the base.
    key
        The key of the config file, for messages.

    Raises
    ------
    HarmonicaError
        When the module cannot be imported, or has no such class.
    """
    module, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        kind = getattr(import_module(module), attribute, None)
    except Exception as error:  # whatever the module does when it is imported
        raise HarmonicaError(
            f"{key}: the module {module!r} cannot be imported ({error!r})."
        ) from error
    finally:
        sys.path.pop(0)
    if not (inspect.isclass(kind) and issubclass(kind, base)):
        raise HarmonicaError(f"{key}: {name} is not a class derived from {called}.")
    return kind
