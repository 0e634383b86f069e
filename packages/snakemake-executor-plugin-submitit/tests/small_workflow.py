"""A workflow of a few shell commands, run by the real Snakemake through the submitit executor."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from forked_snakemake import ForkedSnakemake

UNTIL_GO = "until test -e go; do sleep 0.1; done"
"""A command that ends as soon as there is a file ``go`` in the workflow's folder."""

SNAKEFILE = """
rule all:
    input: expand("out/{{i}}", i=range({jobs}))
"""

RULE = """
rule {name}:
    input: "given.txt"
    output: "out/{i}"
    retries: {retries}
    {more}
    shell: {command!r}
"""


class SmallWorkflow:
    """`jobs` jobs that note their start in ``ran.txt``, run `command`, and make a file each.

    With several `rules` (the names, and what is to be added to each), there is one job of each.
    """

    def __init__(
        self,
        folder: Path,
        command: str,
        *,
        jobs: int = 4,
        retries: int = 0,
        more: str = "",
        rules: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "given.txt").write_text("given")
        text = SNAKEFILE.format(jobs=len(rules) if rules else jobs)
        noted = f"echo {{wildcards.i}} >> ran.txt; {command}; echo $? > {{output}}"
        for number, (name, added) in enumerate((rules or {"job": more}).items()):
            i = str(number) if rules else "{i}"
            this = noted.replace("{wildcards.i}", i) if rules else noted
            text += RULE.format(name=name, i=i, retries=retries, more=added, command=this)
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
        options = ["--executor=submitit", f"--submitit-cluster={cluster}"]
        options += ["--submitit-poll-min=1", "--submitit-poll-max=2", "--latency-wait=1"]
        options += ["--jobs=100", "--scheduler=greedy", "--max-jobs-per-timespan=100000/1s"]
        options += ["--rerun-incomplete", *(["--keep-going"] if keep_going else [])]
        options += ["--default-resources", f"mem_mb={mem_mb}", f"runtime={runtime}"]
        return Running([*options, *arguments], self.folder, environment)

    def ran(self) -> list[int]:
        """Every start of a job's command."""
        path = self.folder / "ran.txt"
        return sorted(map(int, path.read_text().split())) if path.exists() else []

    def made(self) -> list[int]:
        return sorted(int(path.name) for path in self.folder.glob("out/*"))


class Running:
    """A Snakemake under way."""

    def __init__(
        self, arguments: list[str], folder: Path, environment: Mapping[str, str] | None
    ) -> None:
        self.folder = folder
        self.output = folder / f"snakemake.{time.monotonic_ns()}.out"
        self.output.touch()
        self.process = ForkedSnakemake(arguments, folder, environment or os.environ, self.output)

    def said(self) -> str:
        """What it has said so far."""
        return self.output.read_text()

    def ends(self, *, well: bool = True, within: float = 300) -> str:
        """What it has said in the end."""
        code = self.process.wait(within)
        if code is None:
            self.process.kill()
            raise AssertionError(f"still running:\n{self.said()[-4000:]}")
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
