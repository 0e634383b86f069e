"""The keys of ``config/config.yaml``: the only source of the schema, the manual and the checks."""

import re
import types
import typing
from math import comb
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Parameter, Space, Value

Budget = int | float

MOST_MULTIPLICATIONS = 10**11
"""Products times samples of a stage: a scan takes seconds, and a recovery many scans."""

RESERVED = (
    *("part", "trial", "seed", "candidate", "status", "cause", "value", "score"),
    *("rung", "budget", "(kept candidate)"),
)
"""Names that the tables and the regression use themselves."""


PYTHON = re.compile(r"\S*python[\d.]*\s+[^-]")
"""The beginning of a command that has Python run a script."""


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )


class Objective(_Section):
    """The training program. Give either `command` or `callable`."""

    command: str | None = Field(
        default=None,
        description="A command in any language. Placeholders: {config} (JSON file to read), "
        "{result} (JSON file to write), {seed}, {budget}, {workdir}, {checkpoint}; the same as "
        "environment variables HARMONICA_CONFIG, HARMONICA_RESULT, ... No shell is involved.",
    )
    callable: str | None = Field(
        default=None,
        pattern=r"^[\w.]+:\w+$",
        description="A Python function, module:function, called with the configuration and those "
        "of seed, budget, workdir, checkpoint that it names; returns the metric or a dict.",
    )
    metric: str = Field(
        default="error", min_length=1, description="The key of the result that is optimised"
    )
    direction: Literal["minimize", "maximize"] = Field(
        default="minimize", description="Whether a smaller or a larger metric is better"
    )
    transform: Literal["none", "log", "rank"] = Field(
        default="none",
        description="What the recovery explains: the metric itself (none), its logarithm (log: a "
        "positive metric with a long tail), or its rank among the samples (rank: outliers)",
    )
    timeout: float = Field(
        default=3600, gt=0, description="Seconds after which a training is stopped and recorded"
    )
    deaths: int = Field(
        default=5,
        ge=1,
        description="A training whose job dies this often (killed, node lost) is recorded as "
        "killed instead of tried again",
    )
    files: list[str] = Field(
        default_factory=list,
        description="Program files beside those named in the command (or the callable's module): "
        "when one changes, its trainings run again",
    )

    preload: list[str] | None = Field(
        default=None,
        description="Python modules that trainings on the same machine import once and then share, "
        "such as [torch]; for `python script.py ...` or a callable, whose own module is shared "
        "unless this is []",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "Objective":
        if (self.command is None) == (self.callable is None):
            raise ValueError("give either command or callable (exactly one of them)")
        if self.preload and self.command and not PYTHON.match(self.command):
            raise ValueError("preload is for a callable or a command `python script.py ...` only")
        return self

    @field_validator("command")
    @classmethod
    def _not_blank(cls, command: str | None) -> str | None:
        if command is not None and not command.strip():
            raise ValueError("is empty")
        return command


class Failures(_Section):
    """What a training without a usable metric means."""

    counts_as: Literal["worst", "drop"] | float = Field(
        default="worst",
        description="worst: the worst metric seen in the stage; drop: left out; or a number",
    )
    max_failed_fraction: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="The stage stops, with a message, when more of its trainings failed",
    )


def _fidelity() -> Any:
    return Field(
        default_factory=dict,
        description="Fixed settings passed with every configuration, such as a small network",
    )


class Study(_Section):
    """Trials of an Optuna study that are samples of the first stage, and not trained again."""

    path: str = Field(
        min_length=1,
        description="A journal file or an SQLite database (also as sqlite:///FILE) of Optuna's",
    )
    name: str | None = Field(
        default=None, description="Name of the study, if the file holds several"
    )
    where: dict[str, Value] = Field(
        default_factory=dict,
        description="Only trials with these user attributes, such as {part: stage-1}",
    )
    uniform: bool = Field(
        default=False,
        description="Vouch for the trials: take them although a parameter does not look as if it "
        "was drawn uniformly. What an adaptive sampler such as TPE has chosen gives wrong terms",
    )

    @field_validator("path")
    @classmethod
    def _without_scheme(cls, path: str) -> str:
        path = path.removeprefix("sqlite:///")
        if "://" in path:
            raise ValueError(
                f"{path!r} is no file; copy the study into one with optuna.copy_study first"
            )
        return path


class Stage(_Section):
    """One round of uniform samples, recovery and freezing."""

    samples: int = Field(ge=10, description="Trainings of the stage, all in parallel")
    degree: int = Field(
        default=2,
        ge=1,
        le=4,
        description="Largest number of parameters in a term (d of the paper)",
    )
    sparsity: int = Field(
        default=5, ge=1, description="Largest number of terms to recover (s of the paper)"
    )
    keep: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Number of best assignments to go on with (t of the paper)",
    )
    apart: int = Field(
        default=1, ge=1, description="In how many parameters the kept assignments must differ"
    )
    selection: Literal["beam", "lasso"] = Field(
        default="beam",
        description="What proposes terms: beam (needs fewer samples) or lasso (the paper's rule). "
        "What chance explains is dropped from either",
    )
    budget: Budget = Field(default=1, gt=0, description="Budget of each training, e.g. epochs")
    fidelity: dict[str, Value] = _fidelity()
    failures: Failures = Field(default_factory=Failures, description="Failure policy")
    study: Study | None = Field(
        default=None,
        description="Of the first stage only: an Optuna study {path: FILE} with uniformly drawn "
        "trials of the same training; they are samples of the stage, and only the others are "
        "trained. See docs/import.md",
    )

    @model_validator(mode="after")
    def _recoverable(self) -> "Stage":
        most = self.samples // 10
        if self.sparsity > most:
            raise ValueError(
                f"sparsity: {self.sparsity} terms cannot be told from chance with "
                f"{self.samples} samples; use at most {most}, or more samples"
            )
        return self


class Final(_Section):
    """The last search, in the space that the stages left: successive halving.

    With one rung (min_budget equal to max_budget) it is random search.
    """

    optimiser: Literal["successive_halving"] = Field(
        default="successive_halving", description="How the restricted space is searched"
    )
    configurations: int = Field(default=27, ge=1, description="Configurations of the first rung")
    eta: int = Field(
        default=3, description="From rung to rung: one configuration in eta goes on, eta x budget"
    )
    min_budget: Budget = Field(default=1, gt=0, description="Budget of the first rung")
    max_budget: Budget = Field(default=9, gt=0, description="Budget of the last rung")
    fidelity: dict[str, Value] = _fidelity()
    continuous: bool = Field(
        default=False,
        description="Draw free float and int parameters from their whole range, not from levels",
    )
    failures: Failures = Field(
        default_factory=lambda: Failures(max_failed_fraction=1.0), description="Failure policy"
    )

    @model_validator(mode="after")
    def _rungs_shrink(self) -> "Final":
        if self.eta < 2:
            raise ValueError(f"eta: must be at least 2 (the rungs shrink by it), got {self.eta}")
        if self.max_budget < self.min_budget:
            raise ValueError(
                f"max_budget: must not be below min_budget ({self.min_budget}), "
                f"got {self.max_budget}"
            )
        rungs = self.rungs
        if abs(rungs[-1][1] - self.max_budget) > 1e-9 * self.max_budget:
            fits = [self.min_budget * self.eta ** (len(rungs) - 1 + more) for more in (0, 1)]
            raise ValueError(
                f"max_budget: must be min_budget ({self.min_budget}) times a power of eta "
                f"({self.eta}), got {self.max_budget}; use {fits[0]} or {fits[1]}"
            )
        if rungs[-1][0] < 1:
            needed = self.eta ** (len(rungs) - 1)
            raise ValueError(
                f"configurations: {len(rungs)} rungs with eta {self.eta} need at least {needed}, "
                f"got {self.configurations}"
            )
        return self

    @property
    def rungs(self) -> list[tuple[int, Budget]]:
        """Number of configurations and budget of each rung."""
        rungs: list[tuple[int, Budget]] = []
        budget: Budget = self.min_budget
        count = self.configurations
        while budget <= self.max_budget * (1 + 1e-9):
            rungs.append((count, budget))
            budget, count = budget * self.eta, count // self.eta
        return rungs


class Search(_Section):
    """A whole search."""

    search: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Name of the search; everything it writes is in results/<name>/",
    )
    seed: int = Field(
        default=0, ge=0, description="The same seed gives the same search, byte for byte"
    )
    objective: Objective = Field(description="The training program")
    space: dict[str, Parameter] = Field(
        description="The hyperparameters, name: {type: ...}. Types: bool; categorical and ordinal "
        "with values: [...]; int and float with low, high and, if wanted, log: true and levels: k "
        "(how many values the stages try). when: {parameter: value or [values]} makes one "
        "conditional: otherwise it is withheld from the training"
    )
    stages: list[Stage] = Field(
        default_factory=list,
        description="Spectral stages, one after another: draw, train, recover what matters, freeze "
        "it. Without any the search is plain successive halving",
    )
    final: Final = Field(
        default_factory=Final,
        description="Successive halving in the space that the stages left; one rung (min_budget "
        "equal to max_budget) is random search",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "Search":
        try:
            space = Space(self.space)
        except HarmonicaError as error:
            raise ValueError(str(error)) from None
        # What describes a parameter beside the constant: a function for every further level, three
        # at the most if they are ordered.
        functions = sum(
            min(int(size) - 1, 3) if space.parameters[name].ordered else int(size) - 1
            for name, size in zip(space.names, space.sizes, strict=True)
        )
        widest = sorted((int(size) for size in space.sizes), reverse=True)
        for number, stage in enumerate(self.stages, start=1):
            if stage.study and number > 1:
                raise ValueError(
                    f"stages.{number}.study: only the first stage can take over a study; the later "
                    "ones draw from what was frozen before"
                )
            if stage.degree > len(space):
                raise ValueError(
                    f"stages.{number}.degree: {stage.degree} is more than the "
                    f"{len(space)} parameters of the space"
                )
            products = comb(functions, stage.degree)
            if products * stage.samples > MOST_MULTIPLICATIONS and stage.degree > 1:
                raise ValueError(
                    f"stages.{number}.degree: {stage.degree} is too much for these parameters and "
                    f"levels: {products:,} products cannot be searched in reasonable time; "
                    f"use {stage.degree - 1}, or fewer levels"
                )
            if stage.apart > len(space):
                raise ValueError(
                    f"stages.{number}.apart: {stage.apart} is more than the {len(space)} "
                    "parameters of the space"
                )
            most = 1
            for size in widest[: stage.sparsity * stage.degree]:
                most = min(most * size, 10**9)
            if stage.keep > most:
                raise ValueError(
                    f"stages.{number}.keep: {stage.sparsity} terms of degree {stage.degree} have "
                    f"at most {most} assignments, got {stage.keep}"
                )
        fixed = {f"stages.{n}": stage.fidelity for n, stage in enumerate(self.stages, start=1)}
        for where, fidelity in {**fixed, "final": self.final.fidelity}.items():
            for name in fidelity:
                if name in self.space:
                    raise ValueError(
                        f"{where}.fidelity.{name}: is a parameter of the space; "
                        "a fixed setting needs a name of its own"
                    )
        return self

    @field_validator("space")
    @classmethod
    def _names(cls, space: dict[str, Any]) -> dict[str, Any]:
        for name in space:
            if not name or name != name.strip() or any(c in name for c in ":*\t\n"):
                raise ValueError(
                    f"{name!r} is no usable parameter name (no ':', '*', tabs or outer spaces)"
                )
            if name in RESERVED:
                raise ValueError(
                    f"{name!r} is the name of a column of the tables; rename the parameter "
                    f"(taken: {', '.join(RESERVED)})"
                )
        return space


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The first pydantic model inside a type annotation."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    found = [model_in(argument) for argument in typing.get_args(annotation)]
    return next((model for model in found if model), None)
