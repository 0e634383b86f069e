"""SLURM and its accounting database from Debian's packages."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = {
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "slurmdbd": "slurmdbd",
    "mariadbd": "mariadb-server",
}
"""Program and the package that has it."""

SEARCHED = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


class UnavailableError(Exception):
    """SLURM cannot run here, through nobody's fault."""


def program(name: str) -> str:
    """Path of a daemon: users often have no sbin folders in their PATH."""
    found = shutil.which(name, path=SEARCHED)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def missing() -> list[str]:
    """Packages that are still to be installed."""
    return [p for name, p in PROGRAMS.items() if shutil.which(name, path=SEARCHED) is None]


def install() -> None:
    """Install what is missing; needs root, as does running SLURM."""
    if os.geteuid() != 0:
        raise UnavailableError("only root can install and start SLURM")
    with Path("/run/lock/slurm-packages").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test runs
        if packages := missing():
            _install(packages)


def _install(packages: list[str]) -> None:
    print(f"Installing Debian packages for the tests: {' '.join(packages)}", flush=True)
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with services_kept_off():
        for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                [*apt, *step],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(done.args)} failed:\n{done.stdout[-3000:]}")


@contextmanager
def services_kept_off() -> Iterator[None]:
    """Debian starts the services that it installs, except where this file says no."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


if __name__ == "__main__":
    try:
        install()
    except UnavailableError as reason:
        print(f"The tests on SLURM will be skipped: {reason}")
