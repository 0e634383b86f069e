from snakemake.exceptions import WorkflowError

try:
    from harmonica_steps.errors import HarmonicaError
    from harmonica_steps.results.paths import PART_NAME
    from harmonica_steps.workflow import Workflow, prepare, shell_prefix
except ImportError as error:
    raise WorkflowError(
        f"{error}: run snakemake from the environment that Harmonica is installed in "
        "(`make env`, then `.venv/bin/snakemake`)"
    )

try:
    SEARCH = Workflow(config, workflow.configfiles)
    if workflow.is_main_process:
        SEARCH.forget_dead_controller()
except HarmonicaError as error:
    raise WorkflowError(str(error))

ROOT = SEARCH.root

shell.prefix(shell_prefix())


wildcard_constraints:
    part=PART_NAME,
    stage=r"\d+",
    trial=r"\d+",
    what="|".join(SEARCH.archivable),


def begin_search():
    try:
        SEARCH.begin()
        prepare(workflow)
        SEARCH.stop_early(workflow)
    except HarmonicaError as error:
        raise WorkflowError(str(error))


def drawn_from(wildcards):
    return SEARCH.drawn_from(wildcards.part)


def records(wildcards):
    return SEARCH.records(wildcards.part)


def drawn_with(wildcards):
    return SEARCH.drawn_with(wildcards.part)


def collected_with(wildcards):
    return SEARCH.collected_with(wildcards.part)


def recovered_with(wildcards):
    return SEARCH.recovered_with(int(wildcards.stage))


def reported(wildcards):
    return SEARCH.reported(wildcards.part)


def recovered_from(wildcards):
    return SEARCH.recovered_from(int(wildcards.stage))


def archived(wildcards):
    return SEARCH.archived(wildcards.what)


def root(wildcards):
    return ROOT
