"""What is said about jobs that SLURM does not start: once per reason."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

RELEASE = "Release with 'scontrol release {list}', or cancel with 'scancel {words}'."
CANCEL = "Cancel with 'scancel {words}', change {what}, and rerun the same command."

HELD = (
    (
        r"requeued held|requeued in held|JobHoldMaxRequeue|launch failed|SPECIAL_EXIT|REQUEUE_HOLD",
        "requeued by SLURM, which could not start it, or by somebody, and held",
        f"Find out why (scontrol show job ID). {RELEASE}",
    ),
    ("JobHeldUser", "held by a user", RELEASE),
    ("JobHeldAdmin", "held by an administrator", f"Ask why. {RELEASE}"),
    ("SUSPENDED|STOPPED", "suspended", "Resume with 'scontrol resume {list}'."),
    (
        "DependencyNeverSatisfied",
        "what it depends on has failed",
        CANCEL.replace("{what}", "slurm_extra"),
    ),
    (
        r"BadConstraints|PartitionConfig|PartitionNodeLimit|PartitionTimeLimit|MaxMemPerLimit|"
        r"NotSatisfied|QOSMin|PerJob|PerNode|AccountNotAllowed|QOSNotAllowed|InvalidAccount|"
        r"InvalidQOS|AccountingPolicy|RESV_DEL_HOLD|ReservationDeleted|ReservationInvalid|DeadLine",
        "never to be started as it is",
        CANCEL.replace("{what}", "what the job asks for"),
    ),
)
"""Reasons that do not pass by themselves: pattern, what it means, what to do."""

PASSING = (
    ("Grp|PerAccount|AssociationResource|AssociationJob", "a limit of the account is reached"),
    ("PerUser|MaxJobs|QOSJobLimit|QOSResourceLimit", "a limit of the user is reached"),
    ("ReqNodeNotAvail|NodeDown|Nodes required", "nodes are out of service or reserved"),
    ("PartitionDown|PartitionInactive", "the partition is out of service"),
    ("Reservation", "the reservation has not begun or is full"),
    ("Licenses|BurstBuffer", "all licences or burst buffers are taken"),
)
"""Reasons that pass: told if they last until the next query."""

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
    """Remembers what has been told."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._before: set[str] = set()

    def news(self, reasons: Mapping[str, str]) -> Iterator[str]:
        """What to tell about the tasks that wait, given the reason of each; nothing twice."""
        tasks: dict[str, list[str]] = defaultdict(list)
        for task, reason in reasons.items():
            # Of "ReqNodeNotAvail, UnavailableNodes:node4" the nodes change.
            tasks[re.split(r"[,:(]", reason)[0].strip()].append(task)
        before, self._before = self._before, set(tasks)
        for reason, alike in tasks.items():
            held = next((row for row in HELD if re.search(row[0], reason)), None)
            if reason in QUIET | self._told or (not held and reason not in before):
                continue
            self._told.add(reason)
            jobs = sorted({task.partition("_")[0] for task in alike})
            more = ", ..." if len(jobs) > SHOWN else ""
            what = f"{len(alike)} job{'s wait' if len(alike) > 1 else ' waits'} in the queue "
            what += f"({', '.join(jobs[:SHOWN])}{more}): {reasons[alike[0]]}"
            if held:
                _, meaning, advice = held
                yield f"{what}: {meaning}. " + advice.format(
                    list=",".join(jobs[:SHOWN]), words=" ".join(jobs[:SHOWN])
                )
            else:
                meanings = (f": {m}" for says, m in PASSING if re.search(says, reason))
                yield f"{what}{next(meanings, '')}. Nothing to do: SLURM starts them when it can."
