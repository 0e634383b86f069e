"""What becomes of jobs that sbatch has not taken: a table of all that it may say.

The texts are those of SLURM's own list (``src/common/slurm_errno.c``), of the limits that it names
in front of them (``src/common/job_state_reason.c``), of sbatch's options and of munge, from 19.05
to 26.05. The first row that matches counts.
"""

import re
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What to do about it."""

    WAIT = "wait"
    """The queue is full: submit again when there is room."""
    RETRY = "retry"
    """Something is wrong with SLURM or this machine, not with the job: retry."""
    FAIL = "fail"
    """Waiting does not help: the job fails."""


@dataclass(frozen=True)
class Row:
    """One kind of message.

    Attributes
    ----------
    says
        What SLURM says, as a regular expression.
    verdict
        What to do.
    why
        What is the matter, as part of a sentence.
    helps
        What the user can do about it.
    own
        Whether only the user's own jobs fill the queue: a task that is refused while there are none
        will always be.
    smaller
        Whether an array of fewer tasks may be taken.
    asks
        What to list for the user: ``accounts``, ``qos`` or ``partitions``.
    """

    says: str
    verdict: Verdict
    why: str
    helps: str = ""
    own: bool = False
    smaller: bool = False
    asks: str = ""
    _pattern: "re.Pattern[str]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", re.compile(self.says, re.IGNORECASE))

    def matches(self, message: str) -> bool:
        """Whether it is about this message."""
        return self._pattern.search(message) is not None


def _full(says: str, why: str, *, own: bool = False) -> Row:
    return Row(says, Verdict.WAIT, why, own=own, smaller=True)


def _passing(says: str, why: str) -> Row:
    return Row(says, Verdict.RETRY, why)


def _lasting(says: str, why: str, helps: str = "", asks: str = "") -> Row:
    return Row(says, Verdict.FAIL, why, helps, asks=asks)


FULL = (
    _full(
        r"Grp\w*SubmitJob|SubmitJobs?PerAccount",
        "the account's jobs fill its share of the queue",
    ),
    _full(r"MaxSubmitJob", "the user's jobs fill the queue", own=True),
    _full(r"MaxJobCount|job queue full", "SLURM's queue is full"),
    _full(r"jobs per hour limit", "too many jobs were submitted within an hour"),
)

LIMITS = (
    _lasting(
        r"Max(Wall|\w*Minutes)\w*(PerJob)?|PartitionTimeLimit|Requested time limit is invalid|"
        r"Invalid time-min|Invalid --time|Time limit specification required",
        "the time limit is not allowed",
        "Change runtime (minutes); a pack asks for the time of all its jobs: see "
        "submitit-longest and submitit-pack.",
    ),
    _lasting(
        r"QOSMin\w+",
        "the job asks for less than the QOS requires",
        "Ask for more (threads, mem_mb, gpu, nodes) or choose another qos.",
    ),
    _lasting(
        r"\b(QOS|Assoc)\w*(Max|Grp)\w*|\bMax\w+(Per(Account|User|Limit|Job|Node))\b|"
        r"PartitionNodeLimit",
        "one job alone asks for more than the limit",
        "Ask for less (threads, mem_mb, gpu, nodes), choose another qos or account, or use "
        "smaller packs with fewer parallel jobs (submitit-parallel).",
    ),
    _lasting(
        r"QOSUsageThreshold|breached requested QOS usage threshold",
        "the account has used up its share, which takes days to recover",
        "Choose another qos or slurm_account.",
        asks="accounts",
    ),
    Row(
        r"Invalid job array specification",
        Verdict.FAIL,
        "SLURM allows fewer tasks in an array (max_array_tasks)",
        "Set submitit-array-limit.",
        smaller=True,
    ),
)

UNWELL = (
    _passing(
        r"Unable to contact slurm controller|Unable to establish (controller|control)|"
        r"establish (a )?configuration source|fetch_config|standby|"
        r"Slurm temporarily unable to accept|Unable to create job record|submissions disabled|"
        r"presently disabled|temporarily disabled|Rate limit exceeded|shutting down|"
        r"Slurm internal error|Memory management error|Duplicate job id",
        "slurmctld is down or accepts no jobs now",
    ),
    _passing(
        r"Unexpected message received|Insane message length|Incompatible versions|version number|"
        r"Zero Bytes were transmitted|Header lengths|message length|entire message|"
        r"Communication (connection|shutdown) failure|Message (send|receive) failure|"
        r"missing socket|file descriptor|would block|quiesce|Connection rejected by handler|"
        r"zero length message|"
        r"Kernel reported delayed|slurm_persist_conn|problem talking to the database|can't find an"
        r" address|clusters can be reached|can't be reached now",
        "the exchange with slurmctld failed",
    ),
    _passing(
        r"munge|Protocol authentication|authentication (error|credential|agent|public key)|"
        r"job credential|Security violation|out of sync clocks|auth_g_|"
        r"Authentication failure|TLS missing",
        "authentication (munge) failed",
    ),
    _passing(
        r"Plugin (\w+ ){0,3}(failed|invalid|missing|not|denied)|Dlopen of plugin|plugin version|"
        r"plugin type|Plugin name|cannot find \w+ plugin|specified plugin name|"
        r"Failed to initialize plugin stack|plugin_load|cannot create \w+ context|"
        r"(process|read|open)(ing)?( the)? (slurm )?conf|slurm\.conf|error parsing.*conf",
        "SLURM's configuration or plugins cannot be read",
    ),
    _passing(
        r"Socket timed out|Connection (refused|reset|timed out|forced)|Broken pipe|"
        r"No route to host|Network is (unreachable|down)|Transport endpoint|"
        r"Temporary failure in name resolution|Address already in use|Operation now in progress|"
        r"Host is (down|unreachable)|assign requested address|Software caused connection",
        "the network failed",
    ),
    _passing(
        r"Resource temporarily unavailable|Cannot allocate memory|Too many open files|"
        r"No space left|Disk quota|Stale file handle|Input/output error|I/O error|"
        r"Interrupted system call|Unable to open file|Read-only file system",
        "this machine or that of slurmctld lacks a resource",
    ),
    _passing(
        r"partition not available|Partition in DOWN state|Required node not available|"
        r"nodes are busy|ports are in use|Licenses currently unavailable|"
        r"Reservation not usable|reservation not usable now|maintenance reservation|"
        r"Error configuring interconnect|Switch resources currently|PrologSlurmctld|"
        r"Waiting for burst buffer|powered up nodes reached|reservation is in use|Reboot already",
        "part of the cluster is out of service",
    ),
    _passing(r"Invalid (user|group) id\b", "slurmctld does not know the user (now)"),
)

REFUSED = (
    _lasting(
        r"Invalid account|InvalidAccount|unknown association",
        "the user may not use this account (there)",
        "Change slurm_account, or leave it out.",
        asks="accounts",
    ),
    _lasting(r"Invalid qos|InvalidQOS", "the user has no such QOS", "Change qos.", "qos"),
    _lasting(
        r"invalid partition|No partition specified|Requested nodes not in this partition|"
        r"not permitted to use this partition|Requested partition configuration|"
        r"Multiple partition job",
        "the partition does not accept the job",
        "Change slurm_partition, or what the job asks for there.",
        asks="partitions",
    ),
    _lasting(
        r"Memory (specification|required)|Invalid --mem",
        "no node has that much memory",
        "Ask for less: mem_mb or mem_mb_per_cpu, or fewer parallel jobs (submitit-parallel).",
    ),
    _lasting(
        r"processors requested|CPU count|tasks than available|Task count|threads per core|"
        r"number of (cpus|tasks)|Requested topology|segment|topology unit",
        "no node has that many processors",
        "Ask for less: threads, cpus_per_task or tasks.",
    ),
    _lasting(
        r"Node count|node count|Invalid node name|Invalid node list|number of nodes",
        "there are no such nodes, or not enough",
        "Change nodes, or the node list in slurm_extra.",
    ),
    _lasting(
        r"node configuration is not available|lack available resources|job size specification",
        "no node has all that the job asks for",
        "Ask for less (mem_mb, threads, gpu, nodes) or change constraint or slurm_partition.",
    ),
    _lasting(r"feature specification|constraint", "no such feature", "Change constraint."),
    _lasting(
        r"\bgres\b|generic resource|Trackable RESource|RestrictedCoresPerGPU",
        "there is no such GPU or other generic resource",
        "Change gpu, gpu_model or gres.",
    ),
    _lasting(r"reservation", "the reservation does not accept the job", "Change reservation."),
    _lasting(
        r"license|wckey|burst buffer|mcs_label|dependency|job id specified|nice value|"
        r"container id|Invalid time specified|KNL|distribution specification",
        "an option has a value that SLURM does not accept",
        "Change slurm_extra.",
    ),
    _lasting(
        r"unrecognized option|Invalid --|invalid option|requires an argument|ambiguous|"
        r"is not a valid|Numeric argument|Invalid directive|Unrecognized command line",
        "sbatch does not know an option or its value",
        "Change slurm_extra, or the resource of this name.",
    ),
    _lasting(
        r"permission denied|Unspecified error|not supported on this system|batch jobs are|"
        r"cli_filter|terminated with error|post-option processing|Pathname of a file|DOS line|"
        r"NULL character|whitespace|look like a batch script|working directory specified|Preempt",
        "the site does not accept such a job",
    ),
)

POLICY = (
    # Without the name of a limit in front: an older SLURM, or a plugin of the site.
    _full(
        r"Job violates accounting/QOS|submit job limit|job submit limit",
        "the queue seems to be full",
        own=True,
    ),
    _full(r"(too many|maximum number of)[\w ]* jobs", "the site's limit on jobs", own=True),
)

TABLE = (*FULL, *LIMITS, *UNWELL, *REFUSED, *POLICY)

UNKNOWN = Row("", Verdict.FAIL, "a message that the executor does not know")
"""Probably a word of the site's own rules about the job: SLURM's about itself are in the table. As
that is a guess, the job is submitted some more times before it fails."""


def judge(message: str) -> Row:
    """What to do about what sbatch has said."""
    return next((row for row in TABLE if row.matches(message)), UNKNOWN)
