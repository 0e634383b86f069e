"""What ``harmonica try`` prints around the program's own output."""

import json
import os
import shlex
import shutil
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from harmonica_steps.config import Search
from harmonica_steps.report.console import duration
from harmonica_steps.report.plan_view import Cost, Machine
from harmonica_steps.search.plan import Part, parts
from harmonica_steps.terminal import brief
from harmonica_steps.tryout.choice import Choice


def show_choice(screen: Console, choice: Choice, configuration: Mapping[str, Any]) -> None:
    """Say what is trained."""
    screen.print(f"Configuration: {choice.origin}")
    screen.print(f"  {json.dumps(configuration)}", soft_wrap=True)
    continued = "" if choice.continues is None else ", continued from {part}/{trial}"
    screen.print(
        f"Training: as in {choice.part.name}, budget {choice.budget:g}, seed {choice.seed}"
        + continued.format_map(choice.continues or {})
    )


def show_command(screen: Console, argv: list[str], environment: Mapping[str, str]) -> None:
    """Show a command that can be pasted into a shell."""
    program = argv[0]
    if not os.path.dirname(program):  # noqa: PTH120
        # The environment that runs Harmonica need not be activated.
        mine = shutil.which(program)
        theirs = shutil.which(program, path=environment.get("PATH"))
        program = program if mine == theirs or theirs is None else theirs
    variables = [f"{name}={value}" for name, value in environment.items() if name != "PATH"]
    screen.print("Command:")
    screen.print(f"  {shlex.join(['env', *variables])} \\", soft_wrap=True)
    screen.print(f"  {shlex.join([program, *argv[1:]])}", soft_wrap=True)
    screen.print("Output:")


def show_record(screen: Console, record: Mapping[str, Any], metric: str) -> None:
    """Show how the training has ended."""
    rows = [("status", record["status"])]
    if record["cause"]:
        rows.append(("cause", brief(record["cause"])))
    if record["value"] is not None:
        rows.append((brief(metric), f"{record['value']:g}"))
    rows += [(brief(name), f"{value:g}") for name, value in record["metrics"].items()]
    if curve := record.get("curve"):
        (first, _), (last, _) = curve[0], curve[-1]
        rows.append(("learning curve", f"step {first:.10g} to {last:.10g}"))
    run = record["run"]
    rows.append(("time", f"{run['seconds']:.3g} s ({run['cpu_seconds']:.3g} s of CPU time)"))
    rows.append(("peak memory", f"{run['memory_mb']:.0f} MB (its largest process)"))
    width = max(len(name) for name, _ in rows)
    screen.print("Result:")
    for name, value in rows:
        screen.print(f"  {name:{width}}  {value}", soft_wrap=True)


def show_cost(
    screen: Console, search: Search, choice: Choice, seconds: float, machine: Machine
) -> None:
    """Say what the whole search would cost if time was proportional to the budget."""
    known = parts(search)
    each = {part.name: seconds * part.added_budget / choice.budget for part in known}
    costs = [Cost.of(part.trials, each[part.name], machine) for part in known]
    hours = sum(cost.core_hours for cost in costs)
    gpu = f" and {sum(c.gpu_hours for c in costs):.3g} GPU-hours" if machine.gpus else ""
    screen.print(
        f"The whole search: {sum(part.trials for part in known)} trainings, about {hours:.3g} "
        f"core-hours{gpu}, {duration(sum(cost.wall_seconds for cost in costs))} with "
        f"{machine.parallel} task{'s' if machine.parallel > 1 else ''} in parallel, if the time of "
        "a training grows with its budget"
        + ("." if _all_alike(known, choice) else " and does not depend on fixed settings.")
    )
    longest = max(known, key=lambda part: each[part.name])
    timeout = search.objective.timeout
    if each[longest.name] > timeout:
        screen.print(
            f"With the budget of {longest.name} ({longest.added_budget:g}) a training would take "
            f"{duration(each[longest.name])}, longer than objective.timeout ({timeout:g} s): raise "
            "it."
        )


def _all_alike(known: list[Part], choice: Choice) -> bool:
    return all(part.fidelity == choice.fixed for part in known)
