"""Drafts for programs that read a JSON file, and for functions that are given a dictionary."""

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harmonica_steps.config.yaml_file import load_foreign
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.init.constants import Constants
from harmonica_steps.init.dictionaries import keys_read, loaded_names
from harmonica_steps.init.draft import (
    Budget,
    Draft,
    Settings,
    fill_space,
    set_metric,
    shown_names,
    sort_settings,
)
from harmonica_steps.init.metric import find_metrics, returned_metric
from harmonica_steps.init.names import CONFIGS, RESULTS
from harmonica_steps.init.options import Option, read_options
from harmonica_steps.init.setting import Setting, plain_name
from harmonica_steps.init.source import Program, quoted
from harmonica_steps.init.suggestions import read_suggestions, study_direction
from harmonica_steps.objective.placeholders import OF_COMMANDS, PLACEHOLDERS

OBJECTIVE = "objective"
"""The usual name of the function that is called."""

ARGUMENTS = [name for name in PLACEHOLDERS if name not in OF_COMMANDS]
"""What such a function may also be given."""


def reads_json(program: Program) -> bool:
    """Whether a program reads settings from a JSON file."""
    tree = program.syntax
    return bool(keys_read(tree, loaded_names(tree), Constants(tree), {}))


def draft_from_json(program: Program, passed: Sequence[str], name: str) -> Draft:
    """A draft with the keys that a program reads from a JSON file as parameters.

    Parameters
    ----------
    program
        The program.
    passed
        Words to pass on to it as they are.
    name
        Of the search.
    """
    tree = program.syntax
    constants = Constants(tree)
    options = read_options(tree, constants).options
    config = next((o for o in options if plain_name(o.name) in CONFIGS), None)
    values = _values(program, tree, config, constants)
    settings = sort_settings(keys_read(tree, loaded_names(tree), constants, values))
    draft = Draft(name, f"the keys that {program.path} reads from a JSON file")
    metrics = find_metrics(tree)
    written = any(metric.where == "written" for metric in metrics)
    draft.objective["command"] = _command(program, passed, config, options, written, draft)
    _fix(draft, settings)
    fill_space(draft, settings)
    draft.budget = None
    to_file = "{result}" in draft.objective["command"]
    usable = (m for m in metrics if m.where == ("written" if to_file else "printed"))
    set_metric(draft, next(usable, None), str(program.path))
    return draft


def _values(
    program: Program, tree: ast.Module, config: Option | None, constants: Constants
) -> Mapping[str, Any]:
    """The settings in the file that the program reads today, if it can be found."""
    named = [config.known_default] if config else []
    named += [constants.value(n) for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    for file in named:
        if isinstance(file, str) and re.fullmatch(r"[^\n\0]{1,200}\.(json|ya?ml)", file):
            for folder in (Path(), program.path.parent):
                content = _content(folder / file)
                if isinstance(content, dict):
                    return {str(key): value for key, value in content.items()}
    return {}


def _content(path: Path) -> Any:
    try:
        return load_foreign(path)
    except HarmonicaError:
        return None


def _command(
    program: Program,
    passed: Sequence[str],
    config: Option | None,
    options: Sequence[Option],
    written: bool,
    draft: Draft,
) -> str:
    text = ast.unparse(program.syntax)
    words = list(program.words)
    if config is not None:
        words += [config.flag, "{config}"] if config.flag else ["{config}"]
    elif "HARMONICA_CONFIG" not in text:
        if not re.search(r"sys\.argv", text):
            draft.todo.append(
                f"objective.command: {program.path} has to be given the file {{config}}, or read "
                "the one that the environment variable HARMONICA_CONFIG names"
            )
        words.append("{config}")
    result = next((o for o in options if plain_name(o.name) in (*RESULTS, "output", "out")), None)
    if result is not None and written:
        words += [result.flag, "{result}"] if result.flag else ["{result}"]
    elif written and re.search(r"sys\.argv\[2\]|sys\.argv\[1:\]", text):
        words.append("{result}")
    return " ".join(map(quoted, [*words, *passed]))


def _fix(draft: Draft, settings: Settings) -> None:
    """Give a program that needs them the settings that are not searched."""
    fixed = [*(setting for setting, _ in settings.others), settings.seed, settings.budget]
    fixed += [setting for setting, _ in settings.places]
    for setting in fixed:
        if setting is None or not setting.required:
            continue
        value = setting.known_default
        if not isinstance(value, bool | int | float | str):
            value = 0 if setting is settings.seed else f"TODO-{setting.name}"
            if setting is not settings.seed:
                draft.todo.append(f"fidelity.{setting.name}: has to be given")
        draft.fixed[setting.name] = value
        settings.others = [entry for entry in settings.others if entry[0] is not setting]
    if draft.fixed:
        draft.assumed.append(f"all trainings share {shown_names(draft.fixed)} (fidelity)")
    if settings.budget and settings.budget.required:
        draft.assumed.append(
            f"for short first trainings have the program read {settings.budget.name} from the "
            "environment variable HARMONICA_BUDGET"
        )


def find_function(program: Program, wanted: str = "") -> ast.FunctionDef | None:
    """The function of a program that can be called with a configuration.

    Parameters
    ----------
    program
        The program.
    wanted
        Its name; by default ``objective``.
    """
    functions = [n for n in program.syntax.body if isinstance(n, ast.FunctionDef) and n.args.args]
    return next((f for f in functions if f.name == (wanted or OBJECTIVE)), None)


def asks_a_trial(function: ast.FunctionDef) -> bool:
    """Whether it is an objective function of Optuna's."""
    return bool(read_suggestions(function, function.args.args[0].arg, Constants(function)))


def draft_from_function(program: Program, name: str) -> Draft:
    """A draft with the keys that a function reads from its first argument as parameters.

    Parameters
    ----------
    program
        The module.
    name
        Of the search.

    Raises
    ------
    HarmonicaError
        When it has no such function, or cannot be imported from here.
    """
    function = find_function(program)
    if function is None:
        raise HarmonicaError(
            f"{program.path}: has no function {OBJECTIVE}(configuration), which the template "
            "callable needs: rename the function that trains to this, or choose another template."
        )
    module = _module(program.path)
    tree, constants = program.syntax, Constants(program.syntax)
    first = function.args.args[0].arg
    suggested = read_suggestions(function, first, constants)
    settings: list[Setting] = suggested or keys_read(
        ast.Module([function], []), {first}, constants, {}
    )
    draft = Draft(name, f"the function {function.name} of {program.path}")
    draft.objective["callable"] = f"{module}:{function.name}"
    sorted_ = sort_settings(settings)
    _fix(draft, sorted_)
    fill_space(draft, sorted_)
    draft.budget = None
    _about_arguments(draft, function, bool(suggested))
    metric = returned_metric(tree, function.name)
    set_metric(draft, metric, function.name)
    if direction := study_direction(tree, constants):
        draft.objective["direction"] = direction
        draft.assumed.append(f"{program.path} creates a study to {direction}")
    return draft


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    if path.is_absolute() or not all(part.isidentifier() for part in parts):
        raise HarmonicaError(
            f"{path}: cannot be imported from {Path.cwd()}: run harmonica init where "
            "its folder, or the package that it belongs to, is, and name it relative to that."
        )
    return ".".join(parts)


def _about_arguments(draft: Draft, function: ast.FunctionDef, suggested: bool) -> None:
    arguments = function.args
    names = [argument.arg for argument in (*arguments.args[1:], *arguments.kwonlyargs)]
    if "budget" in names:
        draft.budget = Budget("budget", None)
    needed = arguments.args[1 : len(arguments.args) - len(arguments.defaults)]
    needed += [a for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not d]
    unknown = [argument.arg for argument in needed if argument.arg not in ARGUMENTS]
    if unknown:
        draft.todo.append(
            f"objective.callable: {function.name} also needs {', '.join(unknown)}; "
            f"it receives only {', '.join(ARGUMENTS)} and the configuration"
        )
    if suggested:
        first = arguments.args[0].arg
        draft.todo.append(
            f"objective.callable: {function.name} receives a dictionary instead of a trial; write "
            f"{first}[NAME] for {first}.suggest_...(NAME, ...)"
        )
