"""A tiny search in a folder of its own, run by the real Snakemake as users run it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

from harmonica_steps.cli import main
from harmonica_steps.config import parse
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun

REPOSITORY = Path(__file__).parents[2]

PROGRAM = '''
"""A training of a few microseconds that counts how often it really ran."""

import json
import os
import time
from pathlib import Path


def objective(configuration, *, seed, budget, workdir, checkpoint, curve_file):
    with Path("ran.txt").open("a") as log:
        log.write(f"{workdir.parent.parent.name}/{workdir.name}\\n")
    time.sleep(float(os.environ.get("SLOW", "0")))
    if workdir.name in os.environ.get("FAIL", "").split():
        raise RuntimeError("a bad day")
    done = checkpoint / "budget"
    already = int(done.read_text()) if done.exists() else 0
    done.write_text(str(budget))
    assert already <= budget
    a, b, c = (1 if configuration[name] else -1 for name in "abc")
    rate = configuration["rate"]
    error = 3 * a * b + 2 * c + rate + (seed % 97) / 97 - 0.1 * budget
    with curve_file.open("a") as curve:
        for step in range(already, budget):
            print(json.dumps({"step": step + 1, "metric": error}), file=curve)
    return error
'''

CONFIG = {
    "search": "tiny",
    "seed": 3,
    "objective": {"callable": "train:objective"},
    "space": {
        **{name: {"type": "bool"} for name in "abcdef"},
        "rate": {"type": "float", "low": 0.0, "high": 1.0, "levels": 3},
        "kind": {"type": "categorical", "values": ["x", "y", "z"]},
    },
    "stages": [
        {"samples": 24, "degree": 2, "sparsity": 2, "keep": 2},
        {"samples": 12, "degree": 2, "sparsity": 1},
    ],
    "final": {
        "configurations": 4,
        "eta": 2,
        "min_budget": 1,
        "max_budget": 2,
        "fidelity": {"final": 1},
    },
}

RESULTS = [
    "samples.parquet",
    "samples.jsonl",
    "metrics.parquet",
    "metrics.tsv",
    "psr.json",
    "frozen.json",
    "table.parquet",
    "best.json",
    "best-configuration.json",
]
"""Files that must be the same bytes in every run of the same search."""


class TinySearch:
    """A folder with a configuration and a training program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "results/tiny"
        self.config = json.loads(json.dumps(CONFIG))
        folder.mkdir(exist_ok=True)
        program = folder / "train.py"
        if not program.exists():
            program.write_text(PROGRAM)

    def command(self, *arguments: str) -> list[str]:
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(self.config, sort_keys=False))
        given = (
            arguments
            if any(a.startswith("--cores") for a in arguments)
            else ("--cores=2", *arguments)
        )
        if given[-1].startswith("-"):  # no target: leave out report and figures, which take longer
            given = (*given, "search")
        if given[-1].startswith("results/"):  # and the summary, where the end is not reached
            given = ("--no-hooks", *given)
        return [
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            str(REPOSITORY / "Snakefile"),
            "--directory",
            str(self.folder),
            "--configfile",
            str(path),
            *given,
        ]

    def start(self, *arguments: str, slow: float = 0, fail: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env={**os.environ, "SLOW": str(slow), "FAIL": fail},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, succeeds: bool = True, slow: float = 0, fail: str = "") -> str:
        process = self.start(*arguments, slow=slow, fail=fail)
        output, _ = process.communicate(timeout=300)
        assert (process.returncode == 0) == succeeds, output[-6000:]
        # The logger plugin's own, when a full disk has no room for the log that it wants to show.
        if "Logging error" not in output:
            assert "Traceback" not in output, output
        return output

    def target(self, name: str) -> str:
        """A file of the results: a run makes it and what it needs, and nothing else."""
        return str((self.root / name).relative_to(self.folder))

    def run_steps(self, *parts: str) -> None:
        """Draw, train, collect and recover these parts in this process, without Snakemake."""
        with contextlib.chdir(self.folder):
            root = self.target("")
            search = SearchRun(SearchFolder(Path(root)), parse(self.config))
            write_plan(search.folder, search.config)
            for part in map(search.part, parts):
                assert main(["draw", root, part.name]) == 0
                for trial in range(part.trials):
                    assert main(["train", root, part.name, str(trial)]) == 0
                assert main(["collect", root, part.name]) == 0
                if part.stage is not None:
                    assert main(["recover", root, str(part.stage)]) == 0

    def wait_for(self, pattern: str, count: int, within: float = 180) -> None:
        end = time.monotonic() + within
        while len(list(self.root.glob(pattern))) < count:
            assert time.monotonic() < end, f"{pattern} did not appear {count} times"
            time.sleep(0.05)

    def results(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for name in RESULTS
            for path in sorted(self.root.rglob(name))
            if not {"work", "aside"} & set(path.parts)
        }

    def trained(self) -> list[str]:
        """Every training that really ran, in order."""
        return (self.folder / "ran.txt").read_text().split()


def kill(process: subprocess.Popen[str], *, group: bool) -> None:
    """End Snakemake as a crash of the machine (whole group) or of the process alone would."""
    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
