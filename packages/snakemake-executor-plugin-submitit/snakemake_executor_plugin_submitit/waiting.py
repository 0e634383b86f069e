"""What is said about jobs that SLURM does not start: once per reason."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from snakemake_executor_plugin_submitit.jobids import job_id_on, split_id
from snakemake_executor_plugin_submitit.slurm import on

RELEASE = "Release with 'scontrol{on} release {list}', or cancel with 'scancel{on} {words}'."
CANCEL = "Cancel with 'scancel{on} {words}', change {what}, and rerun the same command."

HELD = (
    (
        r"requeued held|requeued in held|JobHoldMaxRequeue|launch failed|SPECIAL_EXIT|REQUEUE_HOLD",
        "requeued and held by SLURM, which could not start it, or by a user",
        f"Find out why (scontrol show job ID). {RELEASE}",
    ),
    ("JobHeldUser", "held by a user", RELEASE),
    ("JobHeldAdmin", "held by an administrator", f"Ask why. {RELEASE}"),
    ("SUSPENDED|STOPPED", "suspended", "Resume with 'scontrol{on} resume {list}'."),
    (
        "DependencyNeverSatisfied",
        "what it depends on has failed",
        CANCEL.replace("{what}", "slurm_extra"),
    ),
    (
        r"BadConstraints|PartitionConfig|PartitionNodeLimit|PartitionTimeLimit|MaxMemPerLimit|"
        r"NotSatisfied|QOSMin|PerJob|PerNode|AccountNotAllowed|QOSNotAllowed|InvalidAccount|"
        r"InvalidQOS|AccountingPolicy|RESV_DEL_HOLD|ReservationDeleted|ReservationInvalid|DeadLine",
        "can never start as it is",
        CANCEL.replace("{what}", "what the job asks for"),
    ),
)
"""Reasons that do not pass on their own: pattern, what it means, what to do."""

PASSING = (
    ("Grp|PerAccount|AssociationResource|AssociationJob", "a limit of the account is reached"),
    ("PerUser|MaxJobs|QOSJobLimit|QOSResourceLimit", "a limit of the user is reached"),
    ("ReqNodeNotAvail|NodeDown|Nodes required", "nodes are out of service or reserved"),
    ("PartitionDown|PartitionInactive", "the partition is out of service"),
    ("Reservation", "the reservation has not started or is full"),
    ("Licenses|BurstBuffer", "all licences or burst buffers are taken"),
)
"""Reasons that pass: reported if they last until the next query."""

QUIET = {
    *("", "None", "Priority", "Resources", "Prolog", "BeginTime", "Cleaning", "Dependency"),
    *("JobArrayTaskLimit", "SchedDefer", "FedJobLock", "WaitingForScheduling"),
}
"""How things usually go."""

STATES = {"REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "STOPPED", "SUSPENDED"}
"""States that are reasons."""

SHOWN = 5
"""Jobs, or arrays, that are named."""


class Waiting:
    """Remembers what has been reported."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._before: set[str] = set()

    def news(self, reasons: Mapping[str, str]) -> Iterator[str]:
        """What to tell about the tasks that wait, given the reason of each; nothing twice."""
        alike: dict[tuple[str, str], list[str]] = defaultdict(list)
        for job_id, reason in reasons.items():
            task, cluster = split_id(job_id)
            # Of "ReqNodeNotAvail, UnavailableNodes:node4" the nodes change.
            alike[re.split(r"[,:(]", reason)[0].strip(), cluster].append(task)
        before, self._before = self._before, {reason for reason, _ in alike}
        for (reason, cluster), tasks in alike.items():
            held = next((row for row in HELD if re.search(row[0], reason)), None)
            if reason in QUIET | self._told or (not held and reason not in before):
                continue
            self._told.add(reason)
            jobs = sorted({task.partition("_")[0] for task in tasks})
            more = ", ..." if len(jobs) > SHOWN else ""
            where = f" of cluster {cluster}" if cluster else ""
            full = reasons[job_id_on(tasks[0], cluster)]
            what = (
                f"{len(tasks)} job{'s wait' if len(tasks) > 1 else ' waits'} in the queue{where} "
            )
            what += f"({', '.join(jobs[:SHOWN])}{more}): {full}"
            if held:
                _, meaning, advice = held
                yield f"{what}: {meaning}. " + advice.format(
                    list=",".join(jobs[:SHOWN]),
                    words=" ".join(jobs[:SHOWN]),
                    on="".join(f" {word}" for word in on(cluster)),
                )
            else:
                meanings = (f": {m}" for says, m in PASSING if re.search(says, reason))
                yield f"{what}{next(meanings, '')}. Nothing to do: SLURM starts them when it can."
