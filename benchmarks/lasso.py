"""The Lasso over all interactions: CPU time and memory against the materialised design.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/lasso.py

Every fit runs in a process of its own, one BLAS thread, on the same data: 300 samples of n parities
and five planted cubic terms. CPU seconds are those of the fit, memory is what the fit adds to the
imports. ``pip install celer`` adds that peer. With --large also n = 200 materialised (7 GB) and
n = 1000, whose design would have 400 GB; the floor there is the bare matrix products of two scans.
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import time

import numpy as np

SAMPLES = 300


def problem(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Parities and scores with five cubic terms."""
    rng = np.random.default_rng(n)
    X = rng.choice([-1.0, 1.0], size=(SAMPLES, n))
    y = 100 * rng.normal(size=SAMPLES)
    for _ in range(5):
        y += 150 * rng.choice([-1, 1]) * X[:, rng.choice(n, 3, replace=False)].prod(axis=1)
    return X, y


def penalty(n: int, degree: int, y: np.ndarray) -> float:
    """The penalty of the paper's rule here."""
    from harmonica_steps.spectral.products import count_products
    from harmonica_steps.spectral.selection import penalty as relative

    return relative(count_products(np.ones(n), degree), SAMPLES) * float(y.std())


def fit_ours(X: np.ndarray, y: np.ndarray, degree: int, alpha: float) -> dict[str, object]:
    """Without materialising anything."""
    from harmonica_steps.spectral import InteractionLasso

    model = InteractionLasso(alpha=alpha, degree=degree).fit(X, y)
    return {
        "terms": [list(map(int, term)) for term in model.terms_],
        "scans": model.n_iter_,
        "gap": model.dual_gap_ / y.var(),
    }


def fit_materialised(X: np.ndarray, y: np.ndarray, degree: int, alpha: float) -> dict[str, object]:
    """What scikit-learn's documentation and the authors' code do."""
    from sklearn.linear_model import Lasso
    from sklearn.preprocessing import PolynomialFeatures

    return _fit_on_all(Lasso(alpha=alpha, tol=1e-8), PolynomialFeatures, X, y, degree)


def fit_celer(X: np.ndarray, y: np.ndarray, degree: int, alpha: float) -> dict[str, object]:
    """A working-set solver on the materialised design."""
    from celer import Lasso
    from sklearn.preprocessing import PolynomialFeatures

    return _fit_on_all(Lasso(alpha=alpha, tol=1e-8), PolynomialFeatures, X, y, degree)


def _fit_on_all(model, features, X, y, degree) -> dict[str, object]:  # type: ignore[no-untyped-def]
    expansion = features(degree, interaction_only=True, include_bias=False)
    model.fit(expansion.fit_transform(X), y)
    powers = expansion.powers_[np.flatnonzero(model.coef_)]
    return {"terms": [np.flatnonzero(row).tolist() for row in powers]}


def bare_products(X: np.ndarray, y: np.ndarray, degree: int, alpha: float) -> dict[str, object]:
    """The matrix products of one scan and nothing else (degree 3)."""
    single = np.ascontiguousarray(X.T, dtype=np.float32)
    n = len(single)
    out = np.empty(256 * n, dtype=np.float32)
    for j in range(n):
        for start in range(0, j, 256):
            rows, columns = min(256, j - start), n - j - 1
            target = out[: rows * columns].reshape(rows, columns)
            np.matmul(single[start : start + rows], single[j + 1 :].T, out=target)
    return {"terms": []}


FITS = {
    "ours": fit_ours,
    "PolynomialFeatures + Lasso": fit_materialised,
    "celer": fit_celer,
    "bare products": bare_products,
}


def child(name: str, n: int, degree: int) -> None:
    """One fit; prints its result as JSON."""
    X, y = problem(n)
    alpha = penalty(n, degree, y)
    FITS[name](X[:, :4], y, 1 if name == "ours" else 2, alpha)  # imports and first-call costs
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    result = FITS[name](X, y, degree, alpha)
    cpu = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**result, "cpu": cpu, "MiB": (after - before) / 1024}))


def run(name: str, n: int, degree: int) -> dict[str, object]:
    """`child` in a process of its own."""
    command = [sys.executable, __file__, "--child", name, str(n), str(degree)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print a line a fit, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        name, n, degree = arguments.child
        child(name, int(n), int(degree))
        return
    peers = ["PolynomialFeatures + Lasso"]
    peers += ["celer"] if importlib.util.find_spec("celer") else []
    sizes = [(60, 3, peers), (100, 3, peers), (100, 4, [])]
    if arguments.large:
        sizes += [(200, 3, peers), (1000, 3, ["bare products"])]
    print("   n degree  fit                          CPU s  ratio     MiB  ratio  support")
    for n, degree, others in sizes:
        ours = run("ours", n, degree)
        for name in ["ours", *others]:
            other = ours if name == "ours" else run(name, n, degree)
            same = sorted(map(tuple, other["terms"])) == sorted(map(tuple, ours["terms"]))  # type: ignore[call-overload]
            shown = f"{ours['scans']} scans" if name == "ours" else "same" if same else "other"
            print(
                f"{n:4} {degree:6}  {name:26} {other['cpu']:7.3f} {other['cpu'] / ours['cpu']:6.1f}"  # type: ignore[operator]
                f" {other['MiB']:7.1f} {other['MiB'] / max(ours['MiB'], 1e-9):6.1f}  {shown}",  # type: ignore[operator]
                flush=True,
            )


if __name__ == "__main__":
    main()
