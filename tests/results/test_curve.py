"""Learning curves, read from files that programs write in every way."""

import itertools
import json
import math
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmonica_steps.results import curve
from harmonica_steps.results.curve import joined, last_point, read_curve, thinned

ANY_BYTES = st.one_of(
    st.binary(max_size=2000),
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.builds(
                lambda step, value: json.dumps({"step": step, "metric": value}).encode(),
                st.one_of(st.integers(), st.floats(), st.booleans(), st.text()),
                st.one_of(st.integers(), st.floats(), st.none(), st.just(10**400)),
            ),
            st.sampled_from([b"\xef\xbb\xbf{}", b"[" * 500, b'{"step":1e999,"metric":1}', b"{"]),
        ),
        max_size=30,
    ).map(b"\n".join),
)


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "curve.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=ANY_BYTES)
def test_whatever_a_file_holds_the_curve_is_finite_and_its_steps_increase(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "curve.jsonl"
    path.write_bytes(content)
    found = read_curve(path, "error", most=10)
    steps = [step for step, _ in found]
    assert len(found) <= 10
    assert all(math.isfinite(number) for point in found for number in point)
    assert all(before < after for before, after in itertools.pairwise(steps))
    json.dumps(found, allow_nan=False)
    last = last_point(path, "error")
    assert (last is None) == (not found)
    assert last is None or last in read_curve(path, "error", most=10**6)


def test_the_metric_has_its_own_name_or_is_called_metric(tmp_path: Path) -> None:
    rows = [{"step": 1, "metric": 5, "loss": 9}, {"step": 2, "error": 4, "metric": 0}]
    assert read_curve(written(tmp_path, *rows), "error") == [(1, 5.0), (2, 4.0)]


def test_lines_that_are_no_points_are_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"step": 0, "metric": 0.5},
        "Epoch 1",
        "",
        '{"step": 1, "metric": NaN}',
        '{"step": 2, "metric": -Infinity}',
        {"step": 3, "metric": 1e101},
        {"step": -1, "metric": 1},
        {"step": True, "metric": 1},
        {"step": "4", "metric": 1},
        {"step": 5, "metric": "1"},
        {"step": 6},
        [7, 1],
        {"step": 8.5, "metric": 1},
        {"step": 9.0, "metric": 2},
    )
    with path.open("a") as stream:
        stream.write('{"step": 10, "met')
    found = read_curve(path, "error")
    assert found == [(0, 0.5), (8.5, 1.0), (9, 2.0)]
    assert isinstance(found[2][0], int)
    assert last_point(path, "error") == (9, 2.0)


def test_a_point_after_half_a_line_counts(tmp_path: Path) -> None:
    path = written(tmp_path, '{"step": 2, "met{"step": 1, "metric": 0.5}')
    assert read_curve(path, "error") == [(1, 0.5)]


def test_of_a_repeated_step_the_last_value_counts(tmp_path: Path) -> None:
    rows = [(1, 0.9), (2, 0.8), (3, 0.7), (2, 0.6), (3, 0.5)]
    path = written(tmp_path, *({"step": step, "metric": value} for step, value in rows))
    assert read_curve(path, "error") == [(1, 0.9), (2, 0.6), (3, 0.5)]


@pytest.mark.parametrize(("points", "most"), [(1000, 200), (201, 200), (200, 200), (5, 2), (1, 2)])
def test_a_long_curve_keeps_its_ends_and_what_is_evenly_between(points: int, most: int) -> None:
    full = [(step, float(step)) for step in range(points)]
    kept = thinned(full, most)
    steps = [step for step, _ in kept]
    assert len(kept) == min(points, most)
    assert (steps[0], steps[-1]) == (0, points - 1)
    gaps = {after - before for before, after in itertools.pairwise(steps)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_curves_of_trainings_that_continue_one_another_are_one() -> None:
    assert joined([[(1, 0.9), (2, 0.8)], [(2, 0.7), (3, 0.6)]]) == [(1, 0.9), (2, 0.7), (3, 0.6)]


def test_of_a_huge_file_only_some_blocks_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curve, "BLOCK", 256)
    monkeypatch.setattr(curve, "MOST_BLOCKS", 8)
    path = written(tmp_path, *({"step": s, "metric": s / 2} for s in range(10_000)))
    found = read_curve(path, "error", most=1000)
    steps = [step for step, _ in found]
    assert (steps[0], steps[-1]) == (0, 9999)
    assert 8 * 5 < len(steps) < 8 * 256 / 20
    assert all(value == step / 2 for step, value in found)
    assert max(after - before for before, after in itertools.pairwise(steps)) < 2000


def test_gigabytes_are_read_in_no_time(tmp_path: Path) -> None:
    path = written(tmp_path, {"step": 1, "metric": 0.5})
    os.truncate(path, 2**33)
    with path.open("ab") as stream:
        stream.write(b'\n{"step": 2, "metric": 0.25}\n')
    begin = time.monotonic()
    assert read_curve(path, "error") == [(1, 0.5), (2, 0.25)]
    assert last_point(path, "error") == (2, 0.25)
    assert time.monotonic() - begin < 5


def test_garbage_by_the_megabyte_is_read_in_no_time(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    path.write_bytes(b'{"step"\n' * 300_000 + b'{"step": 2, "metric": 0.25}\n')
    begin = time.monotonic()
    assert read_curve(path, "error") == [(2, 0.25)]
    assert time.monotonic() - begin < 10


def test_a_line_longer_than_a_block_is_left_out(tmp_path: Path) -> None:
    long = {"step": 1, "metric": 0.5, "note": "x" * (3 * curve.BLOCK)}
    path = written(tmp_path, long, {"step": 2, "metric": 0.25})
    assert read_curve(path, "error") == [(2, 0.25)]


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "dead link", "unreadable"])
def test_what_is_not_a_file_is_no_curve(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "curve.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "dead link":
        path.symlink_to("gone")
    elif kind == "unreadable":
        path = tmp_path / ("x" * 300)
    assert read_curve(path, "error") == []
    assert last_point(path, "error") is None
