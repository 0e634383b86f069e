"""How a sample can end, as its record says."""

FAILURES = ("failed", "diverged", "timeout", "killed")
"""Failure statuses of a training."""

SKIPPED = "skipped"
"""Of what was not trained, because its stage was not needed."""
