"""What the workflow costs beside the trainings: CPU seconds a sample, everything included.

    .venv/bin/python benchmarks/overhead.py

300 samples of the demo's program at two cores under Snakemake's own local executor, or with
`--profile profiles/local` under this project's. Two figures:
what Snakemake and Harmonica take beside the processes of the training program; and the same with
the start, imports and data loading of the program, everything but the training itself, as measured
by the same trainings inside one process that has imported and loaded everything.
"""

import argparse
import contextlib
import ctypes
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from config.examples.digits.train import load_digits, train
from harmonica_steps.config import load_file

REPOSITORY = Path(__file__).parents[1]
PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--profile", type=Path, help="such as profiles/local")
    arguments = parser.parse_args()
    samples = arguments.samples
    options = ["--profile", arguments.profile.resolve()] if arguments.profile else []
    config = load_file(REPOSITORY / "config/config.yaml")
    config["objective"]["command"] = config["objective"]["command"].replace(
        "config/examples/", f"{REPOSITORY}/config/examples/"
    )
    config["stages"] = [{**config["stages"][0], "samples": samples}]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.safe_dump(config, sort_keys=False))
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # fork servers count as well
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                sys.executable,
                "-m",
                "snakemake",
                "--snakefile",
                REPOSITORY / "Snakefile",
                "--directory",
                folder,
                "--configfile",
                path,
                "--cores",
                "2",
                *options,
                "--",
                "stage_1",
            ],
            check=True,
            capture_output=True,
        )
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        records = Path(folder).glob("results/*/stage-1/trials/*.json")
        trials = [json.loads(record.read_text()) for record in records]
    whole = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    digits = load_digits()
    start = time.process_time()
    for trial in trials:
        with contextlib.redirect_stdout(io.StringIO()):
            train(trial["configuration"], seed=trial["seed"], epochs=trial["budget"], digits=digits)
    inside = time.process_time() - start
    programs = sum(trial["run"]["cpu_seconds"] for trial in trials)
    print(
        f"{len(trials)} samples: {whole:.1f} CPU s in all. The training programs' own processes "
        f"take {programs:.1f}, of which {inside:.1f} is training.\n"
        f"Overhead a sample: {(whole - programs) / len(trials):.3f} CPU s beside the programs, "
        f"{(whole - inside) / len(trials):.3f} with their start and imports"
    )


if __name__ == "__main__":
    main()
