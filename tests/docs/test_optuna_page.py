"""The page about the sampler: its example runs, and what it says of arguments is true."""

import inspect
import re
from typing import Any

import optuna
from docs_support import DOCS, blocks

from harmonica_steps.optuna import GuidedSampler
from harmonica_steps.search.guided import ATTEMPTS

PAGE = DOCS / "how-to/optuna.md"


def test_the_example_runs_and_learns() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    names: dict[str, Any] = {}
    for block in blocks(PAGE):
        if block.language == "python":
            exec(block.text, names)
    study = names["study"]
    assert len(study.trials) == 160
    values = [trial.value for trial in study.trials]
    assert sum(values[-60:]) / 60 < sum(values[:30]) / 30 - 3


def test_arguments_and_their_defaults_are_those_of_the_sampler() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", text, flags=re.M))
    arguments = inspect.signature(GuidedSampler).parameters
    assert shown == {n: str(a.default).lower() for n, a in arguments.items()}
    assert f"only if {2 * ATTEMPTS} attempts" in text
