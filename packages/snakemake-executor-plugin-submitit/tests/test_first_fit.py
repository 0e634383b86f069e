"""The scheduler for many jobs selects what Snakemake's greedy one does."""

import logging
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from snakemake.scheduling import greedy
from snakemake_scheduler_plugin_first_fit import Scheduler


class Path(str):
    def is_flagged(self, flag: str) -> bool:
        return flag == "temp" and self.startswith("temp")


@dataclass(eq=False)
class Job:
    priority: int
    scheduler_resources: dict[str, int]
    input: list[Path] = field(default_factory=list)


SIZES = {Path("temp1"): 5, Path("temp2"): 9, Path("a"): 5, Path("b"): None}
jobs = st.builds(
    Job,
    st.integers(0, 2),
    st.fixed_dictionaries(
        {"_cores": st.integers(1, 4), "_nodes": st.just(1)},
        optional={"mem_mb": st.integers(0, 300)},
    ),
    st.lists(st.sampled_from(list(SIZES)), max_size=3, unique=True),
)
available = st.fixed_dictionaries(
    {"_cores": st.integers(1, 20), "_nodes": st.integers(1, 9), "mem_mb": st.integers(0, 900)}
)


@given(st.lists(jobs, min_size=1, max_size=12), available)
def test_it_selects_what_the_greedy_scheduler_selects(
    ready: list[Job], resources: dict[str, int]
) -> None:
    logger = logging.getLogger()
    theirs = greedy.Scheduler(None, greedy.SchedulerSettings(), logger)
    expected = theirs.select_jobs(ready, ready, resources, SIZES)
    assert Scheduler(None, None, logger).select_jobs(ready, ready, resources, SIZES) == expected


def test_many_jobs_are_selected_at_once() -> None:
    # The greedy scheduler takes hours for these.
    ready = [Job(0, {"_cores": 1, "_nodes": 1}) for _ in range(50_000)]
    selected = Scheduler(None, None, logging.getLogger()).select_jobs(
        set(ready), ready, {"_cores": 10**6, "_nodes": 10**6}, {}
    )
    assert set(selected) == set(ready)
