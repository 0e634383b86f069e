"""The command ``harmonica``: one subcommand per rule, plus a few for users."""

import argparse
import sys
from collections.abc import Sequence

from harmonica_steps import __version__, commands
from harmonica_steps.cli_options import add_choice, add_configs, add_init
from harmonica_steps.cli_types import (
    MOST_COUNT,
    MOST_TRIAL,
    Parser,
    path,
    ranges,
    seconds,
    whole,
)
from harmonica_steps.errors import exit_status, near_miss
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.terminal import quoted


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; 0 on success, 1 with a message on a problem that the user can fix."""
    words = list(sys.argv[1:] if argv is None else argv)
    return exit_status(lambda: _run(words))


def _run(words: list[str]) -> None:
    parser = make_parser()
    if not words:
        parser.print_help()
        raise SystemExit(2)
    _check_command(parser, words[0])
    end = words.index("--") if "--" in words else len(words)
    arguments, unknown = parser.parse_known_args(words[:end])
    if unknown:
        hint = "; options of snakemake go after --" if "options" in arguments else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    if options := words[end + 1 :]:
        if "options" not in arguments:
            parser.error(f"nothing may follow --, got {' '.join(options)}")
        arguments.options = options
    arguments.run(arguments)


def _check_command(parser: Parser, word: str) -> None:
    """End with a suggestion where the first word is not a subcommand."""
    allowed = parser.get_default("commands")
    if word not in allowed and (word == "--" or not word.startswith("-")):
        parser.error(f"unknown command {quoted(word)}{near_miss(word[:100], allowed)}")


def make_parser() -> Parser:
    """Every subcommand with its options; the command line reference is made from it."""
    parser = Parser(
        prog="harmonica",
        description=(
            "Spectral hyperparameter search. The search itself is run by snakemake; these "
            "commands run its steps and inspect its results."
        ),
    )
    parser.add_argument("--version", action="version", version=f"harmonica {__version__}")
    subparsers = parser.add_subparsers(title="subcommands", required=True, metavar="COMMAND")
    parser.set_defaults(commands=subparsers.choices)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = subparsers.add_parser(name, help=text, description=text)
        command.set_defaults(run=getattr(commands, f"run_{name.replace('-', '_')}"))
        return command

    def add_step(name: str, text: str, *, part: bool = True) -> argparse.ArgumentParser:
        command = add(name, f"{text} (a step of the workflow)")
        command.add_argument("folder", type=path, help="the search's folder, results/<search>")
        if part:
            command.add_argument("part", help="stage-1, stage-2, ..., final/rung-0, ...")
        return command

    command = add("init", "write a first config file for your program (which is read, not run)")
    add_init(command)
    command = add("plan", "check a config file, show what the search will do and what it costs")
    add_configs(command)
    for name, least, default, text in (
        ("parallel", 1, None, "tasks at a time; default: the cores of this machine"),
        ("pack", 1, 1, "trainings that a task runs one after the other (submitit-pack)"),
        ("cpus", 1, 1, "cores of a training"),
        ("gpus", 0, 0, "GPUs of a training"),
    ):
        command.add_argument(
            f"--{name}", type=whole(least, MOST_COUNT), default=default, metavar="N", help=text
        )
    command = add(
        "try",
        "train one configuration in a scratch folder, show the command, its output, the result and "
        "what the whole search would cost",
    )
    add_configs(command)
    add_choice(command)
    command = add("run", "run a search: its snakemake command is printed, and run")
    add_configs(command)
    command.usage = "harmonica run [CONFIG ...] [-- OPTIONS]"
    command.epilog = (
        "OPTIONS are snakemake's, e.g. -- -n, -- --cores 4 or -- --profile slurm. Without cores or "
        "a profile all cores are used."
    )
    command.set_defaults(options=[])
    command = add("status", "show the progress of searches (read-only)")
    command.add_argument("folders", type=path, nargs="*", help="results/<search>; default: all")
    command.add_argument(
        "--watch",
        type=seconds,
        nargs="?",
        const=5.0,
        metavar="SECONDS",
        help="refresh every SECONDS (default: 5) until the search finishes",
    )
    command = add("summary", "show what one or several searches have found so far")
    command.add_argument("folders", type=path, nargs="+", help="results/<search>")
    command = add(
        "explain", "show which parameters move a recorded number, e.g. how long trainings take"
    )
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
    command = add(
        "retry",
        "rerun selected trainings, with the same configurations and seeds; later steps rerun only "
        "if the part's table changes",
    )
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
    command = add(
        "report", "write the report of a search, report.html; of several, comparison.html"
    )
    command.add_argument("folders", type=path, nargs="+", help="results/<search>, at most 8")
    text = "default: report.html in the folder, or comparison.html here; neither replaces the other"
    command.add_argument("--output", type=path, metavar="FILE", help=text)
    command = add("figures", "draw the report's figures as files, also comparing several searches")
    command.add_argument("folders", type=path, nargs="+", help="results/<search>")
    command.add_argument("--output", type=path, required=True, help="a folder")
    command.add_argument("--format", choices=("svg", "png"), default="svg")
    command = add(
        "import-space", "turn a ConfigSpace JSON file into sections space: and forbidden:"
    )
    command.add_argument("file", type=path, help="written by ConfigSpace's to_json")
    command = add("export", "write a search for other tools: Optuna, a table, ConfigSpace")
    command.add_argument("folder", type=path, help="results/<search>")
    command.add_argument(
        "--format",
        choices=("optuna", "csv", "configspace"),
        default="optuna",
        help="optuna: a study, in a journal file (the default); csv: all trainings; configspace: "
        "the space, which import-space reads",
    )
    command.add_argument(
        "--output",
        type=path,
        help="default: study.journal, trainings.csv or space.json in the folder",
    )
    command = add("archive", "write a stage, or a finished search, to one file")
    command.add_argument("folder", type=path, help="the search's folder, results/<search>")
    command.add_argument(
        "what", nargs="?", default="search", help="stage-1, stage-2, ... (default: all of it)"
    )
    command = add("verify", "check every byte of archives; exit status 1 if one differs")
    command.add_argument("files", type=path, nargs="+", help="e.g. archive/stage-1.tar.zst")
    command = add("restore", "restore an archived search so that snakemake can resume it")
    command.add_argument("file", type=path, help="e.g. stage-1.tar.zst")
    command.add_argument(
        "--into", type=path, help="results/NAME, also to rename it (default: results/<search>)"
    )
    command = add("schema", "write the JSON schema, or regenerate the comments of a config file")
    command.add_argument(
        "--output",
        type=path,
        required=True,
        help="the .json (schema) or .yaml (config) file",
    )

    add_step("draw", "draw the samples of a stage or rung")
    command = add_step("train", "train one sample and write its record")
    command.add_argument("trial", type=whole(0, MOST_TRIAL), help="index of the sample, from 0")
    add_step("collect", "gather the records of a stage or rung into a table")
    command = add_step("recover", "recover the terms of a stage and freeze", part=False)
    command.add_argument("stage", type=whole(1, MOST_COUNT), help="number of the stage, from 1")
    command.add_argument(
        "--processes",
        type=whole(1, MOST_COUNT),
        default=1,
        metavar="N",
        help="resamples in parallel, where they are slow; the results are the same",
    )
    add_step("finish", "choose the best configuration", part=False)
    return parser
