"""A search for other tools: an Optuna study, a table, a ConfigSpace file."""
