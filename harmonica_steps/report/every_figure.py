"""All figures of a search, by the place in the page that they belong to."""

from functools import partial

import altair as alt
import numpy as np

from harmonica_steps.report import answer_charts, charts
from harmonica_steps.report.answer import important_parameters, important_terms
from harmonica_steps.report.axes import axis
from harmonica_steps.report.bracket import finished
from harmonica_steps.report.budgets import agreement_chart, agreements
from harmonica_steps.report.comparable import groups, spread
from harmonica_steps.report.curves import curves
from harmonica_steps.report.curves_chart import curves_chart
from harmonica_steps.report.drift import Drift, drifts
from harmonica_steps.report.drift_chart import drift_chart
from harmonica_steps.report.effect_charts import joint_effect, main_effect
from harmonica_steps.report.effects import Summary
from harmonica_steps.report.explored_charts import slice_of
from harmonica_steps.report.facts import Facts, StageFacts
from harmonica_steps.report.figure import Figure
from harmonica_steps.report.history import histories, history_chart
from harmonica_steps.report.parallel import BEST, MOST_LINES, parallel
from harmonica_steps.report.timeline import timeline, timeline_chart
from harmonica_steps.report.words import number
from harmonica_steps.search.transforms import statistic_of

NARROW, WIDE = 280, 640
"""Pixels of the figures in files."""
MOST_AXES = 8
"""Parameters in parallel coordinates."""


def figures_of(facts: Facts) -> dict[str, list[Figure]]:
    """All that there is something to draw for."""
    found = {
        "importance": _importance(facts),
        "course": _course(facts),
        "stages": _distribution(facts),
        "history": _history(facts),
        "drift": [_drift(drift) for drift in drifts(facts.search.space, facts.parts)],
        **_trainings(facts),
        "bracket": _bracket(facts),
        "budgets": _budgets(facts),
        "curves": _curves(facts),
        "timeline": _timeline(facts),
    }
    for stage in facts.stages:
        found[f"main-{stage.number}"] = _main(facts, stage)
        found[f"joint-{stage.number}"] = _joint(facts, stage)
    return {place: figures for place, figures in found.items() if figures}


def _importance(facts: Facts) -> list[Figure]:
    terms = important_terms(facts)
    if not terms:
        return []
    said = "; ".join(f"{term.name}: {term.share:.0%}" for term in terms)
    description = f"Share of the variance of {facts.metric} that each term explains. {said}."
    return [Figure("What matters", description, partial(answer_charts.importance, terms), WIDE)]


def _course(facts: Facts) -> list[Figure]:
    parts = [part for part in facts.parts if part.numbers(facts.direction)]
    if len(parts) < 2:
        return []
    said = "; ".join(
        f"{part.title}: {number(part.numbers(facts.direction)['best'])}" for part in parts
    )
    description = f"Best and median {facts.metric} of each part. Best: {said}."
    draw = partial(answer_charts.course, parts, facts.metric, facts.direction)
    return [Figure("How it went", description, draw, WIDE)]


def _distribution(facts: Facts) -> list[Figure]:
    parts = [part for part in facts.parts if len(part.values)]
    if not parts:
        return []
    said = "; ".join(
        f"{part.title}: median {number(part.numbers(facts.direction)['median'])}, "
        f"mean {number(part.numbers(facts.direction)['mean'])}"
        for part in parts
    )
    description = f"Distribution of {facts.metric} in every part. {said}."
    draw = partial(charts.distribution, parts, facts.metric, facts.direction)
    return [Figure(f"{facts.metric}, stage by stage", description, draw, 76 * len(parts) + 24)]


def _history(facts: Facts) -> list[Figure]:
    return [
        Figure(
            f"History of the best: {title[0].lower()}{title[1:]}",
            f"{facts.metric} of {len(found.values)} trainings in the order in which they ended. "
            f"The best was {number(found.best[0])} at first and {number(found.best[-1])} at the "
            "end.",
            partial(history_chart, found, facts.metric),
            WIDE,
        )
        for title, found in histories(groups(facts.parts), facts.direction)
    ]


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
    return Figure(drift.parameter, f"{what}. {said}.", partial(drift_chart, drift), NARROW)


def _trainings(facts: Facts) -> dict[str, list[Figure]]:
    """Parallel coordinates, and a slice of each of the same parameters."""
    found = groups(facts.parts)
    if not found or len(found[0].values) < 2:
        return {}
    group = found[0]
    rows = spread(group.best_first(facts.direction), BEST, MOST_LINES)
    names = important_parameters(facts)[:MOST_AXES]
    axes = [axis(facts.search.space, name, group.trainings.iloc[rows]) for name in names]
    values, parts = group.values[rows], group.parts[rows]
    description = (
        f"{len(rows)} trainings as lines across {', '.join(names)} and {facts.metric}; the best "
        f"{min(BEST, len(rows))} are highlighted. Drag along an axis to select the trainings that "
        "pass there."
    )
    draw = partial(parallel, axes, values, facts.metric)
    slices = [
        Figure(
            shown.name,
            f"{facts.metric} of each training for the values of {shown.name}.",
            slice_of(shown, values, parts, BEST, facts.metric),
            NARROW,
        )
        for shown in axes
    ]
    width = 110 * (len(axes) + 1)
    return {
        "parallel": [Figure(group.title, description, draw, width, wide=True)],
        "slices": slices,
    }


def _main(facts: Facts, stage: StageFacts) -> list[Figure]:
    statistic = statistic_of(stage.psr["transform"])
    shared = charts.scale(stage.range) if stage.main else None
    return [
        Figure(
            effect.parameter,
            f"{statistic.capitalize()} {facts.metric} for each setting of {effect.parameter}. "
            f"{_said([((name,), cell) for name, cell in effect.settings])}.",
            partial(main_effect, effect, facts.metric, statistic, x=shared),
            NARROW,
        )
        for effect in stage.main
    ]


def _joint(facts: Facts, stage: StageFacts) -> list[Figure]:
    figures = []
    statistic = statistic_of(stage.psr["transform"])
    for effect in stage.joint:
        title = " × ".join(effect.parameters)
        description = f"{statistic.capitalize()} {facts.metric} for the settings of {title}."
        draw = partial(joint_effect, effect, facts.metric, statistic)
        said = _said(effect.cells)
        figures.append(Figure(title, f"{description} {said}.", draw, alt.Step(64)))
    return figures


def _said(cells: list[tuple[tuple[str, ...], Summary]]) -> str:
    return "; ".join(f"{', '.join(names)}: {number(cell.middle)}" for names, cell in cells)


def _bracket(facts: Facts) -> list[Figure]:
    rungs = finished(facts.parts)
    if len(rungs) < 2 or not any(c.last is not None for c in facts.contenders):
        return []
    halving = any(part.part.rung is not None for part in rungs)
    title = "What each budget kept" if halving else "Round by round"
    description = f"{facts.metric} of the configurations; the table below has the numbers."
    draw = partial(charts.bracket, facts.contenders, rungs, facts.metric)
    return [Figure(title, description, draw, 150 * len(rungs))]


def _budgets(facts: Facts) -> list[Figure]:
    found = agreements(facts.contenders)
    if not found:
        return []
    said = "; ".join(
        f"{a.smaller:g} and {a.larger:g}: {a.correlation:.2f}, {a.configurations} configurations"
        for a in found
    )
    description = f"Rank correlation of the budgets of the final search. {said}."
    draw = partial(agreement_chart, found)
    return [Figure("Do small budgets agree with large ones?", description, draw, NARROW)]


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
    draw = partial(curves_chart, found, facts.metric)
    return [Figure(f"{facts.metric}, step by step", description, draw, WIDE)]


def _timeline(facts: Facts) -> list[Figure]:
    found = timeline(facts.parts)
    if found is None:
        return []
    failed = int(np.sum(found.bars["status"] != "ok"))
    bars = len(found.bars)
    shown = "" if bars == found.trainings else f", of which {bars} are shown"
    description = (
        f"When {found.trainings} trainings ran on {found.hosts} hosts{shown}; {failed} of those "
        "shown failed."
    )
    return [Figure("When the trainings ran", description, partial(timeline_chart, found), WIDE)]
