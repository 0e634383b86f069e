"""Whatever is in a file, every command ends with a sentence, in time, and writes nothing else.

``make fuzz`` tries many inputs, ``FUZZ_EXAMPLES`` in all. It counts what fails, and keeps the
smallest input of each kind in ``.fuzz/``. With ``FUZZ_SHRINK=1`` Hypothesis shrinks them, as it
does in the few examples of every run, which are always the same. ``FUZZ_SEED`` gives other inputs.
"""

import math
import os
import shlex
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz_commands import COMMANDS, by_kind, inputs
from fuzz_harness import Command, Input, Workshop
from fuzz_table import ATTEMPTS, Tally, fault_class
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

FEW = 4
"""Inputs for each command in every run."""
MANY = int(os.environ.get("FUZZ_EXAMPLES", "0"))
COUNTS_ONLY = MANY and "FUZZ_SHRINK" not in os.environ
SEED = os.environ.get("FUZZ_SEED", "")
KEPT = Path(".fuzz")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_damaged_file_ends_in_a_sentence(
    name: str, workshop: Workshop, record_property: Callable[[str, object], None]
) -> None:
    command, sources, share = COMMANDS[name]
    shares = sum(tried.share for tried in COMMANDS.values())
    # Hypothesis likes to vary what it has drawn before: some kinds would hardly ever be drawn.
    groups = by_kind(sources) if MANY else [sources]
    number = math.ceil(MANY * share / shares / len(groups)) if MANY else FEW
    tally = Tally(name)
    try:
        for group in groups:
            damaged = inputs(group, workshop.template)
            _check(workshop, command, damaged, tally, f"{name} {group[0].kind} {SEED}", number)
    finally:
        if MANY:
            record_property(ATTEMPTS, tally.as_data())
            tally.keep(KEPT, command)
    assert not tally.smallest, "\n".join(sorted(tally.smallest))


def _check(
    workshop: Workshop,
    command: Command,
    damaged: st.SearchStrategy[Input],
    tally: Tally,
    chance: str,
    number: int,
) -> None:
    @seed(zlib.crc32(chance.encode()))
    @settings(
        max_examples=number,
        deadline=None,  # the command has one
        database=None,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=bool(MANY),
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged)
    def check(found: Input) -> None:
        ended, fault = workshop.try_out(command, found)
        tally.add(found, ended, fault)
        if fault and not COUNTS_ONLY:
            words = shlex.join(command.words(found.path))
            raise fault_class(fault)(f"{fault}\n$ {words}\n{(ended.out + ended.err)[-4000:]}")

    check()
