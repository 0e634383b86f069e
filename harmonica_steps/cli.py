"""The command ``harmonica``: one subcommand a rule, and some for people.

Everything heavy is imported inside the subcommand that needs it: ``harmonica train`` is started
once a training.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harmonica_steps import __version__
from harmonica_steps.claim import Claim
from harmonica_steps.errors import HarmonicaError, exit_status
from harmonica_steps.objective.outcome import FAILURES
from harmonica_steps.results.paths import SearchFolder


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; 0 on success, 1 with a message on a problem that the user can mend."""
    words = list(sys.argv[1:] if argv is None else argv)
    end = words.index("--") if "--" in words[1:] else len(words)
    parser = _parser()
    arguments = parser.parse_args(words[:end])
    if options := words[end + 1 :]:
        if "options" not in arguments:
            parser.error(f"nothing may follow --, got {' '.join(options)}")
        arguments.options = options
    return exit_status(lambda: arguments.run(arguments))


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

    command = add("check", _check, "check a configuration file and show its plan")
    command.add_argument("config", type=Path, help="such as config/config.yaml")
    command = add("summary", _summary, "show what one or several searches have found so far")
    command.add_argument("folders", type=Path, nargs="+", help="results/<search>")
    command = add(
        "retry",
        _retry,
        "train samples again, with the same configurations and seeds; what follows is done again "
        "only if the part's table has changed",
    )
    command.add_argument("folder", type=Path, help="the search's folder, results/<search>")
    command.add_argument("part", help="stage-1, stage-2, ..., final/rung-0, ...")
    command.add_argument("--failed", action="store_true", help="all that did not go well")
    command.add_argument(
        "--status", action="append", choices=FAILURES, default=[], help="all that ended so"
    )
    command.add_argument("--trials", type=_numbers, default=set(), help="such as 3,17,40-45")
    command.usage = "harmonica retry FOLDER PART --failed|--status S|--trials N [-- OPTIONS]"
    command.epilog = (
        "OPTIONS, such as: -- --profile slurm, run snakemake with them. Otherwise the records are "
        "only set aside: the next snakemake trains them again, and does what follows."
    )
    command.set_defaults(options=[])
    command = add("plot", _plot, "plot the metric stage by stage, for one or several searches")
    command.add_argument("folders", type=Path, nargs="+", help="results/<search>")
    command.add_argument("--output", type=Path, required=True, help=".svg, .png, .html or .json")
    command = add(
        "import-space", _import_space, "turn a ConfigSpace JSON file into a space: section"
    )
    command.add_argument("file", type=Path, help="written by ConfigSpace's to_json")
    command = add("archive", _archive, "write a stage, or a search that has ended, to one file")
    command.add_argument("folder", type=Path, help="the search's folder, results/<search>")
    command.add_argument(
        "what", nargs="?", default="search", help="stage-1, stage-2, ... (default: all of it)"
    )
    command = add("verify", _verify, "check every byte of archives; exit status 1 if one differs")
    command.add_argument("files", type=Path, nargs="+", help="such as archive/stage-1.tar.zst")
    command = add(
        "restore", _restore, "put an archived search back, for snakemake to go on from there"
    )
    command.add_argument("file", type=Path, help="such as stage-1.tar.zst")
    command.add_argument(
        "--into", type=Path, help="results/NAME, also to rename it (default: results/<search>)"
    )
    command = add(
        "schema", _schema, "write the JSON schema, or renew the comments of a configuration"
    )
    command.add_argument(
        "--output",
        type=Path,
        required=True,
        help="the .json (schema) or .yaml (configuration) file",
    )

    add_step("draw", _draw, "draw the samples of a stage or rung")
    command = add_step("train", _train, "train one sample and write its record")
    command.add_argument("trial", type=int, help="index of the sample, from 0")
    add_step("collect", _collect, "gather the records of a stage or rung into a table")
    command = add_step("recover", _recover, "recover the terms of a stage and freeze", part=False)
    command.add_argument("stage", type=int, help="number of the stage, from 1")
    add_step("finish", _finish, "choose the best configuration", part=False)
    return parser


def _check(arguments: argparse.Namespace) -> None:
    from harmonica_steps.config import load_file, parse
    from harmonica_steps.report.summary import show_plan
    from harmonica_steps.search.plan import plan

    show_plan(plan(parse(load_file(arguments.config))))


def _summary(arguments: argparse.Namespace) -> None:
    from harmonica_steps.report.summary import show_searches

    show_searches(arguments.folders)


def _numbers(text: str) -> set[int]:
    found = set()
    for item in text.split(","):
        first, _, last = item.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise argparse.ArgumentTypeError(f"{item!r} is no number; give such as 3,17,40-45")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def _retry(arguments: argparse.Namespace) -> None:
    from harmonica_steps.results.opened import Opened
    from harmonica_steps.steps.retry import retry, run_workflow

    opened = Opened.at(arguments.folder)
    statuses = set(FAILURES if arguments.failed else arguments.status)
    if not statuses and not arguments.trials:
        raise HarmonicaError("which trainings? Give --failed, --status STATUS or --trials 3,17.")
    with Claim(opened.config.search):
        chosen = retry(opened, arguments.part, statuses, arguments.trials)
    count = f"{len(chosen)} training" + ("s" if len(chosen) > 1 else "")
    print(f"{arguments.part}: {count} to be done again; the old records are in aside/.", flush=True)
    if arguments.options:
        run_workflow(opened, arguments.part, chosen, arguments.options)


def _plot(arguments: argparse.Namespace) -> None:
    from harmonica_steps.report.plot import plot

    plot(arguments.folders, arguments.output)


def _import_space(arguments: argparse.Namespace) -> None:
    import yaml

    from harmonica_steps.space.configspace import from_configspace

    space = from_configspace(arguments.file)
    print(yaml.safe_dump({"space": space}, sort_keys=False, default_flow_style=None), end="")


def _archive(arguments: argparse.Namespace) -> None:
    from harmonica_steps.archive.create import archive
    from harmonica_steps.results.opened import Opened

    print(archive(Opened.at(arguments.folder), arguments.what))


def _verify(arguments: argparse.Namespace) -> None:
    from harmonica_steps.archive.check import verify

    for line in verify(arguments.files):
        print(line, flush=True)


def _restore(arguments: argparse.Namespace) -> None:
    from harmonica_steps.archive.restore import restore

    print(restore(arguments.file, arguments.into))


def _schema(arguments: argparse.Namespace) -> None:
    from harmonica_steps.config.reference import write_reference

    write_reference(arguments.output)


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
