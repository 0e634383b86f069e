"""``harmonica init``: from a program or a known space to a config file, and what to do next."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.init import Template, from_options
from harmonica_steps.init.configuration import complete
from harmonica_steps.init.draft import Draft, set_metric
from harmonica_steps.init.from_command import draft_from_command, other_reader
from harmonica_steps.init.from_dictionary import (
    asks_a_trial,
    draft_from_function,
    draft_from_json,
    find_function,
    reads_json,
)
from harmonica_steps.init.from_hydra import draft_from_hydra, hydra_call
from harmonica_steps.init.known_space import KnownSpace, of_configspace, of_study, use
from harmonica_steps.init.source import Program, read_program
from harmonica_steps.init.tell import tell
from harmonica_steps.init.write import write_config
from harmonica_steps.outputs import check_output


@dataclass(frozen=True)
class Request:
    """What the user asks for."""

    program: Path | None = None
    template: Template | None = None
    study: Path | None = None
    study_name: str | None = None
    configspace: Path | None = None
    output: Path = Path("harmonica.yaml")
    force: bool = False
    passed: Sequence[str] = field(default_factory=tuple)
    """Words to pass on to the program."""


def create(request: Request) -> None:
    """Write a config file and say what was assumed.

    Raises
    ------
    HarmonicaError
        When something that is named cannot be read, or the config file is there already.
    """
    _check(request)
    known = None
    if request.study:
        known = of_study(request.study, request.study_name)
    elif request.configspace:
        known = of_configspace(request.configspace)
    draft = _draft(request, known)
    if known:
        use(draft, known)
    if not draft.space:
        raise HarmonicaError(
            f"{request.program}: nothing in it looks like a hyperparameter. "
            f"`harmonica init {shlex.quote(str(request.program))} --template command` writes a "
            "config file to fill in."
        )
    try:
        content = complete(draft)
    except HarmonicaError as error:
        source = request.program or request.study or request.configspace
        raise HarmonicaError(f"{source}: gives no valid config file; {error}.") from None
    write_config(request.output, draft, content)
    tell(draft, content, request.output)


def _check(request: Request) -> None:
    if request.template and request.program is None:
        raise HarmonicaError(f"--template {request.template} needs a program to read.")
    if request.program is None and request.study is None and request.configspace is None:
        raise HarmonicaError(
            "name your program, e.g. harmonica init train.py, or where the space comes from: "
            "--from-study FILE or --from-configspace FILE."
        )
    if request.study and request.configspace:
        raise HarmonicaError("use either --from-study or --from-configspace, not both.")
    if request.study_name and not request.study:
        raise HarmonicaError("--study-name needs --from-study FILE, which is missing.")
    if request.output.suffix not in (".yaml", ".yml"):
        raise HarmonicaError(f"--output {request.output}: must end in .yaml.")
    if request.output.exists() and not request.force:
        raise HarmonicaError(
            f"{request.output}: already exists. Choose another --output, or replace it with "
            "--force."
        )
    check_output(request.output, "a config file", Path.is_file)  # --force: whatever it holds


def _draft(request: Request, known: KnownSpace | None) -> Draft:
    if request.program is None:
        return _without_program(request)
    program = read_program(request.program)
    name = search_name(program.path.stem)
    template = request.template or _recognised(program)
    if template == "argparse":
        space = known.space if known else None
        return from_options.draft_from_options(program, request.passed, name, space)
    if template == "hydra":
        return draft_from_hydra(program, request.passed, name)
    if template == "json":
        return draft_from_json(program, request.passed, name)
    if template == "callable":
        return draft_from_function(program, name)
    reader = other_reader(program) if program.tree else "its own means"
    why = f"{program.path} reads its options by {reader or 'its own means'}"
    return draft_from_command(program, request.passed, name, why)


def _recognised(program: Program) -> Template:
    """How a program is given its settings."""
    function = find_function(program)
    if hydra_call(program):
        return "hydra"
    if function and asks_a_trial(function):
        return "callable"
    if from_options.has_parameters(program):
        return "argparse"
    if reads_json(program):
        return "json"
    if function:
        return "callable"
    if other_reader(program):
        return "command"
    raise HarmonicaError(
        f"{program.path}: no options, no JSON file and no function objective(configuration) were "
        f"found in it. `harmonica init {shlex.quote(str(program.path))} --template command` writes "
        "a config file to fill in."
    )


def _without_program(request: Request) -> Draft:
    source = request.study or request.configspace or Path("search")
    draft = Draft(search_name(source.stem), "")
    draft.objective["command"] = "python TODO-train.py {args} --seed {seed}"
    draft.todo.append("objective.command: the command of a training")
    set_metric(draft, None, "the program")
    return draft


def search_name(text: str) -> str:
    """A text as the name of a search."""
    found = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    return found[:60] or "search"
