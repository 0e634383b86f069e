"""The configuration file: its models, its messages, its schema."""

from harmonica_steps.config.load import load_file, load_merged, load_start, parse
from harmonica_steps.config.objective import Flags, Objective, Transform
from harmonica_steps.config.rounds import Final, Origin, Retrain
from harmonica_steps.config.search import Search
from harmonica_steps.config.section import Budget, CountsAs, Failures
from harmonica_steps.config.stage import Stage, Study

__all__ = [
    "Budget",
    "CountsAs",
    "Failures",
    "Final",
    "Flags",
    "Objective",
    "Origin",
    "Retrain",
    "Search",
    "Stage",
    "Study",
    "Transform",
    "load_file",
    "load_merged",
    "load_start",
    "parse",
]
