"""What the manual of the SLURM that is installed here says."""

import gzip
import re
import shutil
from pathlib import Path

import pytest


def section(program: str, title: str) -> str:
    """A section of a program's manual page, as it is written in troff."""
    page = Path(f"/usr/share/man/man1/{program}.1.gz")
    if not shutil.which(program) or not page.exists():
        pytest.skip(f"no manual page of {program} here")
    text = gzip.decompress(page.read_bytes()).decode()
    sections = re.split(r'^\.SH "?', text, flags=re.MULTILINE)
    return "\n".join(part for part in sections if part.startswith(title))


def variables(program: str) -> set[str]:
    """Environment variables that a program reads."""
    title = "INPUT ENVIRONMENT" if program == "sbatch" else "ENVIRONMENT"
    return set(re.findall(r"\\fB(S[A-Z]+_[A-Z0-9_]+)", section(program, title)))


def states(program: str) -> set[str]:
    """States of jobs that a program prints."""
    rows = re.findall(r"^\\fB[A-Z]{1,3}\s+([A-Z_]+)", section(program, "JOB STATE"), re.MULTILINE)
    return set(rows)
