"""The table of what SLURM says, and what is said about jobs that wait. Pure."""

import pytest
from snakemake_executor_plugin_submitit.verdicts import TABLE, UNKNOWN, Verdict, judge
from snakemake_executor_plugin_submitit.waiting import Waiting

POLICY = (
    "sbatch: error: {}\nsbatch: error: Batch job submission failed: Job violates accounting/QOS "
    "policy (job submit limit, user's size and/or time limits)"
)


@pytest.mark.parametrize(
    ("reason", "own"),
    [
        ("QOSMaxSubmitJobPerUserLimit", True),
        ("AssocMaxSubmitJobLimit", True),
        ("AssocGrpSubmitJobsLimit", False),
        ("QOSGrpSubmitJobsLimit", False),
        ("MaxSubmitJobsPerAccount", False),
        ("Reached jobs per hour limit", False),
        ("", True),
    ],
)
def test_a_full_queue_is_waited_for_and_who_fills_it_is_known(reason: str, own: bool) -> None:
    row = judge(POLICY.format(reason))
    assert (row.verdict, row.own, row.smaller) == (Verdict.WAIT, own, True)


@pytest.mark.parametrize(
    ("reason", "helps"),
    [
        ("QOSMinCpuNotSatisfied", "Ask for more"),
        ("QOSMinMemory", "Ask for more"),
        ("QOSMaxWallDurationPerJobLimit", "runtime"),
        ("AssocMaxCpuMinutesPerJobLimit", "runtime"),
        ("QOSMaxMemoryPerUser", "Ask for less"),
        ("AssocMaxCpuPerJobLimit", "Ask for less"),
        ("QOSMaxGRESPerNode", "Ask for less"),
        ("AssocGrpMemLimit", "Ask for less"),
        ("QOSGrpNodeLimit", "Ask for less"),
        ("MaxCpuPerAccount", "Ask for less"),
        ("MaxMemPerLimit", "Ask for less"),
    ],
)
def test_a_limit_that_one_job_exceeds_fails_with_what_helps(reason: str, helps: str) -> None:
    row = judge(POLICY.format(reason))
    assert row.verdict is Verdict.FAIL
    assert helps in row.helps


@pytest.mark.parametrize(
    "message",
    [
        "Unexpected message received",
        "Unable to contact slurm controller (connect failure)",
        "Slurm backup controller in standby mode",
        "Controller is in standby mode, try a different controller",
        "System submissions disabled",
        "Zero Bytes were transmitted or received",
        "Socket timed out on send/recv operation",
        "Incompatible versions of client and server code",
        "Protocol authentication error",
        "Invalid job credential",
        "Plugin initialization failed",
        "Plugin file not found",
        "Rate limit exceeded, please retry later",
        "Resource temporarily unavailable",
        "I/O error writing script/environment to file",
        "Required partition not available (inactive or drain)",
        "Slurm internal error, contact system administrator",
        "Insane message length",
        "Unable to create job record, try again",
    ],
)
def test_trouble_of_slurm_itself_is_tried_again(message: str) -> None:
    assert judge(f"sbatch: error: Batch job submission failed: {message}").verdict is Verdict.RETRY


@pytest.mark.parametrize(
    "message",
    [
        'sbatch: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2"',
        "sbatch: fatal: Unable to process configuration file",
        "sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host\n"
        "sbatch: error: fetch_config: DNS SRV lookup failed\n"
        "sbatch: fatal: Could not establish a configuration source",
        "sbatch: error: cannot find auth plugin for auth/munge\n"
        "sbatch: error: cannot create auth context for auth/munge",
    ],
)
def test_so_is_trouble_of_this_machine_with_slurm(message: str) -> None:
    assert judge(message).verdict is Verdict.RETRY


@pytest.mark.parametrize(
    ("message", "resource"),
    [
        ("Requested node configuration is not available", "mem_mb"),
        ("Memory required by task is not available", "mem_mb"),
        ("Invalid partition name specified", "slurm_partition"),
        ("User's group not permitted to use this partition", "slurm_partition"),
        ("Invalid account or account/partition combination specified", "slurm_account"),
        ("Invalid qos specification", "qos"),
        ("Requested time limit is invalid (missing or exceeds some limit)", "runtime"),
        ("Invalid feature specification", "constraint"),
        ("Invalid generic resource (gres) specification", "gpu"),
        ("Requested reservation is invalid", "reservation"),
        ("More processors requested than permitted", "threads"),
        ("Node count specification invalid", "nodes"),
        ("sbatch: unrecognized option '--frobnicate'", "slurm_extra"),
    ],
)
def test_what_is_wrong_with_the_job_fails_and_names_the_resource(
    message: str, resource: str
) -> None:
    row = judge(message)
    assert row.verdict is Verdict.FAIL
    assert resource in row.helps


def test_the_words_of_a_site_are_not_those_of_slurm() -> None:
    assert judge("You must name a project.\nBatch job submission failed: Unspecified error") in (
        TABLE
    )
    assert judge("You shall not pass") is UNKNOWN


def test_reasons_that_stay_are_told_at_once_and_those_that_pass_when_they_last() -> None:
    waiting = Waiting()
    first = {"1_0": "JobHeldUser", "1_1": "JobHeldUser", "2": "AssocGrpCpuLimit", "3": "Priority"}
    [held] = waiting.news(first)
    assert held == (
        "2 jobs wait in the queue (1): JobHeldUser: held by a user. Release with "
        "'scontrol release 1', or cancel with 'scancel 1'."
    )
    [limit] = waiting.news(first)
    assert limit.startswith(
        "1 job waits in the queue (2): AssocGrpCpuLimit: a limit of the account"
    )
    assert not list(waiting.news(first))


def test_the_nodes_of_a_reason_may_change() -> None:
    waiting = Waiting()
    assert not list(waiting.news({"4": "ReqNodeNotAvail, UnavailableNodes:node4"}))
    assert len(list(waiting.news({"4": "ReqNodeNotAvail, UnavailableNodes:node[3-4]"}))) == 1
    assert not list(waiting.news({"5": "ReqNodeNotAvail, May be reserved for other job"}))
