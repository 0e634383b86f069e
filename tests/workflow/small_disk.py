"""A small file system of its own, which can be full or read-only."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """Mount it at `folder`; only root may, and not everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def remount(folder: Path, options: str) -> None:
    """Change its size, or whether it can be written."""
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
