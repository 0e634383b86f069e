"""What is read from SLURM's answers, whatever stands around it."""

import documented
import pytest
from snakemake_executor_plugin_submitit import slurm
from snakemake_executor_plugin_submitit.jobids import task_id
from snakemake_executor_plugin_submitit.slurm_queue import SlurmQueue
from snakemake_executor_plugin_submitit.states import FINAL, PASSING, read_rows

UNDER_WAY = {
    "COMPLETING",
    "CONFIGURING",
    "PENDING",
    "REQUEUE_FED",
    "REQUEUE_HOLD",
    "RESIZING",
    "RESV_DEL_HOLD",
    "RUNNING",
    "SIGNALING",
    "SPECIAL_EXIT",
    "STAGE_OUT",
    "STOPPED",
    "SUSPENDED",
}


@pytest.mark.parametrize("program", ["squeue", "sacct"])
def test_each_documented_state_is_an_end_or_is_not(program: str) -> None:
    assert not FINAL & PASSING | FINAL & UNDER_WAY | PASSING & UNDER_WAY
    assert documented.states(program) <= FINAL | PASSING | UNDER_WAY


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("411|CANCELLED by 0", {"411": "CANCELLED"}),
        ("411|CANCELLED+", {"411": "CANCELLED"}),
        ("411|NODE_FAIL,REQUEUED", {"411": "NODE_FAIL"}),
        ("411|OUT_OF_MEMORY|0:125", {"411": "OUT_OF_MEMORY"}),
        ("411|RECONFIG_FAIL", {"411": "RECONFIG_FAIL"}),
        ("411+0|RUNNING\n411+1|FAILED", {"411": "RUNNING"}),
        ("411.batch|FAILED\n411.0|FAILED\n411.extern|COMPLETED", {}),
        ("  411_4|RUNNING \r", {"411_4": "RUNNING"}),
        ("411_[1-3%2]|PENDING", dict.fromkeys(["411_1", "411_2", "411_3"], "PENDING")),
        ("411_[1,3-4]|PENDING", dict.fromkeys(["411_1", "411_3", "411_4"], "PENDING")),
        ("411_[0-4:2%1]|PENDING", dict.fromkeys(["411_0", "411_2", "411_4"], "PENDING")),
        ("411_[1,3,45...]|PENDING", dict.fromkeys(["411_1", "411_3"], "PENDING")),
        ("411_[1,3,4...|PENDING", dict.fromkeys(["411_1", "411_3"], "PENDING")),
        ("Welcome to Far | 3 nodes\nJobID|State\n411|FAILED\n\n2026|", {"411": "FAILED"}),
        ("411|", {}),
        ("slurm_load_jobs error|FAILED", {}),
    ],
)
def test_states_are_read_from_rows_and_from_nothing_else(text: str, states: dict[str, str]) -> None:
    assert {job_id: state for job_id, (state, _) in read_rows(text).items()} == states


@pytest.mark.parametrize(
    ("answer", "job_id"),
    [
        ("411\n", "411"),
        ("411;far\n", "411;far"),
        ("Welcome to Far, user 7\n411\nYou have 12 hours left\n", "411"),
        ("Submitted batch job 411", "411"),
        ("sbatch: lua: thank you\nSubmitted batch job 411 on cluster far\n", "411;far"),
        ("411;far\nSubmitted batch job 411 on cluster far\n", "411;far"),
    ],
)
def test_the_job_is_found_in_sbatchs_answer(answer: str, job_id: str) -> None:
    assert slurm.read_answer(answer) == job_id


@pytest.mark.parametrize("answer", ["", "Welcome", "411\n412\n"])
def test_an_answer_without_one_job_is_none(answer: str) -> None:
    with pytest.raises(slurm.AnswerError):
        slurm.read_answer(answer)


def test_ids_know_their_cluster() -> None:
    assert task_id("411;far", 4) == "411_4;far"
    assert task_id("411", 4) == "411_4"
    commands = slurm.cancellations({"411_4", "411_2", "7;far", "8_1;far"})
    assert commands == [["scancel", "411_[2,4]"], ["scancel", "-M", "far", "7", "8_[1]"]]


def test_options_of_a_script_are_repeated_as_they_are() -> None:
    script = "#!/bin/bash\n#SBATCH --comment='a b'\n#SBATCH --requeue\necho '#SBATCH --no'\n"
    assert slurm.options(script) == ["--comment=a b", "--requeue"]


def test_pending_ranges_and_array_tasks_are_found_by_job_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "411_4|FAILED\n411_[5-7%2]|PENDING\n412|CANCELLED by 0\n"
    done = slurm.subprocess.CompletedProcess("", 0, said, "")
    monkeypatch.setattr(slurm, "call", lambda *_: done)
    states = SlurmQueue().states({"411_4", "411_6", "412;far"}, 0)
    assert states == {"411_4": "FAILED", "411_6": "PENDING", "412;far": "CANCELLED"}
