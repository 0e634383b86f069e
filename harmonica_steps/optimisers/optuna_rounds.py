"""A sampler of Optuna's, asked in rounds."""

from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from pydantic import Field, field_validator

from harmonica_steps.config.bounds import Line
from harmonica_steps.config.section import Settings
from harmonica_steps.optimisers.in_rounds import InRounds
from harmonica_steps.optimisers.optimiser import Chosen, Request
from harmonica_steps.records.sample import REPAIR
from harmonica_steps.space import Value
from harmonica_steps.study.ask import KnownTrial, SamplerSpace, ask
from harmonica_steps.study.sampler import make_sampler
from harmonica_steps.typed import conform


class Notes(TypedDict):
    """What a round keeps of a trial for the rounds that follow."""

    parameters: dict[str, Any]
    notes: dict[str, Any]
    study: NotRequired[dict[str, Any]]
    """What the sampler has noted on the study: with the last trial of a round."""


class OptunaRounds(InRounds):
    """Rounds of parallel trainings that a sampler of Optuna's proposes.

    Before each round it is given all trainings so far with the same budget and settings, also those
    of stages, that agree with what was frozen.
    """

    explanation: ClassVar[str] = "Rounds are proposed by a sampler that knows the earlier results."

    optimiser: Literal["optuna"] = Field(description="A sampler of Optuna's, asked in rounds")
    sampler: Line = Field(
        default="TPESampler",
        description="A class of optuna.samplers, e.g. TPESampler (or tpe), GPSampler (gp), "
        "CmaEsSampler (cmaes), or module:Class for one of your own",
    )
    settings: Settings = Field(
        default_factory=dict,
        description="The sampler's keyword arguments, e.g. {multivariate: true}",
    )

    @field_validator("settings")
    @classmethod
    def _seed_is_ours(cls, settings: dict[str, Value]) -> dict[str, Value]:
        if "seed" in settings:
            raise ValueError("seed: follows from the search's seed; leave it out")
        return settings

    @property
    def label(self) -> str:
        """The sampler."""
        return self.sampler

    def check(self) -> None:
        """Whether the sampler can be built."""
        make_sampler(self.sampler, self.settings, seed=0)

    def choose(self, request: Request) -> list[Chosen]:
        """Ask the sampler, which is given what is known as the trials of a study."""
        choices = SamplerSpace(request.space, request.restriction)
        known: list[KnownTrial] = []
        on_study: dict[str, Any] = {}
        for part in request.earlier:
            if part.notes is None:
                known += choices.agreeing(part.samples)
                continue
            where = f"{part.name}/samples.jsonl: asked"
            notes = [conform(note, Notes, where, REPAIR) for note in part.notes]
            known += [
                KnownTrial.of(note["parameters"], score, note["notes"])
                for note, score in zip(notes, part.samples.scores, strict=True)
            ]
            on_study = notes[-1].get("study", {})
        sampler = make_sampler(self.sampler, self.settings, request.seed)
        asked, on_study = ask(sampler, choices, known, request.count, on_study)
        chosen = [
            Chosen(
                choices.configuration(trial.parameters),
                choices.candidate(trial.parameters),
                {"parameters": trial.parameters, "notes": trial.notes},
            )
            for trial in asked
        ]
        chosen[-1].notes["study"] = on_study
        return chosen
