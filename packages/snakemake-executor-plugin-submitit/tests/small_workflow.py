"""A workflow of a few shell commands, run by the real Snakemake through the submitit executor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

SNAKEFILE = """
rule all:
    input: expand("out/{{i}}", i=range({jobs}))

rule job:
    input: "given.txt"
    output: "out/{{i}}"
    retries: {retries}
    {more}
    shell: {command!r}
"""


class SmallWorkflow:
    """`jobs` jobs that note their start in ``ran.txt``, run `command`, and make a file each."""

    def __init__(
        self, folder: Path, command: str, *, jobs: int = 4, retries: int = 0, more: str = ""
    ) -> None:
        self.folder = folder
        (folder / "given.txt").write_text("given")
        command = f"echo {{wildcards.i}} >> ran.txt; {command}; echo $? > {{output}}"
        text = SNAKEFILE.format(jobs=jobs, retries=retries, command=command, more=more)
        (folder / "Snakefile").write_text(text)

    def start(
        self,
        *arguments: str,
        cluster: str = "slurm",
        environment: Mapping[str, str] | None = None,
        mem_mb: int = 50,
        runtime: int = 5,
        keep_going: bool = True,
    ) -> "Running":
        command = [sys.executable, "-m", "snakemake", "--executor=submitit"]
        command += [f"--submitit-cluster={cluster}", "--submitit-poll-min=1"]
        command += ["--submitit-poll-max=2", "--jobs=100", "--scheduler=greedy"]
        command += ["--max-jobs-per-timespan=100000/1s", "--rerun-incomplete"]
        command += ["--keep-going"] if keep_going else []
        command += ["--default-resources", f"mem_mb={mem_mb}", f"runtime={runtime}"]
        return Running([*command, *arguments], self.folder, environment)

    def ran(self) -> list[int]:
        """Every start of a job's command."""
        path = self.folder / "ran.txt"
        return sorted(map(int, path.read_text().split())) if path.exists() else []

    def made(self) -> list[int]:
        return sorted(int(path.name) for path in self.folder.glob("out/*"))


class Running:
    """A Snakemake under way."""

    def __init__(
        self, command: list[str], folder: Path, environment: Mapping[str, str] | None
    ) -> None:
        self.folder = folder
        self.output = folder / f"snakemake.{time.monotonic_ns()}.out"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment or os.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=heed_ctrl_c,
            )

    def said(self) -> str:
        """What it has said so far."""
        return self.output.read_text()

    def ends(self, *, well: bool = True, within: float = 90) -> str:
        """What it has said in the end."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"still running:\n{self.output.read_text()[-4000:]}") from None
        text = self.output.read_text()
        assert (code == 0) == well, text[-6000:]
        assert "Traceback" not in text, text[-6000:]
        return text

    def dies(self) -> None:
        """As by a power failure: no time for anything, and the lock stays."""
        self.process.kill()
        self.process.wait()
        for lock in (self.folder / ".snakemake/locks").glob("*"):
            lock.unlink()  # the workflow's own business, as Harmonica's is


def heed_ctrl_c() -> None:
    """Also where the tests themselves run in the background, with the signal ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_until(done: Callable[[], object], within: float = 60) -> None:
    end = time.monotonic() + within
    while not done():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)
