from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

try:
    from harmonica_steps.controller import (
        add_programs_to_path,
        prepare,
        runs_jobs,
        shell_prefix,
    )
    from harmonica_steps.errors import HarmonicaError
    from harmonica_steps.records.part_name import PART_NAME
    from harmonica_steps.terminal import replace_unknown_letters
    from harmonica_steps.workflow import Workflow
except ImportError as error:
    raise WorkflowError(
        f"{error}: run snakemake from the environment that Harmonica is installed in "
        "(in a clone: `make env`, then `.venv/bin/snakemake`)"
    )

# Names are shown whatever the encoding of the terminal or log.
replace_unknown_letters()

# Whether this is the main workflow, not a module of another one.
ALONE = workflow.modifier.is_main_snakefile()

try:
    SEARCH = Workflow(
        config,
        config_files=workflow.configfiles if ALONE else [],
        with_prefix=workflow.modifier.modify_path,
    )
    if workflow.is_main_process:
        SEARCH.forget_dead_controller()
except HarmonicaError as error:
    raise WorkflowError(str(error))

ROOT = SEARCH.root

add_programs_to_path()
if ALONE:
    shell.prefix(shell_prefix())


wildcard_constraints:
    part=PART_NAME,
    stage=r"\d+",
    trial=r"\d+",
    what="|".join(SEARCH.archivable),


# Called while the jobs are planned, when it is known whether they will run: onstart would be too
# late for a changed configuration, is not run in modules, and not with --no-hooks.
def begin_search():
    if runs_jobs(workflow) and not SEARCH.begun:
        try:
            SEARCH.begin()
        except HarmonicaError as error:
            # An exception of an input function would be shown with a traceback.
            logger.error(str(error))
            raise SystemExit(1)
        prepare(workflow, alone=ALONE)
        if ALONE:
            SEARCH.stop_early(workflow)


# A finished search in a read-only folder has nothing to do; only jobs need to write.
def check_writable():
    try:
        SEARCH.check_writable()
    except HarmonicaError as error:
        raise WorkflowError(str(error))


# Every job of the workflow follows from drawn samples, so this is called in every run. Modules put
# their prefix before all relative paths but those of local files.
def drawn_from(wildcards):
    begin_search()
    given = [local(path) for path in SEARCH.inputs.given(wildcards.part)]
    return [*SEARCH.inputs.drawn_from(wildcards.part), *given]


def records(wildcards):
    return SEARCH.inputs.records(wildcards.part)


def drawn_with(wildcards):
    return SEARCH.inputs.drawn_with(wildcards.part)


def collected_with(wildcards):
    return SEARCH.inputs.collected_with(wildcards.part)


def recovered_with(wildcards):
    return SEARCH.inputs.recovered_with(int(wildcards.stage))


def recovery_threads(wildcards):
    return SEARCH.recovery_threads(int(wildcards.stage))


def reported(wildcards):
    return SEARCH.inputs.reported(wildcards.part)


def recovered_from(wildcards):
    return SEARCH.inputs.recovered_from(int(wildcards.stage))


def archived(wildcards):
    return SEARCH.archived(wildcards.what)


# Where the results are: prefixes of modules are not put before parameters.
def root(wildcards):
    return SEARCH.place
