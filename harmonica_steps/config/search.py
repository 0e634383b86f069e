"""The keys of ``config/config.yaml``: the only source of the schema, the manual and the checks."""

from collections.abc import Iterator, Mapping, Sequence
from math import comb
from typing import Annotated, Any

from pydantic import Field, SerializeAsAny, WithJsonSchema, field_validator

from harmonica_steps.config.bounds import (
    MOST_CLAUSES,
    MOST_PARAMETERS,
    MOST_PARTS,
    MOST_TRAININGS,
    Whole,
    one_line,
)
from harmonica_steps.config.objective import Objective
from harmonica_steps.config.optimisers import AnyOptimiser, read_final
from harmonica_steps.config.rounds import Final
from harmonica_steps.config.section import ProblemsError, Section
from harmonica_steps.config.stage import Stage
from harmonica_steps.config.start import check_start
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Parameter, Space, Value
from harmonica_steps.space.share import check_share
from harmonica_steps.terminal import quoted

MOST_MULTIPLICATIONS = 10**11
"""Products times samples of a stage: a scan takes seconds, and a recovery many scans."""

MOST_ENTRIES = 5 * 10**8
"""Samples of a stage times functions of the parameters: what a recovery holds in memory."""

LONGEST_NAME = 200

FEWEST_DRAWN = 10
"""Samples that the first stage draws itself."""

RESERVED = (
    *("part", "trial", "seed", "candidate", "origin", "status", "cause", "value", "score"),
    *("rung", "budget", "(kept candidate)"),
)
"""Names that the tables and the regression use themselves."""

_VALUE = {"type": ["boolean", "number", "string"]}
_BOUNDS = {"type": "object", "properties": {"low": _VALUE, "high": _VALUE}}
Clause = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "anyOf": [
                    _VALUE,
                    {"type": "array", "items": _VALUE, "minItems": 1},
                    {**_BOUNDS, "minProperties": 1, "additionalProperties": False},
                ]
            },
        }
    ),
]
"""An entry of ``forbidden``, which the space checks: only it knows the parameters."""


class Search(Section):
    """A whole search."""

    search: str = Field(
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Name of the search; everything it writes is in results/<name>/",
    )
    results: str = Field(
        default="results",
        max_length=1_000,
        pattern=r"^[A-Za-z0-9_./@+=-]+$",
        description="The folder of the results, in which the search has a folder of its name",
    )
    seed: Whole = Field(
        default=0,
        ge=0,
        lt=2**63,
        description="The same seed gives the same search, byte for byte",
    )
    objective: Objective = Field(description="The training program")
    space: dict[str, Parameter] = Field(
        max_length=MOST_PARAMETERS,
        description="The hyperparameters, name: {type: ...}. Types: bool; categorical and ordinal "
        "with values: [...]; int and float with low, high and, if wanted, log: true and levels: k "
        "(into how many cells the range is cut to explain its effect; any number in it may be "
        "drawn). when: {parameter: value or [values]} makes one conditional: otherwise it is "
        "withheld from the training",
    )
    forbidden: list[Clause] = Field(
        default_factory=list,
        max_length=MOST_CLAUSES,
        description="Combinations that are never trained, e.g. {optimiser: adam, momentum: "
        "[0.9, 0.99]} or {rate: {low: 0.1}, batch_size: 16}: low, high or both, included. An entry "
        "forbids the configurations in which all of it holds and all its parameters are active. "
        "See docs/how-to/forbidden.md",
    )
    start: list[dict[str, Value]] | str = Field(
        default_factory=list,
        description="Configurations to train first, e.g. the defaults of the program: a list of "
        "mappings, or a file, e.g. results/old/best-configuration.json. Parameters that one does "
        "not name are drawn",
    )
    stages: list[Stage] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="Spectral stages, one after another: draw, train, recover what matters, freeze "
        "it. Without any the final optimiser searches the whole space",
    )
    final: Annotated[SerializeAsAny[Final], AnyOptimiser()] = Field(
        default_factory=lambda: read_final({}),
        description="The final search, in the space that the stages have left",
    )

    def problems(self) -> Iterator[str]:
        """Whether the sections fit together."""
        if found := list(self._too_many()):
            yield from found
            return
        try:
            space = self.build_space()
            check_share(space)
        except HarmonicaError as error:
            yield from str(error).splitlines()
            return
        for number, stage in enumerate(self.stages, start=1):
            yield from (f"stages.{number}.{text}" for text in self._stage_problems(number, stage))
            yield from (f"stages.{number}.{text}" for text in _size_problems(space, stage))
        yield from self._start_problems()
        yield from self._fidelity_problems()

    def _start_problems(self) -> Iterator[str]:
        if isinstance(self.start, list) and self.start:
            try:
                self.check_start(self.start)
            except HarmonicaError as error:
                yield from str(error).splitlines()

    def _fidelity_problems(self) -> Iterator[str]:
        """A fixed setting must not be a parameter."""
        fixed = {f"stages.{n}": stage.fidelity for n, stage in enumerate(self.stages, start=1)}
        fixed["final"] = self.final.fidelity
        if self.final.retrain:
            fixed["final.retrain"] = self.final.retrain.fidelity or {}
        for where, fidelity in fixed.items():
            for name in fidelity:
                if name in self.space:
                    yield (
                        f"{where}.fidelity.{name}: is a parameter of the space; "
                        "a fixed setting needs a name of its own"
                    )

    def _too_many(self) -> Iterator[str]:
        rounds, retrain = self.final.schedule, self.final.retrain
        if (count := len(self.stages) + len(rounds)) > MOST_PARTS:
            yield (
                f"stages and rounds: {count:,} of them, one after another; at most "
                f"{MOST_PARTS:,} are possible"
            )
        trainings = sum(stage.samples for stage in self.stages)
        trainings += sum(round_.configurations for round_ in rounds)
        trainings += retrain.configurations * retrain.seeds if retrain else 0
        if trainings > MOST_TRAININGS:
            yield (
                f"stages and final: {trainings:,} trainings in all; at most {MOST_TRAININGS:,} "
                "are possible"
            )

    def _stage_problems(self, number: int, stage: Stage) -> Iterator[str]:
        if stage.study and number > 1:
            yield (
                "study: only the first stage can import a study; later stages draw from what was "
                "frozen before"
            )
        for earlier in self.stages[max(number - 1 - (stage.patience or 0), 0) : number - 1]:
            if (earlier.budget, earlier.fidelity) != (stage.budget, stage.fidelity):
                yield (
                    "patience: the stages before it must have the same budget and fidelity, "
                    "because otherwise what they froze does not show whether this stage is needed; "
                    "change them, or leave patience out"
                )
                break

    def build_space(self) -> Space:
        """The search space, with its forbidden combinations."""
        return Space(self.space, self.forbidden)

    def check_start(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Whether a search can start from some configurations.

        Raises
        ------
        HarmonicaError
            When there is no room for them, or one is not a configuration of the space.
        """
        first = self.stages[0] if self.stages else self.final
        if isinstance(first, Final) and first.schedule[0].origin == "ask":
            raise HarmonicaError(
                f"start: the optimiser {first.optimiser} chooses all of its configurations itself; "
                "use another one, e.g. guided, or a stage before it"
            )
        room = (
            first.samples - FEWEST_DRAWN
            if isinstance(first, Stage)
            else first.schedule[0].configurations
        )
        if len(entries) > room:
            raise HarmonicaError(
                f"start: names {len(entries)} configurations, but the first part has room for "
                f"{max(room, 0)}; name fewer, or give it more samples"
            )
        check_start(entries, self.build_space(), first.fidelity)

    @field_validator("stages")
    @classmethod
    def _one_by_one(cls, entries: list[Stage]) -> list[Stage]:
        return [stage for entry in entries for stage in entry.one_by_one()]

    @field_validator("final", mode="before")
    @classmethod
    def _optimiser(cls, content: Any) -> Any:
        return read_final(content)

    @field_validator("space")
    @classmethod
    def _names(cls, space: dict[str, Any]) -> dict[str, Any]:
        problems = []
        for name in space:
            if not _usable(name):
                problems.append(
                    f"{quoted(name)} is not a valid parameter name (no ':', '*', control "
                    f"characters, leading or trailing spaces, at most {LONGEST_NAME} characters)"
                )
            if name in RESERVED:
                problems.append(
                    f"{name!r} is the name of a column of the tables; rename the parameter "
                    f"(taken: {', '.join(RESERVED)})"
                )
        if problems:
            raise ProblemsError(problems)
        return space


def _usable(name: str) -> bool:
    try:
        one_line(name)
    except ValueError:
        return False
    return 0 < len(name) <= LONGEST_NAME and name == name.strip() and not set(name) & set(":*")


def _size_problems(space: Space, stage: Stage) -> Iterator[str]:
    """Whether the recovery of a stage can be computed, and what it is asked for exists."""
    # What describes a parameter in addition to the constant: a function for every further level,
    # three at the most if they are ordered.
    functions = sum(
        min(int(size) - 1, 3) if space.parameters[name].ordered else int(size) - 1
        for name, size in zip(space.names, space.sizes, strict=True)
    )
    if stage.degree > len(space):
        yield f"degree: {stage.degree} is more than the {len(space)} parameters of the space"
    products = comb(functions, stage.degree)
    if products * stage.samples > MOST_MULTIPLICATIONS and stage.degree > 1:
        yield (
            f"degree: {stage.degree} is too much for these parameters and levels: {products:,} "
            f"products cannot be searched in reasonable time; use {stage.degree - 1}, or fewer "
            "levels"
        )
    if functions * stage.samples > MOST_ENTRIES:
        yield (
            f"samples: {stage.samples:,} are too many for these parameters and levels; use at most "
            f"{MOST_ENTRIES // functions:,}, or fewer levels"
        )
    if stage.apart > len(space):
        yield f"apart: {stage.apart} is more than the {len(space)} parameters of the space"
    most = 1
    widest = sorted((int(size) for size in space.sizes), reverse=True)
    for size in widest[: stage.sparsity * stage.degree]:
        most = min(most * size, 10**9)
    if stage.keep > most:
        yield (
            f"keep: {stage.sparsity} terms of degree {stage.degree} have at most {most} "
            f"assignments, got {stage.keep}"
        )
