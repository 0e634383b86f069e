"""The command ``harmonica``: one subcommand a rule, and some for people.

Everything heavy is imported inside the subcommand that needs it: ``harmonica train`` is started
once a training.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harmonica_steps import __version__
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.paths import SearchFolder


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; 0 on success, 1 with a message on a problem that the user can mend."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except HarmonicaError as error:
        print(f"harmonica: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(
            f"harmonica: {where}{error.strerror or error}. Nothing computed so far is lost; mend "
            "it and run the same command again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="harmonica",
        description="Spectral hyperparameter search. The search itself is run by snakemake; these "
        "commands are its steps, and looks at its results.",
    )
    parser.add_argument("--version", action="version", version=f"harmonica {__version__}")
    commands = parser.add_subparsers(title="subcommands", required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    def add_step(
        name: str, run: object, text: str, *, part: bool = True
    ) -> argparse.ArgumentParser:
        command = add(name, run, f"{text} (a step of the workflow)")
        command.add_argument("folder", type=Path, help="the search's folder, results/<search>")
        if part:
            command.add_argument("part", help="stage-1, stage-2, ..., final/rung-0, ...")
        return command

    command = add("plan", _plan, "check a configuration, show what it will do and what that costs")
    command.add_argument(
        "configs",
        type=Path,
        nargs="*",
        default=[Path("config/config.yaml")],
        metavar="CONFIG",
        help="the files given to snakemake --configfile; default: config/config.yaml",
    )
    for name, default, text in (
        ("parallel", None, "tasks at a time; default: the cores of this machine"),
        ("pack", 1, "trainings that a task runs one after the other (submitit-pack)"),
        ("cpus", 1, "cores of a training"),
        ("gpus", 0, "GPUs of a training"),
    ):
        command.add_argument(f"--{name}", type=_count, default=default, metavar="N", help=text)
    command = add("status", _status, "show how far searches are; reads only")
    command.add_argument("folders", type=Path, nargs="*", help="results/<search>; default: all")
    command.add_argument(
        "--watch",
        type=float,
        nargs="?",
        const=5.0,
        metavar="SECONDS",
        help="show it again every 5 or so many seconds until the end",
    )
    command = add("summary", _summary, "show what one or several searches have found so far")
    command.add_argument("folders", type=Path, nargs="+", help="results/<search>")
    command = add("report", _report, "write report.html, a page with everything known so far")
    command.add_argument("folder", type=Path, help="results/<search>")
    command.add_argument("--output", type=Path, help="default: report.html in the folder")
    command = add(
        "figures", _figures, "draw the report's figures as files, also comparing several searches"
    )
    command.add_argument("folders", type=Path, nargs="+", help="results/<search>")
    command.add_argument("--output", type=Path, required=True, help="a folder")
    command.add_argument("--format", choices=("svg", "png"), default="svg")
    command = add(
        "import-space", _import_space, "turn a ConfigSpace JSON file into a space: section"
    )
    command.add_argument("file", type=Path, help="written by ConfigSpace's to_json")
    command = add(
        "schema", _schema, "write the JSON schema, or renew the comments of a configuration"
    )
    command.add_argument(
        "--output",
        type=Path,
        required=True,
        help="the .json (schema) or .yaml (configuration) file",
    )

    command = add_step("write-plan", _write_plan, "write plan.json", part=False)
    command.add_argument("--config", type=Path, required=True, help="the configuration file")
    add_step("draw", _draw, "draw the samples of a stage or rung")
    command = add_step("train", _train, "train one sample and write its record")
    command.add_argument("trial", type=int, help="index of the sample, from 0")
    add_step("collect", _collect, "gather the records of a stage or rung into a table")
    command = add_step("recover", _recover, "recover the terms of a stage and freeze", part=False)
    command.add_argument("stage", type=int, help="number of the stage, from 1")
    add_step("finish", _finish, "choose the best configuration", part=False)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}")
    return int(text)


def _plan(arguments: argparse.Namespace) -> None:
    import os

    from harmonica_steps.config import load_merged, parse
    from harmonica_steps.report.preview import Machine, show_plan
    from harmonica_steps.search.plan import plan

    search = parse(load_merged(arguments.configs))
    machine = Machine(
        max(arguments.parallel or os.cpu_count() or 1, 1),
        max(arguments.pack, 1),
        arguments.cpus,
        arguments.gpus,
    )
    root = Path("results") / search.search
    show_plan(plan(search), search.objective.timeout, root, machine)


def _status(arguments: argparse.Namespace) -> None:
    from harmonica_steps.report.progress import show_status

    show_status(arguments.folders, arguments.watch)


def _summary(arguments: argparse.Namespace) -> None:
    from harmonica_steps.report.summary import show_searches

    show_searches(arguments.folders)


def _report(arguments: argparse.Namespace) -> None:
    from harmonica_steps.report.page import write_report
    from harmonica_steps.results.opened import Opened

    output = arguments.output or SearchFolder(arguments.folder).report
    write_report(Opened.at(arguments.folder), output)
    print(f"report: {output}")


def _figures(arguments: argparse.Namespace) -> None:
    from harmonica_steps.report.figures import draw_figures
    from harmonica_steps.results.opened import Opened

    searches = [Opened.at(folder) for folder in arguments.folders]
    for path in draw_figures(searches, arguments.output, arguments.format):
        print(f"figure: {path}")


def _import_space(arguments: argparse.Namespace) -> None:
    import yaml

    from harmonica_steps.space.configspace import from_configspace

    space = from_configspace(arguments.file)
    print(yaml.safe_dump({"space": space}, sort_keys=False, default_flow_style=None), end="")


def _schema(arguments: argparse.Namespace) -> None:
    from harmonica_steps.config.reference import write_reference

    write_reference(arguments.output)


def _write_plan(arguments: argparse.Namespace) -> None:
    from harmonica_steps.config import load_file, parse
    from harmonica_steps.steps.write_plan import write_plan

    write_plan(SearchFolder(arguments.folder), parse(load_file(arguments.config)))


def _draw(arguments: argparse.Namespace) -> None:
    from harmonica_steps.results.opened import Opened
    from harmonica_steps.steps.draw import draw_part

    draw_part(Opened.at(arguments.folder), arguments.part)


def _train(arguments: argparse.Namespace) -> None:
    from harmonica_steps.objective.trial import train

    train(SearchFolder(arguments.folder), arguments.part, arguments.trial)


def _collect(arguments: argparse.Namespace) -> None:
    from harmonica_steps.results.opened import Opened
    from harmonica_steps.steps.collect import collect_part

    collect_part(Opened.at(arguments.folder), arguments.part)


def _recover(arguments: argparse.Namespace) -> None:
    from harmonica_steps.results.opened import Opened
    from harmonica_steps.steps.recover import recover_stage

    print(recover_stage(Opened.at(arguments.folder), arguments.stage))


def _finish(arguments: argparse.Namespace) -> None:
    from harmonica_steps.results.opened import Opened
    from harmonica_steps.steps.finish import finish

    print(finish(Opened.at(arguments.folder)))
