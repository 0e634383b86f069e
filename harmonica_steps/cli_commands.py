"""What the subcommands of ``harmonica`` do: each loads only what it needs."""

import argparse
import shlex
from pathlib import Path

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.search_lock import SearchLock
from harmonica_steps.terminal import say, warn


def run_init(arguments: argparse.Namespace) -> None:
    """Write a first config file."""
    from harmonica_steps.init.create import Request, create

    create(
        Request(
            arguments.program,
            arguments.template,
            arguments.from_study,
            arguments.study_name,
            arguments.from_configspace,
            arguments.output,
            arguments.force,
            arguments.options,
        )
    )


def run_plan(arguments: argparse.Namespace) -> None:
    """Show what a search will do and cost."""
    import os

    from harmonica_steps.config import load_merged, parse
    from harmonica_steps.preflight import check
    from harmonica_steps.report.plan_view import Machine, show_plan
    from harmonica_steps.same_search import check_same_search
    from harmonica_steps.search.plan import parts, plan
    from harmonica_steps.search.remarks import remarks
    from harmonica_steps.steps.example import example_command, left_to_the_program

    search = parse(load_merged(arguments.configs))
    check(search)
    machine = Machine(
        max(arguments.parallel or os.cpu_count() or 1, 1),
        max(arguments.pack, 1),
        arguments.cpus,
        arguments.gpus,
    )
    root = Path(search.results, search.search)
    as_data = search.model_dump(mode="json")
    check_same_search(SearchFolder(root), as_data, parts(search)[0].name)
    taken = 0
    if search.stages and search.stages[0].study:
        from harmonica_steps.study.first_stage import preview_import

        taken = len(preview_import(search).samples)
    sentences = [*remarks(search), *left_to_the_program(search)]
    command = example_command(search, root)
    show_plan(plan(search), search.objective.timeout, root, machine, taken, sentences, command)
    say(f"To run it: {shlex.join(['harmonica', 'run', *map(str, arguments.configs)])}")


def run_run(arguments: argparse.Namespace) -> None:
    """Run the workflow by snakemake."""
    from harmonica_steps.config import load_file
    from harmonica_steps.launch import run_workflow

    for config in arguments.configs:
        if config.is_file():
            load_file(config)  # before snakemake reads it by the rules of YAML 1.1
    run_workflow(arguments.configs, arguments.options)


def run_try(arguments: argparse.Namespace) -> None:
    """Train one configuration in a scratch folder."""
    import os

    from harmonica_steps.config import load_merged, parse
    from harmonica_steps.preflight import check
    from harmonica_steps.report.plan_view import Machine
    from harmonica_steps.results.search_run import SearchRun
    from harmonica_steps.tryout import choice
    from harmonica_steps.tryout.run import try_out
    from harmonica_steps.tryout.settings import with_settings

    search = parse(load_merged(arguments.configs))
    check(search)
    source = None
    if arguments.best or arguments.trial:
        source = SearchRun.at(arguments.results or Path("results") / search.search)
        chosen = choice.again(source, arguments.trial) if arguments.trial else choice.best(source)
    else:
        chosen = choice.drawn(search, arguments.seed)
    chosen = choice.in_part(chosen, search, arguments.part, arguments.budget)
    chosen = with_settings(search.build_space(), chosen, arguments.set)
    parallel = max(arguments.parallel or os.cpu_count() or 1, 1)
    machine = Machine(parallel, 1, arguments.cpus, arguments.gpus)
    try_out(search, chosen, source, machine, arguments.output, keep=arguments.keep)


def run_status(arguments: argparse.Namespace) -> None:
    """Show the progress of searches."""
    from harmonica_steps.report.status_view import show_status

    show_status(arguments.folders, arguments.watch)


def run_summary(arguments: argparse.Namespace) -> None:
    """Show what searches have found."""
    from harmonica_steps.report.summary import show_searches

    show_searches(arguments.folders)


def run_explain(arguments: argparse.Namespace) -> None:
    """Explain a recorded number."""
    import json

    from harmonica_steps.report.explained import explain_number
    from harmonica_steps.results.search_run import SearchRun

    found = explain_number(SearchRun.at(arguments.folder), arguments.metric, arguments.stage)
    if arguments.json:
        say(json.dumps(found, indent=2, ensure_ascii=False))
        return
    from harmonica_steps.report.explanation import show_explanation

    show_explanation(found)


def run_retry(arguments: argparse.Namespace) -> None:
    """Move records to aside/, and run snakemake if its options are given."""
    from harmonica_steps.results.search_run import SearchRun
    from harmonica_steps.steps.retry import DAMAGED, retry, run_workflow

    search = SearchRun.at(arguments.folder)
    home = Path(search.config.results, search.config.search)
    if arguments.options and arguments.folder.resolve() != home.resolve():
        raise HarmonicaError(
            f"{arguments.folder}: is not {home} here: run this in the directory in which you run "
            "snakemake."
        )
    statuses = {*arguments.status, *((*FAILURES, DAMAGED) if arguments.failed else ())}
    if not statuses and not arguments.trials:
        raise HarmonicaError(
            "no trainings selected: use --failed, --status STATUS or --trials 3,17."
        )
    with SearchLock(search.folder.root):
        chosen = retry(search, arguments.part, statuses, arguments.trials)
    count = f"{len(chosen)} training" + ("s" if len(chosen) > 1 else "")
    say(f"{arguments.part}: {count} to rerun; the old records are in aside/.")
    if arguments.options:
        run_workflow(search, arguments.part, chosen, arguments.options)


def run_report(arguments: argparse.Namespace) -> None:
    """Write the report of a search, or the comparison of several."""
    if len(arguments.folders) > 1:
        from harmonica_steps.report.comparison_page import write_comparison

        output = arguments.output or Path("comparison.html")
        write_comparison(arguments.folders, output)
        say(f"comparison: {output}")
        return
    from harmonica_steps.report.page import write_report
    from harmonica_steps.results.search_run import SearchRun

    (folder,) = arguments.folders
    output = arguments.output or SearchFolder(folder).report
    write_report(SearchRun.at(folder), output)
    say(f"report: {output}")


def run_figures(arguments: argparse.Namespace) -> None:
    """Draw the report's figures."""
    from harmonica_steps.optional import check_can_draw

    check_can_draw()
    from harmonica_steps.report.figures import draw_figures
    from harmonica_steps.results.search_run import SearchRun

    searches = [SearchRun.at(folder) for folder in arguments.folders]
    for path in draw_figures(searches, arguments.output, arguments.format):
        say(f"figure: {path}")


def run_import_space(arguments: argparse.Namespace) -> None:
    """Print a ConfigSpace file as the sections ``space:`` and ``forbidden:``."""
    import yaml

    from harmonica_steps.configspace import from_configspace

    found = from_configspace(arguments.file)
    for remark in found.remarks:
        warn(f"harmonica: {arguments.file}: not imported: {remark}")
    say(yaml.safe_dump(found.sections, sort_keys=False, default_flow_style=None), end="")


def run_export(arguments: argparse.Namespace) -> None:
    """Write a search for other tools."""
    from harmonica_steps.export.formats import FORMATS
    from harmonica_steps.results.search_run import SearchRun

    kind = FORMATS[arguments.format]
    path = arguments.output or arguments.folder / kind.file
    say(kind.write(SearchRun.at(arguments.folder), path))


def run_archive(arguments: argparse.Namespace) -> None:
    """Write an archive."""
    from harmonica_steps.archive.create import archive
    from harmonica_steps.results.search_run import SearchRun

    say(archive(SearchRun.at(arguments.folder), arguments.what))


def run_verify(arguments: argparse.Namespace) -> None:
    """Check archives."""
    from harmonica_steps.archive.check import verify

    for line in verify(arguments.files):
        say(line)


def run_restore(arguments: argparse.Namespace) -> None:
    """Restore an archived search."""
    from harmonica_steps.archive.restore import restore

    say(restore(arguments.file, arguments.into))


def run_schema(arguments: argparse.Namespace) -> None:
    """Write what is generated from the models."""
    from harmonica_steps.config.reference import write_reference

    write_reference(arguments.output)


def run_draw(arguments: argparse.Namespace) -> None:
    """Draw the samples of a part."""
    from harmonica_steps.results.search_run import SearchRun
    from harmonica_steps.steps.draw import draw_part

    draw_part(SearchRun.at(arguments.folder), arguments.part)


def run_train(arguments: argparse.Namespace) -> None:
    """Train one sample."""
    from harmonica_steps.objective.trial import train

    train(SearchFolder(arguments.folder), arguments.part, arguments.trial)


def run_collect(arguments: argparse.Namespace) -> None:
    """Gather the records of a part."""
    from harmonica_steps.results.search_run import SearchRun
    from harmonica_steps.steps.collect import collect_part

    collect_part(SearchRun.at(arguments.folder), arguments.part)


def run_recover(arguments: argparse.Namespace) -> None:
    """Recover the terms of a stage."""
    from harmonica_steps.results.search_run import SearchRun
    from harmonica_steps.steps.recover import recover_stage

    say(recover_stage(SearchRun.at(arguments.folder), arguments.stage, arguments.processes))


def run_finish(arguments: argparse.Namespace) -> None:
    """Choose the best configuration."""
    from harmonica_steps.results.search_run import SearchRun
    from harmonica_steps.steps.finish import finish

    say(finish(SearchRun.at(arguments.folder)))
