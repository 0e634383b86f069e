"""The terminal summary: what was found, stage by stage, and the best configuration."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from harmonica_steps.records.best import ranked
from harmonica_steps.report.comparison import further_metrics, totals
from harmonica_steps.report.console import console
from harmonica_steps.report.effects import shown
from harmonica_steps.results.best import Best, better_elsewhere, chosen
from harmonica_steps.results.psr import Psr
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.results.tables import read_metrics
from harmonica_steps.results.trained import trained
from harmonica_steps.search.plan import Part
from harmonica_steps.terminal import brief


def show_searches(folders: Sequence[Path]) -> None:
    """Print what each of the searches has found so far, and a comparison of several."""
    screen = console()
    searches = [SearchRun.at(folder) for folder in folders]
    for search in searches:
        _show(screen, search)
    if len(searches) > 1:
        _compare(screen, searches)


def _show(screen: Console, search: SearchRun) -> None:
    objective = search.config.objective
    screen.print(
        f"\n{search.config.search}: {objective.direction} {brief(objective.metric)}", style="bold"
    )
    table = Table()
    table.add_column("part")
    for name in ("trainings", "failed", "budget", "best", "median", "mean"):
        table.add_column(name, justify="right")
    for part in search.parts:
        table.add_row(*_row(search, part))
    screen.print(table)
    for stage in range(1, len(search.config.stages) + 1):
        if search.folder.psr(stage).exists():
            _show_stage(screen, search, stage, search.psr(stage))
    if best := search.best():
        _show_best(screen, search, best)


def _row(search: SearchRun, part: Part) -> tuple[str, ...]:
    path = search.folder.metrics(part.name)
    budget = f"{part.budget:g}"
    if not path.exists():
        return (part.name, str(part.trials), "", budget, "not done", "", "")
    table = read_metrics(search, part.name)
    if not len(table):
        return (part.name, "0", "", budget, "skipped", "", "")
    values = table["value"].to_numpy(dtype=float)
    failed = str(int(table["status"].isin(FAILURES).sum()))
    order = ranked(trained(search, part), search.config.objective.direction)
    if not order or order[0].value is None:
        return (part.name, str(part.trials), failed, budget, "none", "", "")
    numbers = (order[0].value, np.nanmedian(values), np.nanmean(values))
    return (part.name, str(part.trials), failed, budget, *(f"{n:.4g}" for n in numbers))


def _show_stage(screen: Console, search: SearchRun, stage: int, psr: Psr) -> None:
    if not psr["terms"]:
        screen.print(psr["message"], style="bold yellow")
        return
    table = Table(
        title=f"What mattered in stage {stage} (held-out R2 {_number(psr['held_out_r2'], '.2f')})",
        title_justify="left",
    )
    table.add_column("term")
    for name in ("weight", "variance", "stability"):
        table.add_column(name, justify="right")
    table.add_column("best setting")
    for term in psr["terms"]:
        settings = ", ".join(
            f"{brief(name)}={brief(shown(value))}" for name, value in term["prefers"].items()
        )
        table.add_row(
            " x ".join(map(brief, term["parameters"])),
            f"{term['weight']:{'+' if term['signed'] else ''}.3g} ± {term['standard_error']:.2g}",
            f"{term['share']:.0%}",
            _number(term["stability"], ".0%"),
            settings,
        )
    screen.print(table)
    small = psr.get("small_effects")
    if small and "small effects" in psr["finding"]:
        screen.print(
            f"And many small effects: together {max(small['held_out_r2'], 0):.0%} of the variance "
            f"of unseen samples (p = {small['p_value']:.1g})"
        )
    restriction = search.restriction(stage)
    screen.print(
        f"Frozen after stage {stage}: {len(restriction.frozen)} of {len(search.space)} parameters, "
        f"narrowed: {len(restriction.narrowed)}, {len(restriction.candidates)} candidate(s); the "
        "first: "
        + ", ".join(
            f"{brief(k)}={brief(shown(v))}" for k, v in restriction.candidates[0].assignment.items()
        )
    )


def _number(value: float | None, form: str) -> str:
    return "unknown" if value is None else format(value, form)


def _show_best(screen: Console, search: SearchRun, best: Best) -> None:
    others = "".join(f", {brief(k)} {v:.4g}" for k, v in best["metrics"].items())
    screen.print(
        f"Best {brief(best['metric'])}: {best['value']:.4g}{others} ({chosen(best)}, seed "
        f"{best['seed']})",
        style="bold green",
    )
    if note := better_elsewhere(best):
        screen.print(note, style="yellow")
    path = search.folder.configuration
    screen.print(f"  configuration: {path}\n  details:       {search.folder.best}")
    if search.folder.report.is_file():
        screen.print(f"  report:        {search.folder.report}")


def _compare(screen: Console, searches: Sequence[SearchRun]) -> None:
    metrics = list(dict.fromkeys(s.config.objective.metric for s in searches))
    table = Table(title="Compared", title_justify="left")
    table.add_column("search")
    for name in ("trainings", "training CPU s", *(f"best {m}" for m in metrics)):
        table.add_column(name, justify="right")
    found = [totals(search) for search in searches]
    others = further_metrics([total.best for total in found])
    for name in others:
        table.add_column(f"its {name}", justify="right")
    for search, (trainings, seconds, best) in zip(searches, found, strict=True):
        row = [search.config.search, str(trainings), f"{seconds:.0f}"]
        for metric in metrics:
            hit = best is not None and best["metric"] == metric
            row.append(f"{best['value']:.4g}" if hit and best else "")
        row += [
            f"{best['metrics'][n]:.4g}" if best and n in best["metrics"] else "" for n in others
        ]
        table.add_row(*row)
    screen.print(table)
