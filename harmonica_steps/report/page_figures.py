"""The figures of the report's page, and the library that draws them."""

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vl_convert

from harmonica_steps.files import replacing
from harmonica_steps.report import answer_charts, charts
from harmonica_steps.report.answer import important_terms
from harmonica_steps.report.bracket import finished
from harmonica_steps.report.curves import curves
from harmonica_steps.report.curves_chart import curves_chart
from harmonica_steps.report.drift import Drift, drifts
from harmonica_steps.report.drift_chart import drift_chart
from harmonica_steps.report.effects import STATISTIC
from harmonica_steps.report.facts import Facts, StageFacts
from harmonica_steps.report.verdict import number


@dataclass(frozen=True)
class Figure:
    """A chart with the words that go with it."""

    title: str
    description: str
    """What it shows, for those who do not see it."""
    specification: dict[str, Any]


def page_figures(facts: Facts) -> dict[str, list[Figure]]:
    """All figures by the place in the page that they belong to."""
    with charts.unchecked():
        found = {
            "importance": _importance(facts),
            "course": _course(facts),
            "stages": _distribution(facts),
            "drift": [_drift(drift) for drift in drifts(facts.opened.space, facts.parts)],
            "bracket": _bracket(facts),
            "curves": _curves(facts),
        }
        for stage in facts.stages:
            found[f"main-{stage.number}"] = _main(facts, stage)
            found[f"joint-{stage.number}"] = _joint(facts, stage)
    return found


def charts_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script.

    Putting them together takes seconds of CPU time, so the result is kept for the next report.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harmonica"
    path = cache / f"vega-{version('vl-convert-python')}.js"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            beside.write_text(script, encoding="utf-8")
    except Exception:
        return script  # a home that cannot be written to costs time, not the report
    return script


def _importance(facts: Facts) -> list[Figure]:
    terms = important_terms(facts)
    if not terms:
        return []
    said = "; ".join(f"{term.name}: {term.share:.0%}" for term in terms)
    description = f"Share of the variance of {facts.metric} that each term explains. {said}."
    chart = answer_charts.importance(terms, "container")
    return [Figure("What matters", description, charts.specification(chart))]


def _course(facts: Facts) -> list[Figure]:
    parts = [part for part in facts.parts if part.numbers(facts.direction)]
    if len(parts) < 2:
        return []
    chart = answer_charts.course(parts, facts.metric, facts.direction, "container")
    said = "; ".join(
        f"{part.title}: {number(part.numbers(facts.direction)['best'])}" for part in parts
    )
    description = f"Best and median {facts.metric} of each part. Best: {said}."
    return [Figure("How it went", description, charts.specification(chart))]


def _distribution(facts: Facts) -> list[Figure]:
    shown_parts = [part for part in facts.parts if len(part.values)]
    if not shown_parts:
        return []
    chart = charts.distribution(shown_parts, facts.metric, facts.direction, "container")
    said = "; ".join(
        f"{part.title}: median {number(part.numbers(facts.direction)['median'])}, "
        f"mean {number(part.numbers(facts.direction)['mean'])}"
        for part in shown_parts
    )
    title = f"{facts.metric}, stage by stage"
    description = f"Distribution of {facts.metric} in every part. {said}."
    return [Figure(title, description, charts.specification(chart))]


def _drift(drift: Drift) -> Figure:
    if drift.shares:
        ends = (drift.shares[0], drift.shares[-1])
        said = "; ".join(f"{name}: {ends[0][name]:.0%} to {ends[1][name]:.0%}" for name in ends[0])
        what = f"Share of the samples with each setting, {drift.parts[0]} to {drift.parts[-1]}"
    else:
        said = "; ".join(
            f"{part}: {number(found[0])} to {number(found[-1])}"
            for part, found in zip(drift.parts, drift.ranges, strict=True)
            if found
        )
        what = "Where the middle 80 % of the samples lie"
    chart = charts.specification(drift_chart(drift, "container"))
    return Figure(drift.parameter, f"{what}. {said}.", chart)


def _main(facts: Facts, stage: StageFacts) -> list[Figure]:
    figures = []
    statistic = STATISTIC[stage.psr["transform"]]
    for effect in stage.main:
        chart = charts.main_effect(
            effect, facts.metric, statistic, "container", charts.scale(stage.range)
        )
        said = "; ".join(f"{name}: {number(cell.middle)}" for name, cell in effect.settings)
        figures.append(
            Figure(
                effect.parameter,
                f"{statistic.capitalize()} {facts.metric} for each setting of {effect.parameter}. "
                f"{said}.",
                charts.specification(chart),
            )
        )
    return figures


def _joint(facts: Facts, stage: StageFacts) -> list[Figure]:
    figures = []
    statistic = STATISTIC[stage.psr["transform"]]
    for effect in stage.joint:
        third = len(effect.parameters) > 2
        # Vega-Lite fits single panels to their container, not several.
        chart = charts.joint_effect(effect, facts.metric, statistic, 260 if third else "container")
        said = "; ".join(
            f"{', '.join(names)}: {number(cell.middle)}" for names, cell in effect.cells
        )
        title = " × ".join(effect.parameters)
        figures.append(
            Figure(
                title,
                f"{statistic.capitalize()} {facts.metric} for the settings of {title}. {said}.",
                charts.specification(chart),
            )
        )
    return figures


def _bracket(facts: Facts) -> list[Figure]:
    rungs = finished(facts.parts)
    if len(rungs) < 2 or not any(c.last is not None for c in facts.contenders):
        return []
    chart = charts.bracket(facts.contenders, rungs, facts.metric, "container")
    halving = any(part.part.rung is not None for part in rungs)
    title = "Who went on" if halving else "Round by round"
    description = f"{facts.metric} of the configurations; the table below has the numbers."
    return [Figure(title, description, charts.specification(chart))]


def _curves(facts: Facts) -> list[Figure]:
    found = curves(facts)
    if not found:
        return []
    shown = next((curve for curve in found if curve.best), found[0])
    (first, before), (last, after) = shown.points[0], shown.points[-1]
    which = f"The {'best' if shown.best else 'first'} ({shown.name})"
    description = (
        f"{facts.metric} of {len(found)} trainings, step by step. {which} goes from "
        f"{number(before)} at step {first:.10g} to {number(after)} at step {last:.10g}."
    )
    title = f"{facts.metric}, step by step"
    chart = curves_chart(found, facts.metric, "container")
    return [Figure(title, description, charts.specification(chart))]
