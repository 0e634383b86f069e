"""How a sample can end, as its record says."""

FAILURES = ("failed", "diverged", "timeout", "killed")
"""Failure statuses of a training."""
