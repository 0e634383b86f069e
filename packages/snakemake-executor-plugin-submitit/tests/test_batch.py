"""Jobs that are ready become arrays of tasks: none lost, none twice, none mixed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from snakemake_executor_plugin_submitit.batch import Packing, Piece
from snakemake_executor_plugin_submitit.resources import Resources

RESOURCES = st.builds(
    Resources,
    cpus=st.integers(1, 4),
    memory=st.none() | st.integers(1, 9),
    minutes=st.none() | st.integers(1, 60),
)


def piece(rule: str = "train", resources: Resources = Resources(), output: str = "o/1") -> Piece:  # noqa: B008
    return Piece("key", "digest", rule, resources, [output], True, {})


@given(
    st.lists(st.builds(piece, st.sampled_from("ab"), RESOURCES), max_size=60),
    st.builds(
        Packing,
        pack=st.integers(1, 9),
        parallel=st.integers(1, 4),
        array=st.integers(1, 7),
        longest=st.none() | st.integers(1, 200),
        processors=st.none() | st.integers(1, 8),
    ),
)
def test_every_piece_is_in_one_task_with_its_like(pieces: list[Piece], packing: Packing) -> None:
    batches = packing.batches(pieces)
    placed = Counter(id(p) for b in batches for task in b.tasks for p in task)
    assert placed == Counter(map(id, pieces))
    for batch in batches:
        assert 1 <= len(batch.tasks) <= packing.array
        assert all(1 <= len(task) <= packing.pack for task in batch.tasks)
        assert {p.rule for task in batch.tasks for p in task} == {batch.rule}
        assert len({p.resources for task in batch.tasks for p in task}) == 1


@given(st.integers(1, 50), st.integers(1, 60), st.integers(60, 600))
def test_packs_fit_into_the_longest_time(count: int, minutes: int, longest: int) -> None:
    packing = Packing(pack=100, longest=longest)
    [*batches] = packing.batches([piece(resources=Resources(minutes=minutes))] * count)
    assert all((b.resources.minutes or 0) <= longest for b in batches)


def test_a_task_asks_for_the_time_of_its_pieces_and_the_width_of_those_side_by_side() -> None:
    job = Resources(cpus=2, memory=100, minutes=10)
    assert job.packed(pieces=6, parallel=1) == Resources(2, 100, False, 60)
    assert job.packed(pieces=6, parallel=4) == Resources(8, 400, False, 20)
    assert job.packed(pieces=1, parallel=4) == job
    assert Resources(2, 100, True).packed(6, 2) == Resources(4, 100, True)


def test_local_packs_leave_work_for_each_processor() -> None:
    tasks = Packing(pack=30, array=1, processors=8).batches([piece() for _ in range(40)])
    assert len(tasks) == 14
    assert max(len(b.tasks[0]) for b in tasks) == 3


def test_names_tell_the_rule_and_where_results_go() -> None:
    pieces = [piece(output=f"results/mnist/stage-1/{i}.json") for i in range(3)]
    [batch] = Packing().batches(pieces)
    assert batch.name == "train:results.mnist.stage-1"
    assert [half.name for half in batch.halves()] == [batch.name] * 2


def test_only_jobs_in_packs_have_a_time_limit_of_their_own() -> None:
    pieces = [piece(resources=Resources(minutes=2)) for _ in range(4)]
    assert [b.limit for b in Packing(pack=4).batches(pieces)] == [120]
    assert [b.limit for b in Packing(pack=1).batches(pieces)] == [None]
