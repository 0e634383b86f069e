"""A real SLURM of four small nodes on this machine.

    python tests/slurm/cluster.py [--no-accounting]

starts one for a developer and stops it at Ctrl-C. All of its state is in one folder below /tmp, all
its ports are on 127.0.0.1; several run side by side.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import packages

NODES = ("node1", "node2", "node3", "node4")

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
JobAcctGatherFrequency=2
# Believe in the processors and the memory below.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=100
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
SchedulerParameters=bf_interval=2,bf_continue,sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
{accounting}
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP PriorityTier=10 PreemptMode=REQUEUE
PartitionName=high Nodes=ALL State=UP PriorityTier=20 PreemptMode=OFF
"""

NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=8 Boards=1"
    " SocketsPerBoard=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=8000 State=UNKNOWN"
)

ACCOUNTING = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={ports[slurmdbd]}
AccountingStoragePass={folder}/munge.socket
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


class Cluster:
    """SLURM with munge and, for ``sacct``, a database; stops what it has started, nothing else."""

    def __init__(self, *, accounting: bool = True) -> None:
        packages.install()
        self.accounting = accounting
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
        self.folder.chmod(0o755)  # the database has a user of its own
        self.configuration = self.folder / "slurm.conf"
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        try:
            self._configure()
            self._start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """For processes that use the cluster."""
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH"))}
        return {**outer, "SLURM_CONF": str(self.configuration)}

    def call(self, *command: str) -> str:
        """Output of a command on the cluster, which must succeed."""
        done = self._try(*command)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")
        return done.stdout.strip()

    def kill_node(self, name: str) -> None:
        """Lose a node as by a power failure: daemon, jobs and all."""
        self._kill(name)
        self._kill_jobs(name)

    def start_node(self, name: str) -> None:
        self._spawn(name, "slurmd", "-D", "-N", name)
        self._wait(name, lambda: self.call("sinfo", "-hn", name, "-o%T") in ("idle", "mixed"))

    def drain(self, name: str) -> None:
        self.call("scontrol", "update", f"NodeName={name}", "State=DRAIN", "Reason=test")

    def resume(self, name: str) -> None:
        self.call("scontrol", "update", f"NodeName={name}", "State=RESUME")

    def start_controller(self) -> None:
        self._spawn("slurmctld", "slurmctld", "-D")
        self._wait("slurmctld", lambda: "is UP" in self._try("scontrol", "ping").stdout)

    def stop_controller(self) -> None:
        self._terminate("slurmctld")

    def start_accounting(self) -> None:
        self._spawn("slurmdbd", "slurmdbd", "-D")
        self._wait("slurmdbd", lambda: self._succeeds("sacctmgr", "-n", "list", "cluster"))

    def stop_accounting(self) -> None:
        self._terminate("slurmdbd")

    def stop(self) -> None:
        """Stop everything at once: nothing of it is needed any more."""
        for name in NODES:
            self.kill_node(name)
        for name in reversed(list(self.daemons)):
            self._kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self) -> None:
        for name in ("log", "state", "database", *(f"spool/{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True)
        names = ("slurmctld", "slurmdbd", "mariadbd", *NODES)
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        values = {
            "folder": self.folder,
            "ports": self.ports,
            "host": socket.gethostname().split(".")[0],
            "password": secrets.token_hex(),
        }
        values["nodes"] = "\n".join(
            NODE.format(name=name, port=self.ports[name], **values) for name in NODES
        )
        values["accounting"] = (
            ACCOUNTING.format(**values)
            if self.accounting
            else "AccountingStorageType=accounting_storage/none"
        )
        cgroup = "CgroupAutomount=no\n"
        if not Path("/sys/fs/cgroup/cgroup.controllers").exists():
            cgroup += "CgroupPlugin=cgroup/v1\n"  # slurmd refuses to guess where none is mounted
        self._write("slurm.conf", SLURM_CONF.format(**values), 0o644)
        self._write("cgroup.conf", cgroup, 0o644)
        self._write("slurmdbd.conf", SLURMDBD_CONF.format(**values))
        self._write("database.sql", DATABASE.format(**values))
        (self.folder / "munge.key").write_bytes(secrets.token_bytes(128))
        (self.folder / "munge.key").chmod(0o600)

    def _start(self) -> None:
        if self.accounting:
            self._start_database()
        self._spawn(
            "munged",
            "munged",
            "--foreground",
            "--force",
            f"--key-file={self.folder}/munge.key",
            f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munge.pid",
            f"--log-file={self.folder}/log/munge.log",
            f"--seed-file={self.folder}/munge.seed",
        )
        self._wait("munged", lambda: self._succeeds("munge", "-n", f"-S{self.folder}/munge.socket"))
        if self.accounting:
            database = ["mariadb", "--no-defaults", f"--socket={self.folder}/database/socket"]
            self._wait("mariadbd", lambda: self._succeeds(*database, "-e", "select 1"))
            self.start_accounting()
            for what in (
                ["cluster", "test"],
                ["account", "test"],
                ["user", "root", "account=test"],
            ):
                self.call("sacctmgr", "-i", "add", *what)
        self.start_controller()
        for name in NODES:
            self._spawn(name, "slurmd", "-D", "-N", name)
        for name in NODES:
            self._wait(name, lambda name=name: self.call("sinfo", "-hn", name, "-o%T") == "idle")

    def _start_database(self) -> None:
        data = self.folder / "database"
        for path in (data, self.folder / "database.sql"):
            shutil.chown(path, "mysql")
        self.call(
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
            "--user=mysql",
            f"--datadir={data}",
        )
        self._spawn(
            "mariadbd",
            "mariadbd",
            "--no-defaults",
            "--user=mysql",
            "--skip-name-resolve",
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=0",
            f"--port={self.ports['mariadbd']}",
            f"--datadir={data}",
            f"--socket={data}/socket",
            f"--init-file={self.folder}/database.sql",
        )

    def _spawn(self, name: str, program: str, *arguments: str) -> None:
        log = self.folder / f"log/{name}.log"
        with log.open("ab") as output:
            self.daemons[name] = subprocess.Popen(
                # Ends with this process, however that ends.
                ["setpriv", "--pdeathsig", "KILL", packages.program(program), *arguments],
                # A job's step daemon keeps slurmd's folder, its only trace of the node.
                cwd=self.folder / "spool" / name if name in NODES else self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        daemon = self.daemons.pop(name, None)
        if daemon:
            daemon.kill()
            daemon.wait()

    def _terminate(self, name: str) -> None:
        daemon = self.daemons.pop(name)
        daemon.terminate()
        daemon.wait(timeout=30)

    def _kill_jobs(self, node: str) -> None:
        """Kill what outlives slurmd; the step daemons first, or they would report a failed job."""
        steps, jobs = [], []
        of_job = {f"SLURM_CONF={self.configuration}", f"SLURMD_NODENAME={node}"}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # ended meanwhile
                if (process / "cwd").readlink() == self.folder / "spool" / node:
                    steps.append(int(process.name))
                elif of_job <= set((process / "environ").read_text(errors="replace").split("\0")):
                    jobs.append(int(process.name))
        for pid in steps + jobs:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _wait(self, name: str, ready: Callable[[], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not ready():
            code = self.daemons[name].poll()
            if code is None and time.monotonic() < end:
                time.sleep(0.05)
                continue
            log = (self.folder / f"log/{name}.log").read_text(errors="replace")[-3000:]
            what = f"is not ready after {seconds} s" if code is None else f"ended with {code}"
            raise RuntimeError(f"{name} {what}:\n{log}")

    def _try(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _succeeds(self, *command: str) -> bool:
        return self._try(*command).returncode == 0

    def _write(self, name: str, text: str, mode: int = 0o600) -> None:
        path = self.folder / name
        path.touch(mode)
        path.write_text(text)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def main() -> None:
    """Run a cluster until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-accounting", action="store_true", help="without sacct")
    accounting = not parser.parse_args().no_accounting
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with contextlib.suppress(KeyboardInterrupt), Cluster(accounting=accounting) as cluster:
        print(f"export SLURM_CONF={cluster.configuration}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
