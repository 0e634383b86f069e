"""Files from the future are brought to now, in their order."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.clock import bring_to_now, check_not_from_future

SECONDS = st.lists(st.integers(-1000, 10**6), min_size=1, max_size=8)


@settings(max_examples=30)
@given(SECONDS)
def test_no_file_is_from_the_future_and_the_order_is_kept(
    tmp_path_factory: pytest.TempPathFactory, ahead: list[int]
) -> None:
    root = tmp_path_factory.mktemp("search")
    paths = [root / "trials" / str(number) for number in range(len(ahead))]
    (root / "trials").mkdir()
    now = time.time_ns()
    for path, seconds in zip(paths, ahead, strict=True):
        path.touch()
        os.utime(path, ns=(0, now + seconds * 10**9))
    before = [path.stat().st_mtime_ns for path in paths]
    bring_to_now(root)
    after = [path.stat().st_mtime_ns for path in paths]
    assert all(changed <= time.time_ns() for changed in after)
    for i, j in ((i, j) for i in range(len(paths)) for j in range(len(paths))):
        assert (before[i] < before[j]) == (after[i] < after[j])
    assert [a for a, b in zip(after, before, strict=True) if b <= now] == [
        b for b in before if b <= now
    ]


def test_what_snakemake_does_not_know_keeps_its_time(tmp_path: Path) -> None:
    log = tmp_path / "stage-1/work/0000/log.txt"
    log.parent.mkdir(parents=True)
    log.touch()
    os.utime(log, (2**32, 2**32))
    bring_to_now(tmp_path)
    assert log.stat().st_mtime == 2**32


def test_a_file_of_the_user_from_the_future_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.touch()
    check_not_from_future([str(program), str(tmp_path / "missing")])
    os.utime(program, (0, time.time() + 3600.5))
    with pytest.raises(HarmonicaError, match="3,600 s in the future") as refused:
        check_not_from_future([str(program)])
    assert str(refused.value).endswith(f"touch {program}")
