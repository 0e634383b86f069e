# ruff: noqa: RET504 (as people write it)
"""A script for Optuna."""

import optuna


def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    layers = trial.suggest_int("layers", 1, 3)
    units = trial.suggest_int("units", 32, 256, step=32)
    name = trial.suggest_categorical("activation", ["relu", "tanh"])
    accuracy = 1 - abs(lr - 0.01) - layers / units - (name == "relu") / 10
    return accuracy


if __name__ == "__main__":
    optuna.create_study(direction="maximize").optimize(objective, n_trials=5)
