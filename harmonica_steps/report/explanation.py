"""What moves a recorded number, in the terminal."""

from typing import Any

from rich.table import Table

from harmonica_steps.report.console import console
from harmonica_steps.report.effects import shown
from harmonica_steps.terminal import brief


def show_explanation(found: dict[str, Any]) -> None:
    """Print what `explained` has found."""
    screen = console()
    number, stage = brief(found["number"]), found["stage"]
    held_out = found["held_out_r2"]
    screen.print(
        f"{number} in stage {stage}: median {found['median']:.4g} of {found['samples']} uniform "
        "samples",
        style="bold",
    )
    small = found["small_effects"] if "small effects" in found["finding"] else None
    if found["finding"] == "nothing":
        screen.print(f"No parameter has an effect on {number} beyond chance.", style="yellow")
    if found["terms"]:
        screen.print(_table(found))
        tested = "" if held_out is None else f", {max(held_out, 0):.0%} in samples left out"
        screen.print(
            f"Together they explain {found['r2']:.0%} of the variance of its ranks{tested}."
        )
    if small:
        screen.print(
            f"{'The other' if found['terms'] else 'All'} main effects together explain about "
            f"{max(small['held_out_r2'], 0):.0%} of unseen samples (p = {small['p_value']:.1g}), "
            "most certainly smaller with "
            + ", ".join(
                f"{brief(entry['parameter'])}={brief(shown(entry['towards']))}"
                for entry in small["leaning"][:3]
            )
        )


def _table(found: dict[str, Any]) -> Table:
    table = Table()
    table.add_column("term")
    table.add_column("smaller with")
    for name in ("median there", "elsewhere", "variance", "p-value"):
        table.add_column(name, justify="right")
    for term in found["terms"]:
        settings = (f"{brief(k)}={brief(shown(v))}" for k, v in term["prefers"].items())
        medians = (term[where] for where in ("there", "elsewhere"))
        table.add_row(
            " x ".join(map(brief, term["parameters"])),
            ", ".join(settings),
            *("" if median is None else f"{median:.4g}" for median in medians),
            f"{term['share']:.0%}",
            f"{term['p_value']:.1g}",
        )
    return table
