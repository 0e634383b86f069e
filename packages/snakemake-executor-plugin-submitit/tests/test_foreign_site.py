"""What a site and its users have set up around SLURM, on a real one."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

from on_slurm import accounted, queued_jobs, with_programs
from side_by_side import side_by_side
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until

ODD = {
    "SACCT_FORMAT": "JobName",
    "SACCT_LOCAL": "1",
    "SBATCH_ARRAY_INX": "3-5",
    "SBATCH_DEBUG": "1",
    "SBATCH_ERROR": "/nowhere/error",
    "SBATCH_EXPORT": "NONE",
    "SBATCH_GET_USER_ENV": "1",
    "SBATCH_INPUT": "/nowhere/input",
    "SBATCH_JOB_NAME": "odd",
    "SBATCH_NO_REQUEUE": "1",
    "SBATCH_OPEN_MODE": "truncate",
    "SBATCH_OUTPUT": "/nowhere/output",
    "SBATCH_SIGNAL": "KILL@600",
    "SBATCH_TIMELIMIT": "11",
    "SBATCH_WAIT": "1",
    "SCANCEL_NAME": "odd",
    "SCANCEL_STATE": "PENDING",
    "SCONTROL_ALL": "1",
    "SLURM_BITSTR_LEN": "5",
    "SLURM_EXIT_ERROR": "7",
    "SLURM_TIME_FORMAT": "%a",
    "SQUEUE_ACCOUNT": "nobody",
    "SQUEUE_FORMAT": "%u",
    "SQUEUE_NAMES": "odd",
    "SQUEUE_PARTITION": "high",
    "SQUEUE_STATES": "SUSPENDED",
    "SQUEUE_USERS": "nobody",
    "LC_ALL": "C.UTF-8",
}

CHATTY = """
echo 'Welcome to Far: 4 nodes | 12 users'
echo '{name}: info: 2 messages of 2026' >&2
{program} "$@"
code=$?
echo
echo 'You have 100 hours left'
exit $code
"""


@side_by_side
def test_variables_of_slurms_programs_change_nothing(cluster: Cluster, folder: Path) -> None:
    say = "echo $SECRET $LC_ALL > said.{wildcards.i}"
    environment = {**cluster.environment(), **ODD, "SECRET": "hush"}
    runs = {}
    for jobs in (1, 7):  # a job of its own, and an array
        workflow = SmallWorkflow(folder / f"{jobs}", say, jobs=jobs)
        runs[jobs] = workflow, workflow.start(environment=environment)
    for jobs, (workflow, running) in runs.items():
        running.ends()
        assert workflow.ran() == list(range(jobs))
        assert (workflow.folder / "said.0").read_text() == "hush C.UTF-8\n"
        wait_until(lambda w=workflow, n=jobs: len(accounted(cluster, w.folder, "JobID")) == n)
        assert set(accounted(cluster, workflow.folder, "JobName")) == {"job:out"}


@side_by_side
def test_jobs_are_cancelled_and_adopted_whatever_variables_say(
    cluster: Cluster, folder: Path
) -> None:
    environment = {**cluster.environment(), **ODD}
    workflow = SmallWorkflow(folder, "test -e go || sleep 300", jobs=2)
    first = workflow.start(environment=environment)
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    for lost in folder.rglob("jobs.json"):
        lost.unlink()
    second = workflow.start(environment=environment)
    wait_until(lambda: list(folder.rglob("jobs.json")))
    os.kill(second.process.pid, signal.SIGINT)
    second.ends(well=False)
    wait_until(lambda: not queued_jobs(cluster, folder))
    assert workflow.ran() == [0, 1]


@side_by_side
def test_defaults_of_the_user_count_where_the_workflow_says_nothing(
    cluster: Cluster, folder: Path
) -> None:
    defaults = {"SBATCH_PARTITION": "high", "SBATCH_TIMELIMIT": "11", "SBATCH_MEM_PER_CPU": "70"}
    rules = {"silent": "", "says": "resources: slurm_partition='main'"}
    workflow = SmallWorkflow(folder, "true", rules=rules)
    workflow.start(environment={**cluster.environment(), **defaults}).ends()
    asked = "JobName,Partition,TimelimitRaw,ReqMem"
    wait_until(lambda: len(accounted(cluster, folder, asked)) == 2)
    found = set(accounted(cluster, folder, asked))
    assert found == {"silent:out|high|5|50M", "says:out|main|5|50M"}


def chatty(cluster: Cluster, folder: Path) -> dict[str, str]:
    """An environment in which SLURM's programs greet the user."""
    names = ("sbatch", "squeue", "sacct", "scancel", "scontrol")
    greeting = {name: CHATTY.format(name=name, program=shutil.which(name)) for name in names}
    return with_programs(cluster.environment(), folder, greeting)


@side_by_side
def test_what_a_site_prints_around_answers_is_passed_over(cluster: Cluster, folder: Path) -> None:
    workflow = SmallWorkflow(folder, "test {wildcards.i} != 1 || sleep 300", jobs=3)
    running = workflow.start(environment=chatty(cluster, folder))
    wait_until(lambda: len(workflow.ran()) == 3)
    wait_until(lambda: workflow.made() == [0, 2])
    cluster.call("scancel", *queued_jobs(cluster, folder, "%i"))
    said = running.ends(well=False)
    assert "ended (CANCELLED)" in said
    assert workflow.ran() == [0, 1, 2]


@side_by_side
def test_a_lost_batch_is_found_though_the_site_writes_the_comments(
    cluster: Cluster, folder: Path
) -> None:
    workflow = SmallWorkflow(folder, UNTIL_GO, jobs=2)
    environment = chatty(cluster, folder)
    first = workflow.start(environment=environment)
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    for job in queued_jobs(cluster, folder):
        cluster.call("scontrol", "update", f"job={job}", "Comment=charged to far")
    for lost in folder.rglob("jobs.json"):
        lost.unlink()
    second = workflow.start(environment=environment)
    wait_until(lambda: list(folder.rglob("jobs.json")))
    (folder / "go").touch()
    second.ends()
    assert workflow.ran() == [0, 1]


@side_by_side
def test_without_scontrol_a_task_goes_on_when_its_time_is_nearly_over(
    cluster: Cluster, folder: Path
) -> None:
    """And a command without a handler of its own outlives the warning."""
    programs = folder / "programs"
    programs.mkdir()
    for place in ("/bin", "/usr/bin"):
        for path in Path(place).iterdir():
            if path.name != "scontrol" and not (programs / path.name).exists():
                (programs / path.name).symlink_to(path)
    environment = {**cluster.environment(), "PATH": str(programs)}
    workflow = SmallWorkflow(folder, UNTIL_GO, jobs=2)
    running = workflow.start("--submitit-resumable", environment=environment)
    wait_until(lambda: len(workflow.ran()) == 2)
    for number in ("USR1", "USR2"):
        cluster.call("scancel", "--full", f"--signal={number}", *queued_jobs(cluster, folder))
    time.sleep(3)  # longer than scontrol is tried
    (folder / "go").touch()
    running.ends()
    assert workflow.ran() == [0, 1]
    assert set(accounted(cluster, folder, "State")) == {"COMPLETED"}


HEEDED = ["USR1", "USR2", "INT", "QUIT", "HUP", "PIPE"]
"""Signals that Python, nohup, a shell's & or a worker may ignore."""


@side_by_side
def test_commands_have_signals_of_their_own(cluster: Cluster, folder: Path) -> None:
    traps = f'for s in {" ".join(HEEDED)}; do trap "echo $s >> got" $s; kill -$s $$; done'
    workflow = SmallWorkflow(
        folder, f"{traps}; yes | head -1 || echo ${{{{PIPESTATUS[0]}}}} >> got", jobs=1
    )
    workflow.start(environment=cluster.environment()).ends()
    assert (folder / "got").read_text().split() == [*HEEDED, "141"]


def test_folders_of_the_user_stay_as_they_are_and_secrets_are_not_written(
    breakable: Cluster, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2775)
    secret = "hush-hush"
    workflow = SmallWorkflow(tmp_path, "umask >> masks; echo $SECRET >> told", jobs=2)
    snakefile = tmp_path / "Snakefile"
    nested = 'rule nested:\n    output: "nested"\n    run:\n        import os\n        '
    nested += 'open(output[0], "w").write(os.environ["SECRET"][:4])\n'
    snakefile.write_text(
        f'envvars: "SECRET"\n{snakefile.read_text()}\n{nested}'.replace(
            "range(2))", 'range(2)), "nested"'
        )
    )
    options = (f"--submitit-folder={shared}", "--submitit-keep-logs")
    before = os.umask(0o027)
    try:
        running = workflow.start(
            *options, environment={**breakable.environment(), "SECRET": secret}, mem_mb=600
        )
    finally:
        os.umask(before)
    running.ends()
    assert (tmp_path / "nested").read_text() == "hush"
    assert (tmp_path / "told").read_text().split() == [secret, secret]
    assert (tmp_path / "masks").read_text().split() == ["0027", "0027"]
    assert shared.stat().st_mode & 0o7777 == 0o2775
    batches = list(shared.glob("*/closed.jsonl"))
    assert len(batches) == 2
    assert {path.stat().st_mode & 0o777 for path in batches} == {0o600}
    files = [path for path in shared.rglob("*") if path.is_file()]
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    owners = [json.loads(line) for line in batches[0].read_text().splitlines()[1:]]
    assert all("SECRET" not in piece["env"] for one in owners for piece in one["pieces"].values())


@side_by_side
def test_a_folder_that_is_made_is_the_users_alone(cluster: Cluster, folder: Path) -> None:
    SmallWorkflow(folder, "true", jobs=1).start(environment=cluster.environment()).ends()
    assert (folder / ".snakemake/submitit").stat().st_mode & 0o777 == 0o700


def test_local_tasks_inside_a_job_see_it_and_are_not_taken_for_it(tmp_path: Path) -> None:
    job = {"SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": "20", "SUBMITIT_EXECUTOR": "slurm"}
    workflow = SmallWorkflow(tmp_path, "echo $SLURM_JOB_ID >> seen", jobs=2)
    workflow.start(cluster="local", environment={**os.environ, **job}).ends()
    assert (tmp_path / "seen").read_text().split() == ["17", "17"]
