"""An entry of ``stages``."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from harmonica_steps.config.bounds import (
    MOST_PARAMETERS,
    MOST_PARTS,
    MOST_TRAININGS,
    Budget,
    Line,
    Share,
    Whole,
)
from harmonica_steps.config.section import Failures, Section, Settings, fixed_settings
from harmonica_steps.terminal import quoted

FEWEST_RESAMPLES = 6
"""If there are any: those for the held-out R2, and one for the stability."""


class Study(Section):
    """Trials of an Optuna study that are samples of the first stage, and not trained again."""

    path: Line = Field(
        description="A journal file or an SQLite database (also as sqlite:///FILE) of Optuna's",
    )
    name: Line | None = Field(
        default=None, description="Name of the study, if the file holds several"
    )
    where: Settings = Field(
        default_factory=dict,
        description="Only trials with these user attributes, e.g. {part: stage-1}",
    )
    uniform: bool = Field(
        default=False,
        description=(
            "Vouch for the trials: accept them although a parameter does not look uniformly "
            "drawn. Trials chosen by an adaptive sampler, e.g. TPE, give wrong terms"
        ),
    )

    @field_validator("path")
    @classmethod
    def _without_scheme(cls, path: str) -> str:
        path = path.removeprefix("sqlite:///")
        if "://" in path:
            raise ValueError(
                f"{quoted(path)} is not a file; copy the study to one with optuna.copy_study"
            )
        return path


class Stage(Section):
    """One round: samples, recovery and freezing."""

    samples: Whole = Field(
        ge=10, le=MOST_TRAININGS, description="Trainings of the stage, all in parallel"
    )
    repeat: Whole = Field(
        default=1,
        ge=1,
        le=100,
        exclude=True,
        description="How many such stages, one after another",
    )
    guided: Share = Field(
        default=0.75,
        description="Share of guided samples, which lean towards the settings that look best in "
        "all earlier trainings with the same budget and fidelity. The rest is drawn "
        "uniformly from what the "
        "stages have left, and only these enter the recovery; after a stage that has frozen "
        "something the share is a third smaller. The first stage, which has no earlier trainings, "
        "is all uniform; other stages have at least 20 uniform samples. With 0 all samples are "
        "uniform, as in the paper. See "
        "docs/method.md",
    )
    degree: Whole = Field(
        default=2,
        ge=1,
        le=4,
        description="Largest number of parameters in a term (d of the paper)",
    )
    sparsity: Whole = Field(
        default=5,
        ge=1,
        le=MOST_TRAININGS // 10,
        description="Largest number of terms to recover (s of the paper)",
    )
    keep: Whole = Field(
        default=1,
        ge=1,
        le=100,
        description="Number of best assignments to keep (t of the paper)",
    )
    apart: Whole = Field(
        default=1,
        ge=1,
        le=MOST_PARAMETERS,
        description="Number of parameters in which the kept assignments must differ",
    )
    incumbent: bool = Field(
        default=False,
        description=(
            "Also keep the best sample so far as a candidate if it disagrees with the kept ones, "
            "so that it stays in the space"
        ),
    )
    selection: Literal["beam", "lasso"] = Field(
        default="beam",
        description=(
            "How terms are proposed: beam (needs fewer samples) or lasso (the paper's rule). "
            "With either, terms explained by chance are dropped"
        ),
    )
    resamples: Whole = Field(
        default=15,
        ge=0,
        le=1000,
        description="How often the recovery is repeated on subsets of the samples, to measure its "
        "reliability: five times without a fifth of them, for held_out_r2, and "
        "otherwise on "
        "random halves, for the stability of the terms. What is frozen does not depend on it. 0 "
        "leaves both out and makes the step several times faster",
    )
    patience: Whole | None = Field(
        default=None,
        ge=1,
        le=MOST_PARTS,
        description=(
            "Skip the stage, at no cost, if this many stages just before it froze and narrowed "
            "nothing new. Default: never"
        ),
    )
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")
    fidelity: Settings = fixed_settings()
    failures: Failures = Field(default_factory=Failures, description="Failure policy")
    study: Study | None = Field(
        default=None,
        description="Of the first stage only: an Optuna study {path: FILE} with uniformly drawn "
        "trials of the same training; they are samples of the stage, and only the others are "
        "trained. See docs/how-to/import.md",
    )

    def problems(self) -> Iterator[str]:
        """Whether so many terms can be recovered from so many samples, and of the resamples."""
        if 0 < self.resamples < FEWEST_RESAMPLES:
            yield (
                f"resamples: must be 0, or at least {FEWEST_RESAMPLES}: five without a fifth of "
                f"the samples, and one half, got {self.resamples}"
            )
        most = self.samples // 10
        if self.sparsity > most:
            yield (
                f"sparsity: {self.sparsity} terms cannot be distinguished from chance with "
                f"{self.samples} samples; use at most {most}, or more samples"
            )

    def one_by_one(self) -> "list[Stage]":
        """The stages that this entry stands for; a study is of the first."""
        first = self.model_copy(update={"repeat": 1})
        return [first] + [first.model_copy(update={"study": None})] * (self.repeat - 1)
