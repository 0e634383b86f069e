"""Ask a sampler for the samples of a round, and tell it all that is known."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from harmonica_steps.config import OptunaRounds
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table, samples_in
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.plan import Part
from harmonica_steps.search.samples import consistent
from harmonica_steps.search.scores import scores
from harmonica_steps.study.ask import Question, Told, ask
from harmonica_steps.study.sampler import make_sampler

Asked = list[dict[str, Any]]
"""What a round keeps of each of its trials, for the rounds that follow."""


def ask_part(
    opened: Opened, part: Part, final: OptunaRounds, drawn: Sequence[Sample]
) -> tuple[list[Sample], Asked]:
    """The samples of a round.

    Parameters
    ----------
    opened
        The search.
    part
        The round.
    final
        What asks for it.
    drawn
        The samples that it would have without a sampler: they lend their seeds.
    """
    question = Question(opened.space, opened.before(part), final.continuous)
    told: list[Told] = []
    notes: dict[str, Any] = {}
    for name in part.told:
        if opened.part(name).stage is not None:
            told += _of_stage(opened, question, name)
        else:
            lines = _asked(opened, name)
            told += _of_round(opened, name, lines)
            notes = lines[-1]["study"]
    # A spawn key of its own: those of samples have two or three parts.
    key = (opened.number(part.name), 0, 0, 0)
    seed = np.random.SeedSequence(opened.config.seed, spawn_key=key).generate_state(1)
    sampler = make_sampler(final.sampler, final.settings, int(seed[0]))
    asked, notes = ask(sampler, question, told, part.trials, notes)
    kept: Asked = [{"parameters": trial.parameters, "notes": trial.notes} for trial in asked]
    kept[-1]["study"] = notes
    samples = [
        question.sample(sample, trial.parameters)
        for sample, trial in zip(drawn, asked, strict=True)
    ]
    print(f"{part.name}: {final.sampler} was told {len(told)} trials, asked for {part.trials}.")
    return samples, kept


def _of_stage(opened: Opened, question: Question, name: str) -> Iterator[Told]:
    """Samples that agree with what is frozen."""
    table = read_table(opened.folder.metrics(name))
    found = consistent(
        opened.space, question.restriction, samples_in(table, opened.space, _scores(opened, name))
    )
    for candidate, levels, score in zip(*found, strict=True):
        yield Told(
            question.parameters(int(candidate), levels), None if np.isnan(score) else float(score)
        )


def _of_round(opened: Opened, name: str, asked: Asked) -> Iterator[Told]:
    for trial, score in zip(asked, _scores(opened, name), strict=True):
        yield Told(trial["parameters"], None if np.isnan(score) else float(score), trial["notes"])


def _asked(opened: Opened, name: str) -> Asked:
    text = opened.folder.samples(name).read_text(encoding="utf-8")
    return [json.loads(line)["asked"] for line in text.splitlines()]


def _scores(opened: Opened, name: str) -> np.ndarray:
    """Smaller is better; NaN for failures, whatever they count as in a regression."""
    values = read_table(opened.folder.metrics(name))["value"].to_numpy(dtype=float)
    return scores(values.tolist(), opened.config.objective.direction, "drop")
