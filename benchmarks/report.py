"""What the report and the status cost, for searches of 300, 3,000 and 10,000 trainings.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/report.py

The trainings are made up, everything else is the real thing. Size of the page; CPU time to write it
(a process of its own, imports included); time until a real browser (Debian's Chromium, headless)
shows the text, and until it has drawn all figures; CPU and wall time of ``harmonica status``.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.finish import finish
from tests.report import browser as chromium
from tests.report.report_support import plan, run_part

BITS = 40


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trainings", type=int, nargs="+", default=[300, 3_000, 10_000])
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    print("| trainings | page | CPU s to write | s to text | s to figures | status s (CPU) |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, chromium.running() as browser:
        for trainings in arguments.trainings:
            search = searched(Path(folder) / f"results/made-up-{trainings}", trainings)
            root = str(search.folder.root)
            command("report", root)  # the library's first use
            writing = min(command("report", root)[0] for _ in range(arguments.repeats))
            size = search.folder.report.stat().st_size
            text, figures = opening(browser, search.folder.report, arguments.repeats)
            cpu, wall = min(command("status", root) for _ in range(arguments.repeats))
            print(
                f"| {trainings:,} | {size / 1e6:.2f} MB | {writing:.1f} | {text:.2f} | "
                f"{figures:.2f} | {wall:.2f} ({cpu:.2f}) |",
                flush=True,
            )


def searched(root: Path, trainings: int) -> SearchRun:
    """Nine tenths of the trainings in two stages, the rest in three rungs."""
    final = max(trainings * 9 // 130 // 9 * 9, 9)
    samples = (trainings - final * 13 // 9) // 2
    stage = {"samples": samples, "degree": 2, "sparsity": 5}
    config: dict[str, Any] = {
        "search": root.name,
        "objective": {"command": "true"},
        "space": {f"parameter_{i:02}": {"type": "bool"} for i in range(BITS)},
        "stages": [stage, stage],
        "final": {"configurations": final, "eta": 3, "max_budget": 9},
    }
    search = plan(root, config)
    for part in search.parts:
        run_part(search, part.name, metric)
    finish(search)
    return search


def metric(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    """Three effects, a product, noise and 3 % of failures."""
    if noise < 0.03:
        return None
    bits = [1 if configuration[f"parameter_{i:02}"] else -1 for i in range(6)]
    effects = 3 * bits[0] - 2 * bits[1] + bits[2] + 2 * bits[3] * bits[4] - bits[4] * bits[5]
    return 20 + effects + 4 * noise - 0.1 * budget


def command(*arguments: str) -> tuple[float, float]:
    """CPU and wall seconds of a command of Harmonica."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "harmonica_steps", *arguments], check=True, capture_output=True
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def opening(browser: Browser, path: Path, repeats: int) -> tuple[float, float]:
    """Seconds until the page shows its text, and until its figures are drawn; the best of some."""
    found = []
    for _ in range(repeats):
        page = browser.new_page()
        start = time.perf_counter()
        chromium.drawn(page, path)
        figures = time.perf_counter() - start
        paint = page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
        )
        found.append((paint, figures))
        page.close()
    return min(text for text, _ in found), min(figures for _, figures in found)


if __name__ == "__main__":
    main()
