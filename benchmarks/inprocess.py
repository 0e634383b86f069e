"""A whole search in one process: the functions of the workflow's steps without its files.

The benchmarks that repeat a search many times use it; the tests compare it with the steps.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from harmonica_steps.config import Retrain, Search, Stage, load_start
from harmonica_steps.config.start import check_start
from harmonica_steps.optimisers import Earlier, Optimiser, Request
from harmonica_steps.optimisers.chosen_samples import chosen_samples
from harmonica_steps.records.best import Trained, as_text, ranked, ranking, to_retrain
from harmonica_steps.search.design import Design, Fit, fit
from harmonica_steps.search.draw import BEST, COPIED, Sample, draw, seed_of_round, seed_of_training
from harmonica_steps.search.failure_policy import scores
from harmonica_steps.search.freeze import freeze, incumbent
from harmonica_steps.search.plan import Part, parts
from harmonica_steps.search.promotion import promoted
from harmonica_steps.search.propose import Proposer, Seen, share_of_guided
from harmonica_steps.search.restriction import Assignment, Restriction
from harmonica_steps.search.samples import Samples, observed, pooled, transformed, usable
from harmonica_steps.search.start import start_samples
from harmonica_steps.space import Space

Train = Callable[[dict[str, Any], int, Any], float]
"""Called with configuration, seed and budget; returns the metric, NaN where it diverged."""


@dataclass
class Done:
    """A part that has been trained."""

    part: Part
    samples: list[Sample]
    values: np.ndarray
    """Metrics, NaN for failures."""
    notes: list[dict[str, Any]]
    """What an optimiser that has chosen the samples keeps for later rounds."""


@dataclass
class History:
    """A search in one process."""

    config: Search
    space: Space
    restriction: Restriction = field(default_factory=Restriction)
    earlier: Restriction = field(default_factory=Restriction)
    """What the stages but the last have left."""
    done: dict[str, Done] = field(default_factory=dict)
    recoveries: list[Fit] = field(default_factory=list)

    def scores(self, name: str, counts_as: Any = "drop") -> np.ndarray:
        """Smaller is better."""
        values = [float(value) for value in self.done[name].values]
        finite = [value if np.isfinite(value) else None for value in values]
        return scores(finite, self.config.objective.direction, counts_as)

    def observed(self, name: str, counts_as: Any = "drop") -> Samples:
        """The samples of a stage."""
        return observed(self.done[name].samples, self.scores(name, counts_as))

    def proposer(self, number: int, part: Part, first: list[Sample]) -> Proposer:
        """What chooses the samples of a part beyond the first ones."""
        share = part.guided
        if part.stage is not None:
            share = share_of_guided(share, self.earlier, self.restriction)
        rounds = [self.observed(name) for name in part.informed_by if name in self.done]
        alike = [self.observed(d.part.name) for d in self.done.values() if d.part.trains_like(part)]
        if first:
            alike.append(observed(first, np.zeros(len(first))))
        return Proposer(
            self.space,
            self.restriction,
            self.config.seed,
            number,
            rounds,
            share,
            self.restriction if part.stage is None else None,
            Seen(self.space, alike),
        )

    def trained(self, names: Iterable[str]) -> list[Trained]:
        """The trainings of some parts, as the rule for the best takes them."""
        return [
            Trained(
                name,
                trial,
                part.budget,
                part.fidelity,
                as_text(self.space.active(sample.configuration), {}),
                float(value) if np.isfinite(value) else None,
                sample.origin == COPIED,
            )
            for name in names
            for part in [self.done[name].part]
            for trial, (sample, value) in enumerate(
                zip(self.done[name].samples, self.done[name].values, strict=True)
            )
        ]

    def sample(self, training: Trained) -> Sample:
        """What a training was drawn as."""
        return self.done[training.part].samples[training.trial]

    def ranked(self) -> list[tuple[Sample, float]]:
        """The configurations that compete, best first: first sample and mean metric of each.

        The metric is NaN where all trainings of a configuration failed.
        """
        order = ranking(self.trained(self.done), self.config.objective.direction)
        return [
            (self.sample(c.first), np.nan if c.value is None else c.value) for c in order.candidates
        ]


def run(config: Search, train: Train) -> History:
    """Run the search; rungs train from the start instead of continuing a checkpoint."""
    history = History(config, config.build_space())
    frozen: list[set[Assignment]] = []
    for number, part in enumerate(parts(config), start=1):
        frozen.append(history.restriction.assignments)
        patience = config.stages[part.stage - 1].patience if part.stage else None
        if patience and number > patience and frozen[-1] == frozen[-1 - patience]:
            history.earlier = history.restriction
            continue
        samples, notes = _samples(history, number, part)
        values = trained(history, part, samples, train)
        history.done[part.name] = Done(part, samples, values, notes)
        if part.stage is not None:
            _recover(history, part, config.stages[part.stage - 1])
    return history


def _samples(
    history: History, number: int, part: Part
) -> tuple[list[Sample], list[dict[str, Any]]]:
    config, final = history.config, history.config.final
    if part.previous:
        before = history.done[part.previous].samples
        chosen = [before[i] for i in promoted(history.scores(part.previous), part.trials)]
        return [replace(s, origin=BEST) if s.origin == COPIED else s for s in chosen], []
    informed_by = [name for name in part.informed_by if name in history.done]
    if part.origin in ("draw", "guide"):
        first = _first(history, number, part)
        others = history.proposer(number, part, first).samples(range(len(first), part.trials))
        return [*first, *others], []
    drawn = list(draw(history.space, history.restriction, config.seed, number, part.trials))
    if part.origin == "retrain" or not isinstance(final, Optimiser):
        return again(history, part, drawn), []
    earlier = [history.done[name] for name in informed_by]
    seen = Seen(history.space, [history.observed(name) for name in informed_by])
    proposer = Proposer(history.space, history.restriction, config.seed, number, trained=seen)
    drawn = proposer.samples(range(part.trials))
    request = Request(
        history.space,
        history.restriction,
        part.trials,
        seed_of_round(config.seed, number),
        tuple(
            Earlier(
                done.part.name,
                history.observed(done.part.name),
                None if done.part.stage is not None else done.notes,
            )
            for done in earlier
        ),
        [sample.configuration for sample in drawn],
    )
    chosen = final.choose(request)
    return chosen_samples(request, chosen, drawn), [choice.notes for choice in chosen]


def _first(history: History, number: int, part: Part) -> list[Sample]:
    """Those that are known before the others: named by the user, or the best of the stages."""
    config, space = history.config, history.space
    if not history.done:
        named = check_start(load_start(config.start), space, part.fidelity)
        drawn = draw(space, history.restriction, config.seed, number, part.trials)
        return start_samples(space, named, list(drawn))
    if not part.entering:
        return []
    known = history.trained(name for name in part.informed_by if name in history.done)
    best = [c.first for c in ranked(known, config.objective.direction) if c.values]
    alike = history.done[part.informed_by[0]].part.trains_like(part)
    return [
        replace(
            history.sample(training),
            trial=trial,
            seed=history.sample(training).seed
            if alike
            else seed_of_training(config.seed, number, trial),
            origin=COPIED if alike else BEST,
        )
        for trial, training in enumerate(best[: part.entering])
    ]


def again(history: History, part: Part, drawn: list[Sample]) -> list[Sample]:
    """The best of the parts that it is told, with the seeds of drawn samples."""
    retrain = history.config.final.retrain or Retrain()
    known = history.trained(name for name in part.informed_by if name in history.done)
    best = to_retrain(known, history.config.objective.direction, retrain.configurations)
    chosen = [history.sample(training) for training in best for _ in range(retrain.seeds)]
    return [
        replace(found, trial=sample.trial, seed=sample.seed)
        for found, sample in zip(chosen, drawn, strict=True)
    ]


def retrained(history: History, part: Part, drawn: list[Sample], train: Train) -> Done:
    """The last part of a search that trains its best once more."""
    samples = again(history, part, drawn)
    return Done(part, samples, trained(history, part, samples, train), [])


def trained(history: History, part: Part, samples: list[Sample], train: Train) -> np.ndarray:
    """The metric of each sample."""
    configurations = [{**history.space.active(s.configuration), **part.fidelity} for s in samples]
    pairs = zip(samples, configurations, strict=True)
    return np.array([train(c, sample.seed, part.budget) for sample, c in pairs])


def _recover(history: History, part: Part, stage: Stage) -> None:
    objective, restriction = history.config.objective, history.restriction
    alike = [done.part for done in history.done.values() if done.part.trains_like(part)]
    own_first = sorted(alike, key=lambda other: other.name != part.name)
    known = pooled([history.observed(p.name, p.failures.counts_as) for p in own_first])
    agreeing = usable(history.space, restriction, known)
    used = transformed(agreeing, objective.transform, objective.direction)
    found = fit(Design(history.space, restriction), stage, used)
    history.earlier = restriction
    kept = freeze(found, stage.keep, stage.apart)
    extra = incumbent(kept, history.space, known) if stage.incumbent else None
    history.restriction = kept.extended(extra) if extra else kept
    history.recoveries.append(found)
