"""The section ``objective``."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field, field_validator

from harmonica_steps.config.bounds import LONGEST_TIMEOUT, Line, Names, Real, Whole
from harmonica_steps.config.section import Section
from harmonica_steps.records.direction import Direction
from harmonica_steps.terminal import quoted

PYTHON = re.compile(r"\S*python[\d.]*\s+[^-]")
"""The beginning of a command that has Python run a script."""


LOGS = (".csv", ".tsv", ".jsonl")
"""Endings of a log that the metric can be read from."""

Transform = Literal["none", "log", "rank"]


class Flags(Section):
    """How {args} in the command writes settings."""

    booleans: Literal["pair", "flag", "value"] = Field(
        default="pair",
        description="pair: --x or --no-x; flag: --x or nothing; value: --x true or --x false",
    )
    separator: Literal["space", "equals"] = Field(
        default="space", description="space: --x 0.1; equals: --x=0.1"
    )
    names: Literal["as_is", "hyphens"] = Field(
        default="as_is", description="hyphens: --learning-rate for the parameter learning_rate"
    )


class Objective(Section):
    """The training program. Give either `command` or `callable`."""

    command: str | None = Field(
        default=None,
        description="A command in any language. Placeholders: {NAME} of a parameter or fixed "
        "setting, {args} (all of them as --name value), {overrides} (as name=value, for Hydra), "
        "{config} (JSON file to read), {result} (JSON file to write), {seed}, {budget}, {workdir}, "
        "{checkpoint}, {curve_file} (to append the learning curve to); the last seven also as "
        "environment variables HARMONICA_CONFIG, HARMONICA_RESULT, ... No shell is involved. See "
        "docs/how-to/program.md",
    )
    callable: str | None = Field(
        default=None,
        max_length=1_000,
        pattern=r"^[\w.]+:\w+$",
        description="A Python function, module:function, called with the configuration and those "
        "of seed, budget, workdir, checkpoint, curve_file that it names; returns the metric or a "
        "dict.",
    )
    args: Flags | None = Field(
        default=None,
        description="How {args} writes settings; by default {booleans: pair, separator: space, "
        "names: as_is}",
    )
    metric: Line = Field(
        default="error",
        description="The key of the result, or column of metric_file, that is optimised",
    )
    metric_pattern: str | None = Field(
        default=None,
        max_length=10_000,
        description="Instead of a result file: a regular expression with one group, around the "
        "metric, that is searched in each line that the program prints; the last match counts",
    )
    metric_file: Line | None = Field(
        default=None,
        description="Instead of a result file: a log that the program writes, relative to "
        "{workdir} (.csv, .tsv, or .jsonl: a JSON object per line); the last row that has the "
        "metric counts",
    )
    direction: Direction = Field(
        default="minimize", description="Whether a smaller or a larger metric is better"
    )
    transform: Transform = Field(
        default="none",
        description="What the recovery explains: the metric itself (none), its logarithm (log: a "
        "positive metric with a long tail), or its rank among the samples (rank: outliers)",
    )
    timeout: Real = Field(
        default=3600,
        gt=0,
        le=LONGEST_TIMEOUT,
        description="Seconds after which a training is stopped, as a timeout; at most a year",
    )
    deaths: Whole = Field(
        default=5,
        ge=1,
        le=1_000,
        description=(
            "After this many killed attempts (job killed, node lost) a training is recorded as "
            "killed instead of being tried again"
        ),
    )
    accept_result: bool = Field(
        default=False,
        description=(
            "Whether to accept a metric that was written before the program failed, hung or was "
            "killed; by default the training counts as failed, and its error shows the metric"
        ),
    )
    files: Names = Field(
        default_factory=list,
        description="Program files in addition to those named in the command (or the callable's "
        "module): when one changes, its trainings run again",
    )

    preload: Names | None = Field(
        default=None,
        description="Python modules that trainings on the same machine import once and then share, "
        "e.g. [torch]; for `python script.py ...` or a callable, whose own module is "
        "shared "
        "unless this is []",
    )

    def problems(self) -> Iterator[str]:
        """Whether there is one program and one place that the metric comes from."""
        if (self.command is None) == (self.callable is None):
            yield "give either command or callable (exactly one of them)"
        if self.preload and self.command and not PYTHON.match(self.command):
            yield "preload is for a callable or a command `python script.py ...` only"
        if self.args and "{args}" not in (self.command or ""):
            yield "args describes how {args} is written, but command has no {args}"
        sources = [name for name in ("metric_pattern", "metric_file") if getattr(self, name)]
        if sources and self.callable:
            yield f"{sources[0]} is for a command; a callable returns its metric"
        if sources and "{result}" in (self.command or ""):
            sources.append("the result file that command names")
        if len(sources) > 1:
            yield f"the metric comes from one place: give either {' or '.join(sources)}"

    @field_validator("metric_pattern")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groups
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        if groups != 1:
            raise ValueError(
                f"needs one group in round brackets, around the metric, got {groups}; other "
                "groups are written (?:...)"
            )
        return pattern

    @field_validator("metric_file")
    @classmethod
    def _inside(cls, name: str | None) -> str | None:
        if name is None:
            return None
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"must be relative to {{workdir}} and inside it, got {quoted(name)}")
        if path.suffix not in LOGS:
            raise ValueError(f"must end in {', '.join(LOGS)}, got {quoted(name)}")
        return name

    @field_validator("command")
    @classmethod
    def _not_blank(cls, command: str | None) -> str | None:
        if command is not None and not command.strip():
            raise ValueError("is empty")
        return command
