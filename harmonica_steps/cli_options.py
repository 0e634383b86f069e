"""The arguments of each subcommand of ``harmonica``."""

import argparse
from pathlib import Path

from harmonica_steps.cli_types import (
    MOST_COUNT,
    MOST_SEED,
    MOST_TRIAL,
    path,
    positive,
    ranges,
    seconds,
    whole,
)
from harmonica_steps.export.formats import FORMATS
from harmonica_steps.init import TEMPLATES
from harmonica_steps.results.statuses import FAILURES


def add_init(command: argparse.ArgumentParser) -> None:
    """The options of ``harmonica init``."""
    command.add_argument(
        "program",
        type=path,
        nargs="?",
        help="the training program; hyperparameters, ranges, seed, epochs and metric are guessed "
        "from its source",
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


def add_plan(command: argparse.ArgumentParser) -> None:
    """The config files, and a machine to calculate with."""
    _add_configs(command)
    _add_machine(command, "tasks at a time; default: the cores of this machine", pack=True)


def add_try(command: argparse.ArgumentParser) -> None:
    """Which training ``harmonica try`` runs, and where."""
    _add_configs(command)
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
    _add_machine(command, "trainings at a time in the whole search; default: this machine's cores")


def add_run(command: argparse.ArgumentParser) -> None:
    """The config files, and options of snakemake."""
    _add_configs(command)
    command.usage = "harmonica run [CONFIG ...] [-- OPTIONS]"
    command.epilog = (
        "OPTIONS are snakemake's, e.g. -- -n, -- --cores 4 or -- --profile slurm. Without cores or "
        "a profile all cores are used."
    )
    command.set_defaults(options=[])


def add_status(command: argparse.ArgumentParser) -> None:
    """The searches."""
    command.add_argument("folders", type=path, nargs="*", help="results/<search>; default: all")
    command.add_argument(
        "--watch",
        type=seconds,
        nargs="?",
        const=5.0,
        metavar="SECONDS",
        help="refresh every SECONDS (default: 5) until the search finishes",
    )


def add_folders(command: argparse.ArgumentParser) -> None:
    """Searches, at least one."""
    command.add_argument("folders", type=path, nargs="+", help="results/<search>")


def add_explain(command: argparse.ArgumentParser) -> None:
    """A search and a number."""
    command.add_argument("folder", type=path, help="results/<search>")
    command.add_argument(
        "--metric",
        required=True,
        metavar="NUMBER",
        help="the metric, a further metric of your program, seconds, cpu_seconds or memory_mb",
    )
    command.add_argument(
        "--stage",
        type=int,
        default=1,
        help="default: the first, whose samples cover the whole space",
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def add_retry(command: argparse.ArgumentParser) -> None:
    """A part of a search, and which of its trainings."""
    command.add_argument("folder", type=path, help="the search's folder, results/<search>")
    command.add_argument("part", help="stage-1, stage-2, ..., final/rung-0, ...")
    command.add_argument("--failed", action="store_true", help="all failed trainings")
    command.add_argument(
        "--status",
        action="append",
        choices=FAILURES,
        default=[],
        help="all trainings with this status",
    )
    command.add_argument("--trials", type=ranges, default=[], help="e.g. 3,17,40-45")
    command.usage = "harmonica retry FOLDER PART --failed|--status S|--trials N [-- OPTIONS]"
    command.epilog = (
        "OPTIONS, e.g. -- --profile slurm, run snakemake with them. Without them the records are "
        "only moved to aside/: the next snakemake reruns these trainings and the steps after them."
    )
    command.set_defaults(options=[])


def add_report(command: argparse.ArgumentParser) -> None:
    """Searches, and where the page goes."""
    command.add_argument("folders", type=path, nargs="+", help="results/<search>, at most 8")
    text = "default: report.html in the folder, or comparison.html here; neither replaces the other"
    command.add_argument("--output", type=path, metavar="FILE", help=text)


def add_figures(command: argparse.ArgumentParser) -> None:
    """Searches, and where the figures go."""
    command.add_argument("folders", type=path, nargs="+", help="results/<search>")
    command.add_argument("--output", type=path, required=True, help="a folder")
    command.add_argument("--format", choices=("svg", "png"), default="svg")


def add_import_space(command: argparse.ArgumentParser) -> None:
    """A file of ConfigSpace."""
    command.add_argument("file", type=path, help="written by ConfigSpace's to_json")


def add_export(command: argparse.ArgumentParser) -> None:
    """A search, and the format."""
    command.add_argument("folder", type=path, help="results/<search>")
    command.add_argument(
        "--format",
        choices=FORMATS,
        default="optuna",
        help="; ".join(f"{name}: {kind.text}" for name, kind in FORMATS.items()),
    )
    *names, last = (kind.file for kind in FORMATS.values())
    text = f"default: {', '.join(names)} or {last} in the folder"
    command.add_argument("--output", type=path, help=text)


def add_archive(command: argparse.ArgumentParser) -> None:
    """A search, and what of it."""
    command.add_argument("folder", type=path, help="the search's folder, results/<search>")
    command.add_argument(
        "what", nargs="?", default="search", help="stage-1, stage-2, ... (default: all of it)"
    )


def add_verify(command: argparse.ArgumentParser) -> None:
    """Archives."""
    command.add_argument("files", type=path, nargs="+", help="e.g. archive/stage-1.tar.zst")


def add_restore(command: argparse.ArgumentParser) -> None:
    """An archive, and where it goes."""
    command.add_argument("file", type=path, help="e.g. stage-1.tar.zst")
    command.add_argument(
        "--into", type=path, help="results/NAME, also to rename it (default: results/<search>)"
    )


def add_schema(command: argparse.ArgumentParser) -> None:
    """The file to write."""
    command.add_argument(
        "--output",
        type=path,
        required=True,
        help="the .json (schema) or .yaml (config) file",
    )


def add_folder(command: argparse.ArgumentParser) -> None:
    """The search that a step is of."""
    command.add_argument("folder", type=path, help="the search's folder, results/<search>")


def add_part(command: argparse.ArgumentParser) -> None:
    """The part that a step is of."""
    add_folder(command)
    command.add_argument("part", help="stage-1, stage-2, ..., final/rung-0, ...")


def add_train(command: argparse.ArgumentParser) -> None:
    """A sample."""
    add_part(command)
    command.add_argument("trial", type=whole(0, MOST_TRIAL), help="index of the sample, from 0")


def add_recover(command: argparse.ArgumentParser) -> None:
    """A stage."""
    add_folder(command)
    command.add_argument("stage", type=whole(1, MOST_COUNT), help="number of the stage, from 1")
    command.add_argument(
        "--processes",
        type=whole(1, MOST_COUNT),
        default=1,
        metavar="N",
        help="resamples in parallel, where they are slow; the results are the same",
    )


def _add_configs(command: argparse.ArgumentParser) -> None:
    """The config files, as ``snakemake --configfile`` takes them."""
    command.add_argument(
        "configs",
        type=path,
        nargs="*",
        default=[Path("config/config.yaml")],
        metavar="CONFIG",
        help="the files given to snakemake --configfile; default: config/config.yaml",
    )


def _add_machine(command: argparse.ArgumentParser, parallel: str, *, pack: bool = False) -> None:
    """What the search is to run on, to calculate its cost."""
    packing = "trainings that a task runs one after the other (submitit-pack)"
    for name, least, default, text in (
        ("parallel", 1, None, parallel),
        *((("pack", 1, 1, packing),) if pack else ()),
        ("cpus", 1, 1, "cores of a training"),
        ("gpus", 0, 0, "GPUs of a training"),
    ):
        command.add_argument(
            f"--{name}", type=whole(least, MOST_COUNT), default=default, metavar="N", help=text
        )
