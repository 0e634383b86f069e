"""The configuration files of a test cluster."""

import secrets
import shutil
import socket
from pathlib import Path

NODES = ("node1", "node2", "node3", "node4")
PORTS = ("slurmctld", "slurmdbd", "mariadbd", *NODES)

SLURM_CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[slurmctld]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# cred_expire is also how long a requeued job waits.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdSpoolDir={folder}/spool/%n
SlurmdPidFile={folder}/%n.pid
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
PropagateResourceLimits=NONE
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherParams=OverMemoryKill
JobAcctGatherFrequency=1
# Believe in the processors and the memory below.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=1000
MaxArraySize=10001
MaxJobCount=20000
JobRequeue=1
ReturnToService=2
SlurmctldTimeout=20
# A dead node is noticed within 20 s.
SlurmdTimeout=5
MessageTimeout=5
KillWait=5
MinJobAge=300
SchedulerParameters=bf_interval=2,bf_continue,sched_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
GresTypes=gpu
{accounting}
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP PriorityTier=10 PreemptMode=REQUEUE
PartitionName=high Nodes=ALL State=UP PriorityTier=20 PreemptMode=OFF
"""

NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=8 Boards=1"
    " SocketsPerBoard=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=8000"
    " Feature={features} Gres=gpu:tesla:2 State=UNKNOWN"
)

SPARE = NODES[2:]
"""Those with the feature ``spare``; the others have ``steady``."""

GRES_CONF = """
Name=gpu Type=tesla File=/dev/null
Name=gpu Type=tesla File=/dev/zero
"""
"""Any devices will do: nothing uses them."""

ACCOUNTING = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={ports[slurmdbd]}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=limits,qos
"""

SLURMDBD_CONF = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={ports[slurmdbd]}
PidFile={folder}/slurmdbd.pid
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={ports[mariadbd]}
StorageUser=slurm
StoragePass={password}
StorageLoc=slurm_acct_db
"""

DATABASE = """
CREATE DATABASE IF NOT EXISTS slurm_acct_db;
CREATE USER IF NOT EXISTS slurm@127.0.0.1 IDENTIFIED BY '{password}';
GRANT ALL ON slurm_acct_db.* TO slurm@127.0.0.1;
"""


def write(folder: Path, ports: dict[str, int], *, accounting: bool) -> None:
    """Lay out the cluster's folder."""
    for name in ("log", "state", "database", *(f"spool/{node}" for node in NODES)):
        (folder / name).mkdir(parents=True)
    values = {
        "folder": folder,
        "ports": ports,
        "host": socket.gethostname().split(".")[0],
        "password": secrets.token_hex(),
    }
    values["nodes"] = "\n".join(
        NODE.format(
            name=n, port=ports[n], features=f"fast,{'spare' if n in SPARE else 'steady'}", **values
        )
        for n in NODES
    )
    values["accounting"] = (
        ACCOUNTING.format(**values)
        if accounting
        else "AccountingStorageType=accounting_storage/none"
    )
    cgroup = "CgroupAutomount=no\n"
    if not Path("/sys/fs/cgroup/cgroup.controllers").exists():
        cgroup += "CgroupPlugin=cgroup/v1\n"  # slurmd refuses to guess where none is mounted
    for name, text in {
        "slurm.conf": SLURM_CONF.format(**values),
        "gres.conf": GRES_CONF,
        "cgroup.conf": cgroup,
        "slurmdbd.conf": SLURMDBD_CONF.format(**values),
        "database.sql": DATABASE.format(**values),
        "munge.key": secrets.token_hex(64),
    }.items():
        path = folder / name
        path.touch(0o600)  # the daemons refuse secrets that others can read
        path.write_text(text)
    for name in ("slurm.conf", "gres.conf"):
        (folder / name).chmod(0o644)
    if accounting:
        for name in ("database", "database.sql"):
            shutil.chown(folder / name, "mysql")
