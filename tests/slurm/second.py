"""A second cluster that shares the accounting, and so the users' jobs, of a first one."""

import shutil
import tempfile
from pathlib import Path

from tests.slurm.cluster import PREFIX, Cluster, free_ports
from tests.slurm.configuration import NODES


class SecondCluster(Cluster):
    """To be stopped before the first."""

    def __init__(self, first: Cluster, name: str) -> None:
        self.accounting = False  # none of its own
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self.folder.chmod(0o755)
        self.configuration = self.folder / "slurm.conf"
        programs = ("slurmctld", *NODES)
        self.ports = dict(zip(programs, free_ports(len(programs)), strict=True))
        self.daemons = {}
        try:
            self._configure(first, name)
            self._start_slurm()
        except BaseException:
            self.stop()
            raise

    def _configure(self, first: Cluster, name: str) -> None:
        for folder in ("log", "state", *(f"spool/{node}" for node in NODES)):
            (self.folder / folder).mkdir(parents=True)
        text = first.configuration.read_text().replace("ClusterName=test", f"ClusterName={name}")
        text = text.replace(str(first.folder), str(self.folder))
        text = text.replace(f"{self.folder}/munge.socket", f"{first.folder}/munge.socket")
        for program, port in self.ports.items():
            text = text.replace(str(first.ports[program]), str(port))
        self.configuration.write_text(text)
        for name in ("cgroup.conf", "gres.conf"):
            shutil.copy(first.folder / name, self.folder)
