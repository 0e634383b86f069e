"""Options that several commands share, and the many of ``harmonica init``."""

import argparse
from pathlib import Path

from harmonica_steps.cli_types import (
    MOST_COUNT,
    MOST_SEED,
    path,
    positive,
    whole,
)
from harmonica_steps.init import TEMPLATES


def add_configs(command: argparse.ArgumentParser) -> None:
    """The config files, as ``snakemake --configfile`` takes them."""
    command.add_argument(
        "configs",
        type=path,
        nargs="*",
        default=[Path("config/config.yaml")],
        metavar="CONFIG",
        help="the files given to snakemake --configfile; default: config/config.yaml",
    )


def add_choice(command: argparse.ArgumentParser) -> None:
    """Which training ``harmonica try`` runs, and where."""
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--seed",
        type=whole(0, MOST_SEED),
        metavar="N",
        help="the first sample of the search with this seed; default: that of the search itself",
    )
    which.add_argument("--best", action="store_true", help="the best configuration so far")
    which.add_argument(
        "--trial", metavar="PART/N", help="a sample of the search again, e.g. stage-1/17"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a value of the configuration; may be repeated",
    )
    command.add_argument(
        "--part", help="with the budget and the fixed settings of this part, e.g. final/rung-2"
    )
    command.add_argument("--budget", type=positive, metavar="B", help="with this budget")
    command.add_argument(
        "--results",
        type=path,
        metavar="FOLDER",
        help="the search that --best and --trial refer to; default: results/<search>",
    )
    command.add_argument(
        "--output", type=path, metavar="FOLDER", help="train in this folder, and keep it"
    )
    command.add_argument(
        "--keep",
        action="store_true",
        help="keep the temporary folder even if the training succeeds",
    )
    for name, least, default, text in (
        (
            "parallel",
            1,
            None,
            "trainings at a time in the whole search; default: this machine's cores",
        ),
        ("cpus", 1, 1, "cores of a training"),
        ("gpus", 0, 0, "GPUs of a training"),
    ):
        command.add_argument(
            f"--{name}", type=whole(least, MOST_COUNT), default=default, metavar="N", help=text
        )


def add_init(command: argparse.ArgumentParser) -> None:
    """The options of ``harmonica init``."""
    command.add_argument(
        "program",
        type=path,
        nargs="?",
        help=(
            "the training program; hyperparameters, ranges, seed, epochs and metric are guessed "
            "from its source"
        ),
    )
    command.add_argument(
        "--template",
        choices=TEMPLATES,
        help="how the program is given its settings; by default this is recognised. command: an "
        "example to fill in, for a program in any language",
    )
    command.add_argument(
        "--from-study",
        type=path,
        metavar="FILE",
        help="take the space from an Optuna study, a journal file or SQLite database",
    )
    command.add_argument(
        "--study-name", metavar="NAME", help="name of the study, if the file holds several"
    )
    command.add_argument(
        "--from-configspace", type=path, metavar="FILE", help="take it from ConfigSpace's to_json"
    )
    command.add_argument(
        "--output",
        type=path,
        default=Path("harmonica.yaml"),
        metavar="FILE",
        help="the config file; default: harmonica.yaml",
    )
    command.add_argument("--force", action="store_true", help="replace an existing file")
    command.usage = "harmonica init [PROGRAM] [OPTIONS] [-- ARGUMENTS]"
    command.epilog = (
        "ARGUMENTS are passed on to the program in each training, and are not searched, e.g. "
        "-- --data images/."
    )
    command.set_defaults(options=[])
