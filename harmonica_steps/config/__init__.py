"""The configuration file: its models, its messages, its schema."""

from harmonica_steps.config.load import load_file, load_merged, parse
from harmonica_steps.config.models import Failures, Final, Objective, Search, Stage

__all__ = ["Failures", "Final", "Objective", "Search", "Stage", "load_file", "load_merged", "parse"]
