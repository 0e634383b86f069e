"""The command ``harmonica``: one subcommand per rule, plus a few for users."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from harmonica_steps import __version__
from harmonica_steps import cli_commands as commands
from harmonica_steps import cli_options as options
from harmonica_steps.cli_types import Parser
from harmonica_steps.errors import exit_status, near_miss
from harmonica_steps.terminal import quoted


class Command(NamedTuple):
    """A subcommand."""

    name: str
    run: Callable[[argparse.Namespace], None]
    text: str
    options: Callable[[argparse.ArgumentParser], None]
    """Adds its arguments."""


STEP = "(a step of the workflow)"
COMMANDS = (
    Command(
        "init",
        commands.run_init,
        "write a first config file for your program (which is read, not run)",
        options.add_init,
    ),
    Command(
        "plan",
        commands.run_plan,
        "check a config file, show what the search will do and what it costs",
        options.add_plan,
    ),
    Command(
        "try",
        commands.run_try,
        "train one configuration in a scratch folder, show the command, its output, the result and "
        "what the whole search would cost",
        options.add_try,
    ),
    Command(
        "run",
        commands.run_run,
        "run a search: its snakemake command is printed, and run",
        options.add_run,
    ),
    Command(
        "status",
        commands.run_status,
        "show the progress of searches (read-only)",
        options.add_status,
    ),
    Command(
        "summary",
        commands.run_summary,
        "show what one or several searches have found so far",
        options.add_folders,
    ),
    Command(
        "explain",
        commands.run_explain,
        "show which parameters move a recorded number, e.g. how long trainings take",
        options.add_explain,
    ),
    Command(
        "retry",
        commands.run_retry,
        "rerun selected trainings, with the same configurations and seeds; later steps rerun only "
        "if the part's table changes",
        options.add_retry,
    ),
    Command(
        "report",
        commands.run_report,
        "write the report of a search, report.html; of several, comparison.html",
        options.add_report,
    ),
    Command(
        "figures",
        commands.run_figures,
        "draw the report's figures as files, also comparing several searches",
        options.add_figures,
    ),
    Command(
        "import-space",
        commands.run_import_space,
        "turn a ConfigSpace JSON file into sections space: and forbidden:",
        options.add_import_space,
    ),
    Command(
        "export",
        commands.run_export,
        "write a search for other tools: Optuna, a table, ConfigSpace",
        options.add_export,
    ),
    Command(
        "archive",
        commands.run_archive,
        "write a stage, or a finished search, to one file",
        options.add_archive,
    ),
    Command(
        "verify",
        commands.run_verify,
        "check every byte of archives; exit status 1 if one differs",
        options.add_verify,
    ),
    Command(
        "restore",
        commands.run_restore,
        "restore an archived search so that snakemake can resume it",
        options.add_restore,
    ),
    Command(
        "schema",
        commands.run_schema,
        "write the JSON schema, or regenerate the comments of a config file",
        options.add_schema,
    ),
    Command(
        "draw", commands.run_draw, f"draw the samples of a stage or rung {STEP}", options.add_part
    ),
    Command(
        "train",
        commands.run_train,
        f"train one sample and write its record {STEP}",
        options.add_train,
    ),
    Command(
        "collect",
        commands.run_collect,
        f"gather the records of a stage or rung into a table {STEP}",
        options.add_part,
    ),
    Command(
        "recover",
        commands.run_recover,
        f"recover the terms of a stage and freeze {STEP}",
        options.add_recover,
    ),
    Command(
        "finish", commands.run_finish, f"choose the best configuration {STEP}", options.add_folder
    ),
)
"""All of them, in the order of the help text."""


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
    if more := words[end + 1 :]:
        if "options" not in arguments:
            parser.error(f"nothing may follow --, got {' '.join(more)}")
        arguments.options = more
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

    for name, run, text, add_options in COMMANDS:
        command = subparsers.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        add_options(command)
    return parser
