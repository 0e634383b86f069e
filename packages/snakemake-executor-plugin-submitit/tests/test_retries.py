"""What is tried again, how often, and with how much."""

from pathlib import Path

from on_slurm import accounted
from side_by_side import side_by_side
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until

GREEDY = "python3 -c 'import time; x = b\"x\" * 400_000_000; time.sleep(60)'"
"""Is killed where memory is limited to less."""

GROWING = """
    resources: mem_mb=lambda wildcards, attempt: 100 * attempt
    params: size=lambda wildcards, resources: resources.mem_mb + 1"""

LOCAL = f"""
rule all:
    input: expand("{{name}}.txt", name=["plain", "shadowed", "grouped", "python", "missing"])

rule plain:
    output: "plain.txt"
    retries: 2{GROWING}
    shell: "echo {{resources.mem_mb}} {{params.size}} >> FOLDER/told.plain; exit 3"

rule shadowed:
    output: "shadowed.txt"
    shadow: "minimal"
    retries: 1{GROWING}
    shell: "echo {{resources.mem_mb}} {{params.size}} >> FOLDER/told.shadowed; exit 3"

rule grouped:
    output: "grouped.txt"
    group: "together"
    retries: 1
    shell: "echo again >> FOLDER/told.grouped; exit 3"

rule python:
    output: "python.txt"
    retries: 1
    run:
        open("FOLDER/told.python", "a").write("again\\n")
        raise ValueError("no")

rule missing:
    output: "missing.txt"
    retries: 1{GROWING}
    shell: "echo {{params.size}} >> FOLDER/told.missing"
"""


def told(folder: Path, rule: str) -> list[str]:
    return (folder / f"told.{rule}").read_text().splitlines()


def test_a_job_is_tried_as_often_as_the_workflow_says_and_told_the_attempts_resources(
    tmp_path: Path,
) -> None:
    workflow = SmallWorkflow(tmp_path, "true")
    (tmp_path / "Snakefile").write_text(LOCAL.replace("FOLDER", str(tmp_path)))
    workflow.start("--cores=2", cluster="local").ends(well=False)
    assert told(tmp_path, "plain") == ["100 101", "200 201", "300 301"]
    assert told(tmp_path, "shadowed") == ["100 101", "200 201"]
    assert told(tmp_path, "missing") == ["101", "201"]
    assert told(tmp_path, "grouped") == told(tmp_path, "python") == ["again", "again"]


def telling(folder: Path, rules: dict[str, str]) -> SmallWorkflow:
    """Jobs that lack memory at each attempt."""
    tell = f"echo {{resources.mem_mb}} {{resources.mem}} >> {folder}/told.{{rule}}; {GREEDY}"
    return SmallWorkflow(folder, tell, retries=1, rules=rules)


@side_by_side
def test_a_retry_asks_for_what_its_command_is_told(cluster: Cluster, folder: Path) -> None:
    """Either the workflow makes it grow or the executor, never both."""
    rules = {
        "growing": "resources: mem_mb=lambda wildcards, attempt: 100 * attempt",
        "stepwise": "resources: mem_mb=lambda wildcards, attempt: {1: 100, 2: 150}[attempt]",
        "constant": "resources: mem_mb=100",
        "shadowed": "shadow: 'minimal'\n    resources: mem_mb=250, other=1",
        "set": "resources: other=1",
    }
    many = telling(folder / "many", rules)
    limited = telling(folder / "limited", {"limited": "resources: mem_mb=100"})
    options = ("--set-resources", "shadowed:other=2", "set:mem_mb=50*attempt")
    first = many.start(*options, environment=cluster.environment())
    second = limited.start("--resources", "mem_mb=150", environment=cluster.environment())
    assert "memory limit" in first.ends(well=False)
    second.ends(well=False)

    expected = {
        "growing": (["100M", "200M"], ["100 100 MB", "200 200 MB"]),
        "stepwise": (["100M", "150M"], ["100 100 MB", "150 150 MB"]),
        "constant": (["100M", "200M"], ["100 100 MB", "200 200 MB"]),
        "shadowed": (["250M", "500M"], ["250 250 MB", "500 500 MB"]),
        "set": (["50M", "100M"], ["50 50 MB", "100 100 MB"]),
    }
    wait_until(lambda: len(accounted(cluster, many.folder, "JobID")) == 2 * len(expected))
    for rule, (asked, said) in expected.items():
        rows = accounted(cluster, many.folder, "JobName,ReqMem")
        assert [row for row in rows if row.startswith(f"{rule}:")] == [
            f"{rule}:out|{memory}" for memory in asked
        ]
        assert told(many.folder, rule) == said
    assert set(accounted(cluster, many.folder, "TimelimitRaw")) == {"5"}
    wait_until(lambda: accounted(cluster, limited.folder, "ReqMem") == ["100M", "150M"])


@side_by_side
def test_a_retry_that_asks_for_too_much_fails_alone(cluster: Cluster, folder: Path) -> None:
    command = f"if [ {{wildcards.i}} = 0 ]; then {GREEDY}; else {UNTIL_GO}; fi"
    workflow = SmallWorkflow(folder, command, jobs=2, retries=1)
    factor = "--submitit-memory-factor=1000000"
    running = workflow.start(factor, environment=cluster.environment())
    wait_until(lambda: "SLURM refused the jobs" in running.said())
    (folder / "go").touch()
    assert "Correct what the jobs ask for" not in running.ends(well=False)
    assert workflow.made() == [1]


@side_by_side
def test_a_retry_is_recognised_by_the_next_controller(cluster: Cluster, folder: Path) -> None:
    """Its command differs from that of a first attempt."""
    once = f"test -e again || {{{{ touch again; {GREEDY}; }}}}"
    command = f": {{resources.mem_mb}}; {once}; {UNTIL_GO}"
    more = "resources: mem_mb=100"
    workflow = SmallWorkflow(folder, command, jobs=1, retries=1, more=more)
    first = workflow.start(environment=cluster.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    second = workflow.start(environment=cluster.environment())
    wait_until(lambda: "wildcards: i=0" in second.said())
    (folder / "go").touch()
    second.ends()
    assert workflow.ran() == [0, 0]
