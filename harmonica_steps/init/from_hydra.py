"""A draft for a program that Hydra configures."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harmonica_steps.config.yaml_file import load_foreign
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.init.constants import DEEPEST, UNKNOWN, Constants, dotted
from harmonica_steps.init.dictionaries import with_value
from harmonica_steps.init.draft import (
    Draft,
    Remark,
    fill_space,
    set_metric,
    sort_settings,
)
from harmonica_steps.init.metric import find_metrics
from harmonica_steps.init.setting import Setting
from harmonica_steps.init.source import Program, quoted
from harmonica_steps.space.numbers import NUMBER

MISSING = "???"
"""What Hydra calls a value that has to be given."""

INTERNAL = ("hydra", "defaults")
"""Keys of a configuration that are Hydra's own."""


def hydra_call(program: Program) -> ast.Call | None:
    """The decorator ``hydra.main`` of a program."""
    for node in ast.walk(program.syntax):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                call = isinstance(decorator, ast.Call) and dotted(decorator.func)
                if call in ("hydra.main", "hydra_main") and isinstance(decorator, ast.Call):
                    return decorator
    return None


def draft_from_hydra(program: Program, passed: Sequence[str], name: str) -> Draft:
    """A draft with the values of a Hydra configuration as parameters.

    Parameters
    ----------
    program
        The program.
    passed
        Overrides to pass on to it unchanged; they are not searched.
    name
        Of the search.

    Raises
    ------
    HarmonicaError
        When the configuration cannot be found or read.
    """
    tree = program.syntax
    constants = Constants(tree)
    call = hydra_call(program)
    if call is None:
        raise HarmonicaError(
            f"{program.path}: has no function with the decorator @hydra.main(...), which the "
            "template hydra needs."
        )
    keywords = {k.arg: constants.value(k.value) for k in call.keywords}
    draft = Draft(name, f"the Hydra configuration of {program.path}")
    fixed = {word.partition("=")[0].lstrip("+~") for word in passed if "=" in word}
    settings = [s for s in _settings(program, keywords, constants, draft) if s.name not in fixed]
    found = sort_settings(settings)
    words = ["{overrides}"] if found.parameters else []
    if found.seed:
        words.append(f"{found.seed.name}={{seed}}")
        draft.assumed.append(f"{found.seed.name} is the seed")
    if found.budget:
        words.append(f"{found.budget.name}={{budget}}")
    for setting, _ in list(found.others):
        if setting.required:
            words.append(f"{setting.name}=TODO-{setting.name}")
            found.others = [entry for entry in found.others if entry[0] is not setting]
            draft.todo.append(f"objective.command: {setting.name} has to be given")
    words.append("hydra.run.dir={workdir}/hydra")
    draft.objective["command"] = " ".join(map(quoted, [*program.words, *words, *passed]))
    fill_space(draft, found)
    printed = (metric for metric in find_metrics(tree) if metric.where == "printed")
    set_metric(draft, next(printed, None), str(program.path))
    return draft


def _settings(
    program: Program, keywords: Mapping[str | None, Any], constants: Constants, draft: Draft
) -> list[Setting]:
    """The single values of the configuration, with dotted names."""
    name, folder = keywords.get("config_name"), keywords.get("config_path")
    if isinstance(name, str) and isinstance(folder, str):
        base = program.path.parent / folder
        path = base / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
        if path.is_file():
            return list(_leaves(_composed(base, path, draft)))
    stored = _stored(program.syntax, constants, name)
    if stored is not None:
        return list(_leaves(stored))
    raise HarmonicaError(
        f"{program.path}: the configuration of hydra.main cannot be found (config_path "
        f"{_shown(folder)}, config_name {_shown(name)}). It is looked for in the YAML files next "
        "to the program, and in what the program puts into the ConfigStore."
    )


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else "unknown"


def _composed(base: Path, path: Path, draft: Draft) -> dict[str, Any]:
    """A configuration with the files that its list of defaults names, each in its group."""
    content = _read(path)
    composed: dict[str, Any] = {}
    for entry in content.get("defaults") or []:
        if isinstance(entry, str) and entry != "_self_" and (base / f"{entry}.yaml").is_file():
            _merge(composed, _read(base / f"{entry}.yaml"))
        for group, option in entry.items() if isinstance(entry, dict) else ():
            group = str(group).split()[-1].partition("@")[0]
            file = base / group / f"{option}.yaml"
            if not isinstance(option, str) or group.startswith("hydra") or not file.is_file():
                continue
            _merge(composed, _nested(group.split("/"), _read(file)))
            others = sorted(f.stem for f in file.parent.glob("*.yaml") if f != file)
            if others:
                also = f"{option}; {', '.join(others)} would have settings of their own"
                draft.left_out.append(Remark(group, f"stays {also}"))
    _merge(composed, content)
    return composed


def _read(path: Path) -> dict[str, Any]:
    content = load_foreign(path)
    return content if isinstance(content, dict) else {}


def _nested(groups: Sequence[str], content: Any) -> dict[str, Any]:
    for group in reversed(groups):
        content = {group: content}
    return dict(content)


def _merge(into: dict[str, Any], content: Mapping[str, Any]) -> None:
    for key, value in content.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _leaves(content: Mapping[str, Any], prefix: str = "") -> Iterator[Setting]:
    for key, value in content.items():
        name = f"{prefix}{key}"
        if (not prefix and key in INTERNAL) or name.count(".") > DEEPEST:
            continue
        if isinstance(value, dict):
            yield from _leaves(value, f"{name}.")
        elif value == MISSING:
            yield Setting(name, kind="text", required=True)
        elif isinstance(value, str) and "${" in value:
            yield Setting(name, kind="text", problem="follows from another value")
        elif key == "_target_":
            yield Setting(name, kind="text", problem="a class")
        else:
            yield _number_in_text(with_value(name, value))


def _number_in_text(setting: Setting) -> Setting:
    """1e-4 is a text for YAML 1.1, and a number for Hydra."""
    if setting.kind == "text" and NUMBER.fullmatch(setting.default):
        return replace(setting, kind="float", default=float(setting.default))
    return setting


def _stored(tree: ast.Module, constants: Constants, name: Any) -> dict[str, Any] | None:
    """What the program puts into Hydra's ConfigStore under a name."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        stored = isinstance(call.func, ast.Attribute) and call.func.attr == "store"
        if not stored or "node" not in keywords or constants.value(keywords.get("name")) != name:
            continue
        node = keywords["node"]
        if isinstance(node, ast.Name) and node.id in classes:
            return _fields(classes[node.id], classes, constants)
        value = constants.value(node)
        return value if isinstance(value, dict) else None
    return None


def _fields(
    node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], constants: Constants, depth: int = 0
) -> dict[str, Any]:
    """The fields of a dataclass, with their defaults."""
    found: dict[str, Any] = {}
    for base in node.bases:
        if depth < 10 and (parent := classes.get(ast.unparse(base))):
            found |= _fields(parent, classes, constants, depth + 1)
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            inner = classes.get(ast.unparse(line.annotation))
            if inner is not None and depth < 10:
                found[line.target.id] = _fields(inner, classes, constants, depth + 1)
            elif "MISSING" in ast.unparse(line.value or line.annotation):
                found[line.target.id] = MISSING
            else:
                value = constants.value(line.value)
                # What only a run tells is a list or the like: numbers are written out.
                found[line.target.id] = [] if value is UNKNOWN else value
    return found
