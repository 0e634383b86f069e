"""What the workflow costs beside the trainings: CPU seconds a sample, everything included.

    .venv/bin/python benchmarks/overhead.py

300 samples of the demo's program at two cores under Snakemake's own local executor; the CPU time
of the trainings themselves is what the same trainings take inside one process that has imported
and loaded everything. So interpreter starts and imports count as overhead.
"""

import argparse
import contextlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from examples.digits.train import load_digits, train
from harmonica_steps.config import load_file

REPOSITORY = Path(__file__).parents[1]


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    samples = parser.parse_args().samples
    config = load_file(REPOSITORY / "config/config.yaml")
    config["objective"]["command"] = config["objective"]["command"].replace(
        "examples/", f"{REPOSITORY}/examples/"
    )
    config["stages"] = [{**config["stages"][0], "samples": samples}]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.safe_dump(config, sort_keys=False))
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
                "stage_1",
            ],
            check=True,
            capture_output=True,
        )
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
    print(
        f"{len(trials)} samples: {whole:.1f} CPU s in all, {inside:.1f} of them training: "
        f"{(whole - inside) / len(trials):.3f} CPU s of overhead a sample"
    )


if __name__ == "__main__":
    main()
