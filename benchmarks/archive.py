"""Archives against plain tar and zstd: CPU seconds and size of a stage of 10,000 trainings.

    .venv/bin/python benchmarks/archive.py

The samples and tables are real ones of the demo's space, the records made up but of the demo's
kind, one in fifty failed with a log of 5 kB. Each row is the best of three, taken in turn.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harmonica_steps.archive.check import check
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.container import LEVEL
from harmonica_steps.archive.create import archive
from harmonica_steps.archive.restore import restore
from harmonica_steps.config import load_file, parse
from harmonica_steps.files import write_json
from harmonica_steps.objective.program import definition, training_key
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part

REPOSITORY = Path(__file__).parents[1]
PART = "stage-1"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        search = make_stage(trials)
        files = Path("plain")
        collect_files(search, files)
        command = (
            f"tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - plain | zstd -q -{LEVEL} -T1"
        )
        path = search.folder.root / f"archive/{PART}.tar.zst"
        ways: dict[str, tuple[Callable[[], object], Path]] = {
            "harmonica archive": (lambda: archive(search, PART), path),
            "tar | zstd": (lambda: shell(f"{command} > plain.tar.zst"), Path("plain.tar.zst")),
            "tarfile, zstd": (lambda: python_tar(files), Path("python.tar.zst")),
            "harmonica verify": (lambda: check(path), path),
            "harmonica restore": (lambda: fresh_restore(path), path),
            "zstd -d | tar -x": (
                lambda: shell("mkdir out && tar --zstd -xf plain.tar.zst -C out; rm -r out"),
                Path("plain.tar.zst"),
            ),
        }
        best: dict[str, tuple[float, float]] = {}
        for _ in range(3):
            for name, (run, _) in ways.items():
                best[name] = min(measured(run), best.get(name, (1e9, 1e9)))
        size = sum(f.stat().st_size for f in files.rglob("*") if f.is_file())
        print(f"{trials} trainings, {size / 1e6:.1f} MB, level {LEVEL}")
        print("| | CPU s | wall s | MB |\n|---|---|---|---|")
        for name, (cpu, wall) in best.items():
            print(f"| {name} | {cpu:.2f} | {wall:.2f} | {ways[name][1].stat().st_size / 1e6:.2f} |")


def make_stage(trials: int) -> SearchRun:
    """A stage of the demo that looks as if it had been trained."""
    shutil.copytree(REPOSITORY / "config", "config")
    content = load_file(REPOSITORY / "config/config.yaml")
    content["stages"] = [{**content["stages"][0], "samples": trials}]
    folder = SearchFolder(Path("results/digits"))
    write_plan(folder, parse(content))
    search = SearchRun.at(folder.root)
    draw_part(search, PART)
    objective = definition(search.config.objective.model_dump(mode="json"))
    budget = search.part(PART).budget
    chance = random.Random(0)
    for line in folder.samples(PART).read_text().splitlines():
        sample = json.loads(line)
        trial, failed = sample["trial"], chance.random() < 0.02
        work = folder.work(PART, trial)
        identity = {"configuration": sample["configuration"], "seed": sample["seed"]}
        identity["budget"] = budget
        write_json(
            folder.record(PART, trial),
            {
                "part": PART,
                "trial": trial,
                "key": training_key(identity, objective, None),
                **identity,
                "status": "failed" if failed else "ok",
                "value": None if failed else round(chance.lognormvariate(3, 1), 4),
                "metrics": {} if failed else {"train_loss": chance.random(), "epochs": 3.0},
                "cause": "exit status 1" if failed else None,
                "error": "exit status 1: ValueError" if failed else None,
                "log": str(work / "log.txt"),
                "run": {
                    "seconds": round(chance.lognormvariate(0, 1), 3),
                    "cpu_seconds": round(chance.lognormvariate(0, 1), 3),
                    "host": f"node{chance.randrange(40):03d}",
                    "job": f"{chance.randrange(10**6, 2 * 10**6)}_{trial}",
                    "deaths": 0,
                    "started": round(1.7e9 + 3 * trial + chance.random(), 3),
                },
            },
        )
        if failed:
            work.mkdir(parents=True)
            lines = (f"epoch {i}: loss {chance.random():.6f}\n" for i in range(200))
            (work / "log.txt").write_text("".join(lines))
    collect_part(search, PART)
    for path in (folder.psr(1), folder.frozen(1)):
        write_json(path, {"stage": 1})
    return search


def collect_files(search: SearchRun, target: Path) -> None:
    """The files of the archive in a folder, for the others to pack just these."""
    archive(search, PART)

    def write(name: str, pieces: object) -> None:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(b"".join(pieces))

    check(search.folder.root / f"archive/{PART}.tar.zst", write)


def python_tar(folder: Path) -> None:
    """Pack with tarfile as it is."""
    with (
        zstd.open("python.tar.zst", "wb", level=LEVEL) as file,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.USTAR_FORMAT) as packed,
    ):
        packed.add(folder)


def fresh_restore(path: Path) -> None:
    """Restore to a new folder and remove it."""
    restore(path, Path("again/digits"))
    shutil.rmtree("again")


def shell(command: str) -> None:
    """Run a pipe."""
    subprocess.run(["bash", "-c", f"set -eo pipefail; {command}"], check=True)


def measured(run: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of this process and its children, and wall seconds."""

    def cpu() -> float:
        used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(u.ru_utime + u.ru_stime for u in used)

    before, start = cpu(), time.perf_counter()
    run()
    return cpu() - before, time.perf_counter() - start


if __name__ == "__main__":
    main()
