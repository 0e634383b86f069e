"""The benchmark's results as Markdown: mean and standard error over the replicates, and wins.

python benchmarks/search/table.py results/benchmark-search         # and writes results.csv there
python benchmarks/search/table.py benchmarks/search/results.csv    # what README.md shows
"""

import json
import sys
from pathlib import Path

import pandas as pd

RIVAL = "random-5x"
GAP = "gap %"
HEAD = (
    "| method | replicates | trainings | rounds | time with 32 workers, 300 | best | best three | "
    "better than random-5x | mean of the last 100 metrics | optimiser CPU s |"
)


def main(source: Path) -> None:
    """Print a table for each objective."""
    if source.is_dir():
        found = [json.loads(path.read_text()) for path in sorted(source.glob("*/*/*.json"))]
        results = pd.DataFrame(found).sort_values(["objective", "method", "replicate"])
        results.to_csv(source / "results.csv", index=False, float_format="%.6g")
    else:
        results = pd.read_csv(source)
    for name, here in results.groupby("objective"):
        print(f"\n### {name} ({here['unit'].iloc[0]})\n\n{HEAD}")
        print("|---" * HEAD.count(" |") + "|")
        verdicts = here.pivot(index="replicate", columns="method", values="verdict_of_three")
        for method in verdicts.mean().sort_values().index:
            print(row(here[here["method"] == method], wins(verdicts, method)))
    if GAP in set(results["unit"]):
        print(f"\n### Searches won and lost ({GAP})\n")
        print("\n".join(pairs(results[results["unit"] == GAP])))


def pairs(results: pd.DataFrame) -> list[str]:
    """How many searches a row's method won and lost against a column's, of the same replicates.

    The best configurations are compared; ties count for neither.
    """
    verdicts = results.pivot(index=["objective", "replicate"], columns="method", values="verdict")
    methods = verdicts.mean().sort_values().index
    lines = [f"| | {' | '.join(methods)} |", "|---" * (len(methods) + 1) + "|"]
    for method in methods:
        better = verdicts.lt(verdicts[method], axis=0).sum()
        worse = verdicts.gt(verdicts[method], axis=0).sum()
        cells = ["" if m == method else f"{worse[m]} : {better[m]}" for m in methods]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return lines


def row(of: pd.DataFrame, won: str) -> str:
    """One method."""
    first = of.iloc[0]
    columns = [
        first["method"],
        len(of),
        first["trainings"],
        first["rounds"],
        f"{first['waves_32']}, {first['waves_300']}",
        spread(of["verdict"]),
        spread(of["verdict_of_three"]),
        won,
        spread(of["mean_of_last_100"]),
        f"{of['cpu_optimiser'].mean():.1f}",
    ]
    return f"| {' | '.join(map(str, columns))} |"


def wins(verdicts: pd.DataFrame, method: str) -> str:
    """In how many replicates the best three are better than random search's with five times."""
    if method == RIVAL or RIVAL not in verdicts:
        return ""
    both = verdicts[[method, RIVAL]].dropna()
    return f"{int((both[method] < both[RIVAL]).sum())} of {len(both)}"


def spread(values: pd.Series) -> str:
    """Mean and standard error."""
    error = f" ± {values.sem():.2f}" if len(values) > 1 else ""
    return f"{values.mean():.2f}{error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
