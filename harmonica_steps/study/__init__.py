"""Optuna's view of a search space. Optuna is optional: it is imported when it is needed."""
