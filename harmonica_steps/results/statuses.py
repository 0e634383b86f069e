"""How a sample can end, as its record says."""

FAILURES = ("failed", "diverged", "timeout", "killed")
"""Statuses beside ``ok`` of what was trained."""

SKIPPED = "skipped"
"""Of what was not trained, as its stage was not needed."""
