"""Failed nodes are left out. The scheduler is a double here; test_features.py has a real one."""

import time
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from snakemake_executor_plugin_submitit import slurm
from snakemake_executor_plugin_submitit.nodes import FailedNodes
from snakemake_executor_plugin_submitit.resources import Resources
from snakemake_interface_common.exceptions import WorkflowError


class Accounts:
    """What sacct prints."""

    def __init__(self) -> None:
        self.rows: list[str] = ["Welcome to our cluster"]
        self.questions = 0

    def end(self, job: str, state: str, node: str, seconds: float = 1) -> None:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + seconds))
        self.rows.append(f"{job}|{state}|{node}|{when}")

    def __call__(self, *_: str) -> SimpleNamespace:
        self.questions += 1
        return SimpleNamespace(stdout="\n".join(self.rows), returncode=0)


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Accounts:
    accounts = Accounts()
    monkeypatch.setattr(slurm, "call", accounts)
    return accounts


def excluded(failed: FailedNodes, options: Sequence[tuple[str, str]] = ()) -> str | bool | None:
    return dict(failed.avoid(Resources(options=tuple(options))).options).get("exclude")


def test_the_node_of_a_job_that_it_has_failed_is_left_out_and_named_once(
    accounts: Accounts,
) -> None:
    said: list[str] = []
    failed = FailedNodes("auto", said.append)
    failed.watch(["5_0", "5_1", "7"])
    accounts.end("5_0", "NODE_FAIL", "node3")
    accounts.end("5_1", "FAILED", "node2")
    accounts.end("7", "NODE_FAIL", "node[1-2]")  # either may be at fault
    accounts.end("7", "BOOT_FAIL", "node9", seconds=-100)  # before this run
    failed.look()
    failed.look()
    assert accounts.questions == 1
    assert excluded(failed) == "node3"
    assert excluded(failed, [("exclude", "node8")]) == "node8,node3"
    assert [text.split(":")[0] for text in said] == ["No more jobs are submitted to node3"]


def test_a_node_where_jobs_do_not_even_start_is_left_out_if_they_start_elsewhere(
    accounts: Accounts,
) -> None:
    failed = FailedNodes("auto", print)
    failed.watch(["5_0", "6_0"])
    failed.could_not_start("5_0")  # it may be the environment that is missing everywhere
    accounts.end("5_0", "FAILED", "node3")
    accounts.end("6_0", "FAILED", "node4")
    failed.look()
    assert excluded(failed) is None
    failed.started_well()
    failed.could_not_start("6_0")
    failed.look()
    assert excluded(failed) == "node4"


def test_the_user_names_nodes_or_switches_it_off(accounts: Accounts) -> None:
    assert excluded(FailedNodes("node1,node[3-5]", print)) == "node1,node[3-5]"
    off = FailedNodes("none", print)
    off.watch(["5"])
    accounts.end("5", "NODE_FAIL", "node3")
    off.look()
    assert excluded(off) is None
    with pytest.raises(WorkflowError, match="is not auto, none or a list of nodes"):
        FailedNodes("node1; rm", print)


def test_nothing_is_asked_without_tasks(accounts: Accounts) -> None:
    FailedNodes("auto", print).look()
    assert accounts.questions == 0


def test_nodes_are_used_again_when_no_other_is_left(accounts: Accounts) -> None:
    failed = FailedNodes("auto", print)
    assert not failed.forgive()
    failed.watch(["5"])
    accounts.end("5", "NODE_FAIL", "node3", seconds=-0.0)
    failed.look()
    assert failed.forgive()
    assert excluded(failed) is None
