"""SLURM and its accounting database from Debian's packages."""

import os

from tests import debian
from tests.debian import UnavailableError, program

__all__ = ["UnavailableError", "install", "program"]

PROGRAMS = {
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "slurmdbd": "slurmdbd",
    "mariadbd": "mariadb-server",
}
"""Program and the package that has it."""


def install() -> None:
    """Install what is missing; needs root, as does running SLURM."""
    if os.geteuid() != 0:
        raise UnavailableError("only root can install and start SLURM")
    debian.install(PROGRAMS)


if __name__ == "__main__":
    try:
        install()
    except UnavailableError as reason:
        print(f"The tests on SLURM will be skipped: {reason}")
