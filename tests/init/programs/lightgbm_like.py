# ruff: noqa: PTH123 (as people write it)
"""Gradient boosting of stumps on a small table, as people write it around LightGBM."""

import argparse
import random

DEFAULT_RATE = 0.1


def parse_args():
    parser = argparse.ArgumentParser(description="boosting")
    parser.add_argument("--data", required=True, help="CSV: x, y")
    parser.add_argument("--learning-rate", type=float, default=DEFAULT_RATE)
    parser.add_argument("--num-leaves", type=int, default=31)
    parser.add_argument("--max-depth", type=int, default=-1)
    parser.add_argument("--subsample", type=float, default=1.0)
    parser.add_argument("--reg-lambda", type=float, default=0.0)
    parser.add_argument("--boosting", choices=["gbdt", "dart"], default="gbdt")
    parser.add_argument("--extra-trees", action="store_true")
    parser.add_argument("--n-estimators", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def main():
    args = parse_args()
    random.seed(args.seed)
    with open(args.data) as stream:
        rows = [tuple(map(float, line.split(","))) for line in stream]
    residuals = [y for _, y in rows]
    for _ in range(args.n_estimators):
        threshold = random.choice(rows)[0]
        for side in (True, False):
            inside = [n for n, (x, _) in enumerate(rows) if (x < threshold) == side]
            mean = sum(residuals[n] for n in inside) / (len(inside) + args.reg_lambda + 1e-9)
            for n in inside:
                residuals[n] -= args.learning_rate * mean
    rmse = (sum(r * r for r in residuals) / len(rows)) ** 0.5
    print(f"[done] leaves={args.num_leaves} rmse={rmse:.6f}")


if __name__ == "__main__":
    main()
