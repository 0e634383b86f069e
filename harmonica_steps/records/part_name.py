"""How parts of a search are named, as regular expressions."""

ROUND_NAME = r"(?:(?:bracket-\d{1,6}/)?rung|round)-\d{1,6}"
"""A round of the final search."""

PART_NAME = rf"stage-\d{{1,6}}|final/{ROUND_NAME}|final/retrain"
"""A stage, a round or the retraining."""
