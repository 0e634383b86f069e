"""Limits of SLURM for single tests."""

from collections.abc import Callable

Qos = Callable[..., str]
"""Makes a QOS of the settings given; its name."""
