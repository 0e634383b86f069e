"""What is tried again, how often, and with how much."""

from pathlib import Path

import pytest
from small_workflow import SmallWorkflow, wait_until

from tests.slurm.cluster import Cluster

GREEDY = "python3 -c 'import time; x = b\"x\" * 300_000_000; time.sleep(15)'"
"""Is killed where memory is limited to less."""

WORKFLOW = """
rule all:
    input: "out.txt"

rule job:
    output: "out.txt"
    retries: {retries}
    {more}
    {command}
"""


def write(folder: Path, *, retries: int, more: str, command: str) -> SmallWorkflow:
    workflow = SmallWorkflow(folder, "true", jobs=1)
    text = WORKFLOW.format(retries=retries, more=more, command=command)
    (folder / "Snakefile").write_text(text)
    return workflow


def shell(command: str) -> str:
    return f"shell: {command!r}"


def run(*lines: str) -> str:
    return "run:\n" + "\n".join(f"        {line}" for line in lines)


@pytest.mark.parametrize(
    ("more", "command"),
    [
        ("", run("open('ran.txt', 'a').write('0\\n')", "raise ValueError('no')")),
        ("shadow: 'minimal'", shell("echo 0 >> $OLDPWD/ran.txt || true; exit 3")),
        ("group: 'together'", shell("echo 0 >> ran.txt; exit 3")),
        ("", shell("echo 0 >> ran.txt; exit 3")),
    ],
)
def test_a_job_is_tried_as_often_as_the_workflow_says(
    tmp_path: Path, more: str, command: str
) -> None:
    command = command.replace("$OLDPWD", str(tmp_path))
    workflow = write(tmp_path, retries=2, more=more, command=command)
    workflow.start("--cores=2", cluster="local").ends(well=False)
    assert workflow.ran() == [0, 0, 0]


@pytest.mark.parametrize("more", ["", "shadow: 'minimal'"])
def test_parameters_that_use_resources_are_those_of_the_attempt(tmp_path: Path, more: str) -> None:
    more += "\n    resources: mem_mb=lambda wildcards, attempt: 100 * attempt"
    more += "\n    params: size=lambda wildcards, resources: resources.mem_mb + 1"
    command = shell(f"echo {{resources.mem_mb}} {{params.size}} >> {tmp_path}/told.txt; exit 3")
    workflow = write(tmp_path, retries=2, more=more, command=command)
    workflow.start("--cores=2", cluster="local").ends(well=False)
    assert (tmp_path / "told.txt").read_text().splitlines() == ["100 101", "200 201", "300 301"]


def test_a_result_that_is_missing_is_tried_again_with_the_parameters_of_that_attempt(
    tmp_path: Path,
) -> None:
    more = "resources: mem_mb=lambda wildcards, attempt: 100 * attempt"
    more += "\n    params: size=lambda wildcards, resources: resources.mem_mb"
    command = shell(f"echo {{params.size}} >> {tmp_path}/told.txt")
    workflow = write(tmp_path, retries=1, more=more, command=command)
    workflow.start("--cores=2", "--latency-wait=0", cluster="local").ends(well=False)
    assert (tmp_path / "told.txt").read_text().splitlines() == ["100", "200"]


def asked_for(cluster: Cluster, folder: Path) -> list[str]:
    """The memory that the jobs from a folder have asked for, in order."""
    rows = cluster.call("sacct", "-XnPD", "-o", "ReqMem,WorkDir").splitlines()
    return [row.partition("|")[0] for row in rows if row.endswith(f"|{folder}")]


TELLING = f"echo {{resources.mem_mb}} {{resources.mem}} >> FOLDER/told.txt; {GREEDY}"


@pytest.mark.parametrize(
    ("more", "options", "asked", "told"),
    [
        (
            "resources: mem_mb=lambda wildcards, attempt: 100 * attempt",
            [],
            ["100M", "200M"],
            ["100 100 MB", "200 200 MB"],
        ),
        ("resources: mem_mb=100", [], ["100M", "200M"], ["100 100 MB", "200 200 MB"]),
        (
            "shadow: 'minimal'\n    resources: mem_mb=250, other=1",
            ["--set-resources", "job:other=2"],
            ["250M", "500M"],
            ["250 250 MB", "500 500 MB"],
        ),
        (
            "resources: other=1",
            ["--set-resources", "job:mem_mb=50*attempt"],
            ["50M", "100M"],
            ["50 50 MB", "100 100 MB"],
        ),
        ("resources: mem_mb=100", ["--resources", "mem_mb=150"], ["100M", "150M"], None),
        (
            "resources: mem_mb=lambda wildcards, attempt: {1: 100, 2: 150}[attempt]",
            [],
            ["100M", "150M"],
            None,
        ),
    ],
)
def test_a_retry_asks_for_what_its_command_is_told(
    breakable: Cluster,
    tmp_path: Path,
    more: str,
    options: list[str],
    asked: list[str],
    told: list[str] | None,
) -> None:
    """Either the workflow makes it grow or the executor, never both."""
    command = shell(TELLING.replace("FOLDER", str(tmp_path)))
    workflow = write(tmp_path, retries=1, more=more, command=command)
    running = workflow.start(*options, environment=breakable.environment())
    running.ends(well=False, within=180)
    wait_until(lambda: len(asked_for(breakable, tmp_path)) == 2)
    assert asked_for(breakable, tmp_path) == asked
    if told is not None:
        assert (tmp_path / "told.txt").read_text().splitlines() == told


def test_a_retry_is_recognised_by_the_next_controller(breakable: Cluster, tmp_path: Path) -> None:
    """Its command differs from that of a first attempt."""
    once = f"test -e again || {{{{ touch again; {GREEDY}; }}}}; sleep 8; echo > {{output}}"
    command = shell("echo 0 >> ran.txt; : {resources.mem_mb}; " + once)
    workflow = write(tmp_path, retries=1, more="resources: mem_mb=100", command=command)
    first = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    workflow.start(environment=breakable.environment()).ends()
    assert workflow.ran() == [0, 0]
