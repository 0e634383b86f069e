"""Samplers of Optuna's and of the user's, by their names."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Parameter, Space
from harmonica_steps.study.ask import SamplerSpace, ask
from harmonica_steps.study.sampler import make_sampler

SPACE = Space({name: TypeAdapter(Parameter).validate_python({"type": "bool"}) for name in "abc"})


@pytest.mark.parametrize(
    ("sampler", "given", "message"),
    [
        ("tpee", {}, "final.sampler: Optuna has no sampler 'tpee', did you mean 'tpe'"),
        ("BaseSampler", {}, "final.sampler: Optuna has no sampler 'BaseSampler'"),
        ("tpe", {"gama": 1}, "final.settings.gama: TPESampler has no such setting, did you"),
        ("tpe", {"multivariate": False, "group": True}, "final.settings: TPESampler cannot be bu"),
        ("GridSampler", {}, "final.settings: GridSampler cannot be built: "),
    ],
)
def test_a_wrong_sampler_is_named(sampler: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        make_sampler(sampler, given, 0)
    assert message in str(caught.value)


OWN = """
from optuna.samplers import RandomSampler

class Mine(RandomSampler):
    def __init__(self, tries=1, seed=None):
        super().__init__(seed)
        self.tries = tries

class NoSampler:
    pass
"""


def test_a_sampler_may_be_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own_samplers.py").write_text(OWN)
    sampler: Any = make_sampler("own_samplers:Mine", {"tries": 3}, 7)
    assert sampler.tries == 3
    choices = SamplerSpace(SPACE, Restriction())
    asked, _ = ask(sampler, choices, [], 4, {})
    again, _ = ask(make_sampler("own_samplers:Mine", {}, 7), choices, [], 4, {})
    assert [trial.parameters for trial in asked] == [trial.parameters for trial in again]
    for name, message in (
        ("own_samplers:NoSampler", "own_samplers:NoSampler is not a class derived from"),
        ("own_samplers:Gone", "own_samplers:Gone is not a class derived from"),
        ("nowhere:Mine", "the module 'nowhere' cannot be imported"),
    ):
        with pytest.raises(HarmonicaError, match=message):
            make_sampler(name, {}, 0)
    with pytest.raises(HarmonicaError, match="own_samplers:Mine has no such"):
        make_sampler("own_samplers:Mine", {"trees": 3}, 0)


@pytest.mark.parametrize(("sampler", "package"), [("gp", "torch"), ("cmaes", "cmaes")])
def test_what_a_sampler_needs_is_named(
    sampler: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(HarmonicaError, match=f"needs the package {package}.*pip install {package}"):
        make_sampler(sampler, {}, 0)


def test_a_sampler_that_fails_is_named() -> None:
    choices = SamplerSpace(SPACE, Restriction())
    with pytest.raises(HarmonicaError, match="TPESampler proposes nothing"):
        ask(
            make_sampler("tpe", {"n_ei_candidates": "many", "n_startup_trials": 0}, 0),
            choices,
            [],
            1,
            {},
        )
