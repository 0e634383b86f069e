"""What is said about jobs that SLURM does not start: once per reason."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

HELD = (
    (
        r"requeued held|requeued in held|JobHoldMaxRequeue|launch failed|SPECIAL_EXIT|REQUEUE_HOLD",
        "SLURM could not start them, or somebody put them back, and holds them",
        "Look at the node or ask the administrators; then release or cancel them",
    ),
    (r"JobHeldUser", "they are held by a user", "Release or cancel them"),
    (r"JobHeldAdmin", "they are held by an administrator", "Ask why, then release or cancel them"),
    (r"SUSPENDED|STOPPED", "they are suspended", "They continue with 'scontrol resume ID'"),
    (
        r"BadConstraints|PartitionConfig|PartitionNodeLimit|PartitionTimeLimit|MaxMemPerLimit|"
        r"NotSatisfied|QOSMin|PerJob|PerNode|AccountNotAllowed|QOSNotAllowed|InvalidAccount|"
        r"InvalidQOS|AccountingPolicy|RESV_DEL_HOLD|ReservationDeleted|ReservationInvalid|DeadLine",
        "they never start as they are",
        "Cancel them, change what they ask for, and rerun the same command",
    ),
    (
        r"DependencyNeverSatisfied",
        "what they depend on has failed",
        "Cancel them, change slurm_extra, and rerun the same command",
    ),
)
"""Reasons that do not pass by themselves: pattern, what it means, what to do."""

PASSING = (
    (r"Grp|PerAccount|AssociationResource|AssociationJob", "the account's limit is reached"),
    (r"PerUser|MaxJobs|QOSJobLimit|QOSResourceLimit", "the user's limit is reached"),
    (r"ReqNodeNotAvail|NodeDown|Nodes required", "nodes that they need are out of service"),
    (r"PartitionDown|PartitionInactive", "the partition is out of service"),
    (r"Reservation", "they wait for their reservation"),
    (r"Licenses|BurstBuffer", "licences or burst buffers are taken"),
)
"""Reasons that pass: said if they last until the next query."""

QUIET = {
    *("None", "", "Priority", "Resources", "Prolog", "BeginTime", "Cleaning", "Dependency"),
    *("JobArrayTaskLimit", "SchedDefer", "FedJobLock", "WaitingForScheduling"),
}
"""How things go."""

STATES = {"REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT", "STOPPED", "SUSPENDED"}
"""States that are reasons."""


class Waiting:
    """Remembers what has been said."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._before: set[str] = set()

    def news(self, reasons: Mapping[str, str]) -> Iterable[str]:
        """What to say about the tasks that wait, given the reason of each; nothing twice."""
        # Of "ReqNodeNotAvail, UnavailableNodes:node4" the nodes change.
        counts = Counter(re.split(r"[,:(]", reason)[0].strip() for reason in reasons.values())
        examples = {re.split(r"[,:(]", r)[0].strip(): (r, task) for task, r in reasons.items()}
        before, self._before = self._before, set(counts)
        for reason, count in counts.items():
            if reason in QUIET or reason in self._said:
                continue
            held = next(((w, h) for says, w, h in HELD if re.search(says, reason)), None)
            if held is None and reason not in before:
                continue
            self._said.add(reason)
            whole, task = examples[reason]
            what = f"{count} job{'s' if count > 1 else ''} in the queue ({task}"
            what += f"{', ...' if count > 1 else ''}): {whole}"
            if held:
                job = task.partition("_")[0]
                yield f"{what}: {held[0]}. {held[1]} ({_commands(reason, job)})."
            else:
                why = next((w for says, w in PASSING if re.search(says, reason)), "SLURM's reason")
                yield f"{what}: {why}; they start by themselves when that has passed."


def _commands(reason: str, job: str) -> str:
    if re.search(r"SUSPENDED|STOPPED", reason):
        return f"scontrol resume {job}"
    if re.search(r"[Hh]eld|Hold|HOLD|SPECIAL", reason):
        return f"scontrol release {job}; scancel {job}"
    return f"scancel {job}"
