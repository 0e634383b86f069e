"""A real SLURM of four small nodes on this machine.

    .venv/bin/python -m tests.slurm.cluster [--no-accounting]

starts one for a developer and stops it at Ctrl-C. All of its state is in one folder below /tmp, all
its ports are on 127.0.0.1; several run side by side.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from tests.slurm import packages
from tests.slurm.configuration import NODES, PORTS, write

PREFIX = "slurm-"
"""Of the folders of clusters that tests have started."""


class Cluster:
    """SLURM with munge and, for ``sacct``, a database; stops what it has started, nothing else."""

    def __init__(self, *, accounting: bool = True) -> None:
        packages.install()
        self.accounting = accounting
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self.folder.chmod(0o755)  # the database has a user of its own
        self.configuration = self.folder / "slurm.conf"
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        try:
            write(self.folder, self.ports, accounting=accounting)
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

    @contextlib.contextmanager
    def as_default(self) -> Iterator[None]:
        """What programs find that do not pass SLURM_CONF on, such as Snakemake's own executor.

        Raises
        ------
        FileExistsError
            When this machine has a SLURM of its own.
        """
        link = Path("/etc/slurm/slurm.conf")
        if link.is_symlink() and link.readlink().parent.name.startswith(PREFIX):
            link.unlink()  # of a cluster that could not tidy up
        link.symlink_to(self.configuration)
        try:
            yield
        finally:
            link.unlink()

    def kill_node(self, name: str) -> None:
        """Lose a node as by a power failure: daemon, jobs and all."""
        self._kill(name)
        self._kill_jobs(name)

    def abandon_node(self, name: str) -> None:
        """Lose a node as by a broken network: its jobs live on."""
        self._kill(name)

    def declare_down(self, name: str) -> None:
        """Let an administrator notice that a node is lost, before SLURM does."""
        self.call("scontrol", "update", f"NodeName={name}", "State=DOWN", "Reason=test")

    def start_node(self, name: str) -> None:
        self._spawn(name, "slurmd", "-D", "-N", name)
        self._wait(name, lambda: self._is_up(name))

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

    def repair(self) -> None:
        """As after the start, whatever a test has done: all running, nodes idle, no jobs."""
        if self.accounting and "slurmdbd" not in self.daemons:
            self.start_accounting()
        if "slurmctld" not in self.daemons:
            self.start_controller()
        for name in NODES:
            if name not in self.daemons:
                self.start_node(name)
        self.call("scancel", "--user=root")
        self._wait("slurmctld", lambda: not self.call("squeue", "-h"))
        for state in ("drained", "down"):
            for name in self.call("sinfo", "-hN", "-pmain", f"-t{state}", "-o%N").split():
                self.resume(name)

    def stop(self) -> None:
        """Stop everything at once: nothing of it is needed any more."""
        for name in NODES:
            self.kill_node(name)
        for name in reversed(list(self.daemons)):
            self._kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

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
        self._start_slurm()

    def _start_slurm(self) -> None:
        self.start_controller()
        for name in NODES:
            self._spawn(name, "slurmd", "-D", "-N", name)
        for name in NODES:
            self._wait(name, lambda name=name: self._is_up(name))

    def _start_database(self) -> None:
        data = self.folder / "database"
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
            "--skip-name-resolve",
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=0",
            f"--port={self.ports['mariadbd']}",
            f"--datadir={data}",
            f"--socket={data}/socket",
            f"--init-file={self.folder}/database.sql",
            user="mysql",
        )

    def _spawn(self, name: str, program: str, *arguments: str, user: str = "root") -> None:
        log = self.folder / f"log/{name}.log"
        # Ends with this process, however that ends.
        wrapper = ["setpriv", "--pdeathsig=KILL", f"--reuid={user}", f"--regid={user}"]
        with log.open("ab") as output:
            self.daemons[name] = subprocess.Popen(
                [*wrapper, "--init-groups", packages.program(program), *arguments],
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

    def _is_up(self, node: str) -> bool:
        port = self.ports[node]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            state = self._try("sinfo", "-hn", node, "-o%T").stdout
            return not any(bad in state for bad in ("down", "unk", "*"))
        return False

    def _wait(self, name: str, ready: Callable[[], bool], seconds: float = 90) -> None:
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
            ["timeout", "30", *command],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _succeeds(self, *command: str) -> bool:
        return self._try(*command).returncode == 0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below those that the system gives to outgoing connections."""
    ports: set[int] = set()
    while len(ports) < count:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            ports.add(port)
    return list(ports)


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
