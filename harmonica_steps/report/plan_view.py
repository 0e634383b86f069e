"""``harmonica plan``: what a search will do and the most it can cost, before it runs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from rich.table import Table

from harmonica_steps.optional import can_draw
from harmonica_steps.report.console import console, duration
from harmonica_steps.report.so_far import SearchStatus
from harmonica_steps.report.status import Reader
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.terminal import brief


@dataclass(frozen=True)
class Machine:
    """What the search is to run on."""

    parallel: int
    """Tasks in parallel."""
    pack: int = 1
    """Trainings that a task runs one after the other."""
    cpus: int = 1
    """CPUs of a training."""
    gpus: int = 0
    """GPUs of a training."""


@dataclass(frozen=True)
class Cost:
    """The cost of some trainings of a part, if all take the same time."""

    tasks: int
    core_hours: float
    gpu_hours: float
    wall_seconds: float

    @classmethod
    def of(cls, trainings: int, seconds: float, machine: Machine) -> "Cost":
        """The cost of `trainings` of `seconds` each."""
        tasks = ceil(trainings / machine.pack)
        hours = trainings * seconds / 3600
        rounds = ceil(tasks / machine.parallel)
        return cls(
            tasks,
            hours * machine.cpus,
            hours * machine.gpus,
            rounds * min(machine.pack, trainings) * seconds,
        )


def show_plan(
    plan: dict[str, Any],
    timeout: float,
    root: Path,
    machine: Machine,
    taken: int = 0,
    remarks: Iterable[str] = (),
    command: str | None = None,
) -> None:
    """Print the plan of a search, and what of it is done.

    Parameters
    ----------
    plan
        What `search.plan.plan` returned.
    timeout
        Of a training, in seconds: the most that it can take.
    root
        The search's folder, which need not be there.
    machine
        What to run it on.
    taken
        How many of the first stage a study has already tried; they come first.
    remarks
        Sentences to print below the numbers.
    command
        That of one training, to be shown as an example.
    """
    status = Reader().read(root) if SearchFolder(root).plan.is_file() else None
    screen = console()
    left = _left(plan, root, status, taken)
    waiting = sum(count for _, count in left)
    costs = [Cost.of(count, timeout, machine) for _, count in left]
    screen.print(_table(plan["search"], left, costs, machine))
    screen.print(_totals(plan))
    for remark in remarks:
        screen.print(remark)
    if command:
        screen.print("The command of a training, for example:")
        screen.print(command, soft_wrap=True)  # in one piece, to be pasted
    if taken:
        screen.print(f"Not trained again: {taken} of stage-1, which are in the imported study.")
    if status:
        needless = sum(part.trainings for part in status.parts if part.skipped)
        done = plan["trainings"] - waiting - needless
        screen.print(
            f"Done already: {done} of the trainings ({root})"
            + (f"; not needed: {needless}, in skipped stages." if needless else ".")
        )
    if not waiting:
        return
    screen.print(_at_most(costs, timeout, machine))
    if status and (seconds := status.seconds_left(machine.parallel)) is not None:
        screen.print(f"Expected from the trainings so far: about {duration(seconds)} more.")


def _left(
    plan: dict[str, Any], root: Path, status: SearchStatus | None, taken: int
) -> list[tuple[dict[str, Any], int]]:
    """Each part, and how many of its trainings are still to be done."""
    recorded = Counter({part.name: part.done for part in status.parts} if status else {})
    imported = [SearchFolder(root).record("stage-1", trial) for trial in range(taken)]
    unrecorded = Counter({"stage-1": sum(not record.exists() for record in imported)})
    done = recorded + unrecorded
    return [(part, part["trainings"] - done[part["part"]]) for part in plan["parts"]]


def _totals(plan: dict[str, Any]) -> str:
    jobs = plan["jobs"] if can_draw() else {**plan["jobs"], "draw_figures": 0}
    depth = plan["sequential_rounds"]
    rounds = "1 round" if depth == 1 else f"{depth} consecutive rounds"
    listed = ", ".join(f"{count} {name}" for name, count in jobs.items() if count)
    return (
        f"{plan['trainings']} trainings in {rounds}; "
        f"{sum(jobs.values())} snakemake jobs in all ({listed})."
    )


def _at_most(costs: list[Cost], timeout: float, machine: Machine) -> str:
    core_hours = sum(cost.core_hours for cost in costs)
    gpu_hours = sum(cost.gpu_hours for cost in costs)
    wall = duration(sum(cost.wall_seconds for cost in costs))
    gpu = f" and {gpu_hours:.4g} GPU-hours" if machine.gpus else ""
    tasks = "1 task" if machine.parallel == 1 else f"{machine.parallel} tasks"
    return (
        f"At most {core_hours:.4g} core-hours{gpu}, and {wall} with {tasks} in parallel, if each "
        f"training took its whole timeout of {duration(timeout)}."
    )


def _table(
    search: str, left: list[tuple[dict[str, Any], int]], costs: list[Cost], machine: Machine
) -> Table:
    table = Table(title=f"Plan of {search}", title_justify="left")
    table.add_column("trainings of", no_wrap=True)
    names = ["all", "to do", "tasks", "budget", "core\nhours"]
    names += ["GPU\nhours"] if machine.gpus else []
    for name in (*names, "wall\ntime"):
        table.add_column(name, justify="right")
    table.add_column("fidelity", overflow="fold")
    for (part, count), cost in zip(left, costs, strict=True):
        row = [part["part"], str(part["trainings"]), str(count), str(cost.tasks)]
        row += [f"{part['budget']:g}", f"{cost.core_hours:.3g}"]
        row += [f"{cost.gpu_hours:.3g}"] if machine.gpus else []
        fidelity = ", ".join(f"{brief(k)}={brief(v)}" for k, v in part["fidelity"].items())
        table.add_row(*row, duration(cost.wall_seconds), fidelity)
    return table
