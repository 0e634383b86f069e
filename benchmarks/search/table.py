"""The benchmark's results as Markdown: mean and standard error over the replicates.

python benchmarks/search/table.py results/benchmark-search
"""

import json
import sys
from pathlib import Path

import pandas as pd

HARMONICA = "harmonica"


def main(folder: Path) -> None:
    """Print a table for each objective."""
    rows = [json.loads(path.read_text()) for path in sorted(folder.glob("*/*/*.json"))]
    everything = pd.DataFrame(rows)
    for name, here in everything.groupby("objective", sort=False):
        print(f"\n### {name} ({here['unit'].iloc[0]})\n")
        print(
            "| method | replicates | trainings | rounds | time with 32 workers, 300 | best | "
            "best three | mean of the last 100 metrics | optimiser CPU s |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        order = here.groupby("method")["verdict_of_three"].mean().sort_values().index
        for method in order:
            of = here[here["method"] == method]
            first = of.iloc[0]
            columns = [
                method,
                len(of),
                first["trainings"],
                first["rounds"],
                f"{first['waves_32']}, {first['waves_300']}",
                spread(of["verdict"]),
                spread(of["verdict_of_three"]),
                spread(of["mean_of_last_100"]),
                f"{of['cpu_optimiser'].mean():.1f}",
            ]
            print(f"| {' | '.join(map(str, columns))} |")
        print(wins(here))


def wins(here: pd.DataFrame) -> str:
    """In how many replicates each preset of Harmonica's beats random search with five times."""
    table = here.pivot(index="replicate", columns="method", values="verdict_of_three")
    if "random-5x" not in table:
        return ""
    said = []
    for method in [name for name in table if name.startswith(HARMONICA)]:
        both = table[[method, "random-5x"]].dropna()
        better = int((both[method] < both["random-5x"]).sum())
        said.append(f"{method} {better} of {len(both)}")
    return f"\nBetter than random search with 3,500 trainings: {', '.join(said)}."


def spread(values: pd.Series) -> str:
    """Mean and standard error."""
    error = f" ± {values.sem():.2f}" if len(values) > 1 else ""
    return f"{values.mean():.2f}{error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
