"""Programs for the tests from Debian's packages."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SEARCHED = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


class UnavailableError(Exception):
    """A program cannot be had here, through nobody's fault."""


def program(name: str) -> str:
    """Path of a program, also of a daemon: users often have no sbin folders in their PATH."""
    found = shutil.which(name, path=SEARCHED)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def missing(programs: Mapping[str, str]) -> list[str]:
    """Packages that are still to be installed, given the package of each program."""
    return [p for name, p in programs.items() if shutil.which(name, path=SEARCHED) is None]


def install(programs: Mapping[str, str]) -> None:
    """Install what is missing; fails where it could have been had.

    Raises
    ------
    UnavailableError
        When something is missing and only root could install it.
    """
    if not missing(programs):
        return
    if os.geteuid() != 0:
        raise UnavailableError(f"only root can install {', '.join(missing(programs))}")
    with Path("/run/lock/harmonica-packages").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test runs
        if packages := missing(programs):
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
