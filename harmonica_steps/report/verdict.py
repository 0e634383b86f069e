"""What was found and what to do next, in plain words that follow from the numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harmonica_steps.records.direction import sign_of
from harmonica_steps.report.effects import shown
from harmonica_steps.report.facts import Facts, StageFacts
from harmonica_steps.report.labels import labels
from harmonica_steps.report.words import number, settings
from harmonica_steps.results.best import better_elsewhere, chosen
from harmonica_steps.results.psr import PsrTerm
from harmonica_steps.search.transforms import statistic_of

WEAK = 0.1
"""Held-out R2 below which a stage's terms are hints rather than findings."""
UNSTABLE = 0.5
MANY_FAILURES = 0.05
FEWEST = 10
"""Uniform samples without which their mean says nothing."""
STILL_FALLING = 0.1
"""Part of the metric that the last rung still gained."""


@dataclass(frozen=True)
class Advice:
    """Something to do next."""

    title: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """The report in a few sentences."""

    headline: str
    findings: list[str]
    advice: list[Advice]


def verdict(facts: Facts) -> Verdict:
    """Judge a search, finished or not."""
    return Verdict(_headline(facts), list(_findings(facts)), list(_advice(facts)))


def _weak(stage: StageFacts) -> bool:
    held_out = stage.psr["held_out_r2"]
    return held_out is not None and held_out < WEAK


def _shaky(term: PsrTerm) -> bool:
    return term["stability"] is not None and term["stability"] < UNSTABLE


def _headline(facts: Facts) -> str:
    if facts.best:
        every = facts.search.space.names
        brief = dict(zip(every, labels(every, 40), strict=True))
        names = dict.fromkeys(
            " × ".join(brief.get(name, name) for name in term["parameters"])
            for stage in facts.stages
            if not _weak(stage)
            for term in stage.terms
            if not _shaky(term)
        )
        first = list(names)[:3]
        return (
            f"The best configuration has {facts.metric} {number(facts.best['value'])} "
            f"({chosen(facts.best)})."
            + (f" What matters most: {', '.join(first)}." if first else "")
        )
    planned = sum(part.trials for part in facts.parts)
    progress = f"{facts.done:,} of {planned:,} trainings have finished"
    best = facts.status.best
    if best is None or best.value is None:
        return f"The search has not finished: {progress}."
    return (
        f"The search has not finished: {progress}. Best {facts.metric} so far: "
        f"{number(best.value)} "
        f"({best.first.part}, {facts.status.ranking.chosen})."
    )


def _findings(facts: Facts) -> Iterator[str]:
    if not facts.search.config.stages:
        yield "This search has no spectral stages, so it does not show which parameters matter."
    elif not facts.stages:
        yield "No stage has finished yet, so it is not known which parameters matter."
    elif not any(stage.terms or stage.small_effects for stage in facts.stages):
        yield (
            f"Nothing was found: as far as the samples show, no parameter has an effect on "
            f"{facts.metric} beyond chance. Nothing was frozen."
        )
    for stage in facts.stages:
        yield _found(facts, stage)
    yield from _fall(facts)
    if facts.best and (better := better_elsewhere(facts.best)):
        yield better


def _found(facts: Facts, stage: StageFacts) -> str:
    if stage.skipped:
        return f"Stage {stage.number} was skipped: the stages before it froze nothing new."
    if not stage.terms:
        return (
            f"Stage {stage.number}: no term is better than chance in {stage.psr['samples']} "
            f"samples, so nothing was frozen.{_together(stage)}"
        )
    held_out = stage.psr["held_out_r2"]
    count = len(stage.terms)
    text = (
        f"Stage {stage.number}: {count} term{'s' if count > 1 else ''} explain"
        f"{'' if count > 1 else 's'} {stage.psr['r2']:.0%} of the variance of {facts.metric}"
        + ("" if held_out is None else f" ({max(held_out, 0):.0%} on held-out samples)")
    )
    return f"{text}. The strongest: {_strongest(facts, stage)}{_together(stage)}"


def _together(stage: StageFacts) -> str:
    """What many small effects say."""
    small = stage.small_effects
    if not small:
        return ""
    surest = {entry["parameter"]: entry["towards"] for entry in stage.leaning[:3]}
    return (
        f" There are many small effects: {'the other' if stage.terms else 'all'} main effects "
        f"together explain about {max(small['held_out_r2'], 0):.0%} of the variance of unseen "
        f"samples (p = {small['p_value']:.1g})"
        + (f"; the most certain directions: {settings(surest)}." if surest else ".")
    )


def _strongest(facts: Facts, stage: StageFacts) -> str:
    term = stage.terms[0]
    preferred = {name: shown(value) for name, value in term["prefers"].items()}
    statistic = f"{statistic_of(stage.psr['transform'])} {facts.metric}"
    if len(preferred) == 1 and stage.main:
        cells: dict[tuple[str, ...], float] = {
            (name,): cell.middle for name, cell in stage.main[0].settings
        }
        wanted = tuple(preferred.values())
    else:
        pair = next((p for p in stage.joint if set(p.parameters) == set(preferred)), None)
        cells = {names: cell.middle for names, cell in pair.cells} if pair else {}
        wanted = tuple(preferred[name] for name in pair.parameters) if pair else ()
    others = [value for names, value in cells.items() if names != wanted]
    chosen = settings(term["prefers"])
    if wanted not in cells or not others:
        return f"{chosen} is preferred."
    spread = number(min(others))
    if max(others) > min(others):
        spread += f" to {number(max(others))}"
    return f"with {chosen} the {statistic} was {number(cells[wanted])}, otherwise {spread}."


def _fall(facts: Facts) -> Iterator[str]:
    """The paper's measure of success: uniform samples get better from stage to stage."""
    parts = [part for part in facts.parts if len(part.uniform_values) >= FEWEST]
    for before, after in pairwise(parts):
        frozen = any(stage.number == before.number and stage.changed for stage in facts.stages)
        if frozen and before.part.trains_like(after.part):
            old, new = before.uniform_values.mean(), after.uniform_values.mean()
            better = sign_of(facts.direction) * (new - old) < 0
            yield (
                f"Freezing after {before.title.lower()} moved the mean {facts.metric} of uniform "
                f"samples from {number(old)} to {number(new)}"
                + ("." if better else ": the wrong direction, so treat its findings with caution.")
            )


def _advice(facts: Facts) -> Iterator[Advice]:
    if not facts.best:
        yield Advice(
            "Resume the search.",
            "Rerun the command that started it: finished trainings are kept. harmonica status "
            f"{facts.search.folder.root} shows the progress.",
        )
    if facts.failed > MANY_FAILURES * max(facts.done, 1):
        worst = max(facts.causes, key=lambda cause: len(cause.trials))
        yield Advice(
            f"Look at the failures: {facts.failed} of {facts.done} trainings.",
            f"Most common: {worst.cause} in {worst.part} ({len(worst.trials)} times). Failures of "
            "the stages enter the recovery as their policy says, which may bias its terms.",
        )
    yield from _about_stages(facts)
    yield from _about_the_end(facts)


def _about_stages(facts: Facts) -> Iterator[Advice]:
    enough = any(stage.skipped for stage in facts.stages) and any(s.terms for s in facts.stages)
    for stage in facts.stages:
        if stage.skipped or (not stage.terms and enough):
            continue  # that it found nothing is why others were not needed
        if not stage.terms and stage.small_effects:
            continue  # guided samples make use of it
        if not stage.terms:
            yield Advice(
                f"Give stage {stage.number} more samples, or leave it out.",
                "More samples, a lower degree, a larger budget or a less noisy metric may show "
                "what these samples do not. If no parameter matters, the final search alone is "
                "cheaper (stages: []).",
            )
            continue
        if _weak(stage):
            yield Advice(
                f"Treat the findings of stage {stage.number} as tentative.",
                f"Its terms explain {max(stage.psr['held_out_r2'] or 0, 0):.0%} of the variance "
                "of held-out samples. More samples in that stage would settle it.",
            )
    yield from _doubts(facts)
    yield from _edges(facts)


def _doubts(facts: Facts) -> Iterator[Advice]:
    shaky = [
        f"{' × '.join(term['parameters'])} (stage {stage.number})"
        for stage in facts.stages
        if not _weak(stage)
        for term in stage.terms
        if _shaky(term)
    ]
    if shaky:
        yield Advice(
            "Do not rely on the weaker terms.",
            "They are found in fewer than half of the random halves of the samples: "
            f"{'; '.join(shaky)}. "
            "More samples would show whether they are real. What they froze is in "
            "stage-N/frozen.json, which you may edit.",
        )


def _edges(facts: Facts) -> Iterator[Advice]:
    """Advice where the best setting is an end of its range: a better one may lie beyond."""
    for parameter in facts.parameters:
        if parameter.ends:
            levels = parameter.levels
            ends = levels[0] if len(levels) == 1 else f"{levels[0]} to {levels[-1]}"
            yield Advice(
                f"Widen the range of {parameter.name}.",
                f"The best of it is {parameter.values[0]}, at the end of its range ({ends}).",
            )


def _about_the_end(facts: Facts) -> Iterator[Advice]:
    if not facts.best:
        return
    winner = next((contender.scored for contender in facts.contenders if contender.best), [])
    values = [result.value for result in winner if result.value is not None]
    if len(values) > 1:
        before, after = values[-2:]
        gain = sign_of(facts.direction) * (before - after)
        if gain > STILL_FALLING * abs(before):
            yield Advice(
                "Train longer.",
                f"From the second-to-last rung to the last, {facts.metric} of the best went from "
                f"{number(before)} to {number(after)}. A larger max_budget may improve it further.",
            )
    last = facts.stages[-1] if facts.stages else None
    if last and last.terms and not _weak(last) and last.number == len(facts.search.config.stages):
        yield Advice(
            "Add a stage.",
            f"The last one still found {len(last.terms)} term"
            f"{'s' if len(last.terms) > 1 else ''}: in the smaller space there may be more.",
        )
    yield from _about_its_place(facts)
    if facts.search.config.final.retrain:
        return
    yield Advice(
        "Retrain the best with other seeds.",
        f"It was chosen for its {facts.metric}, which is therefore optimistically biased. "
        "final.retrain trains the best with several seeds; the command for one is below.",
    )


def _about_its_place(facts: Facts) -> Iterator[Advice]:
    """A training of a stage may be better than all in the space that the stages have left."""
    best = facts.best["configuration"] if facts.best else {}
    space = facts.search.space
    regions = facts.stages[-1].restriction.regions(space) if facts.stages else []
    at = {n: space.coordinate(n, best[n]) for n in space.names if n in best}
    outside = []
    for region in regions:
        point = np.array([at.get(n, low) for n, low in zip(space.names, region.low, strict=True)])
        missed = ~region.contains(point)
        outside.append({n: best[n] for n, out in zip(space.names, missed, strict=True) if out})
    asked_for = all(stage.incumbent for stage in facts.search.config.stages)
    if outside and all(outside) and not asked_for:
        yield Advice(
            "Keep the best so far in the space.",
            f"The best configuration has {settings(min(outside, key=len))}, which the stages "
            "excluded, because what they froze is better on average. With incumbent: true in the "
            "stages "
            "the best training stays one of the candidates.",
        )
