from snakemake.exceptions import WorkflowError

try:
    from harmonica_steps.errors import HarmonicaError
    from harmonica_steps.workflow import HARMONICA, Workflow
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


wildcard_constraints:
    part=r"stage-\d+|final/rung-\d+",
    stage=r"\d+",
    trial=r"\d+",


def claim_search():
    try:
        SEARCH.claim()
    except HarmonicaError as error:
        raise WorkflowError(str(error))


def drawn_from(wildcards):
    return SEARCH.drawn_from(wildcards.part)


def records(wildcards):
    return SEARCH.records(wildcards.part)


def policy(wildcards):
    return SEARCH.policy(wildcards.part)


def recovered_from(wildcards):
    return SEARCH.recovered_from(int(wildcards.stage))


rule plan_search:
    output:
        f"{ROOT}/plan.json",
    params:
        root=ROOT,
        config=SEARCH.snapshot,
        fingerprint=SEARCH.fingerprint,
    log:
        f"{ROOT}/logs/plan.log",
    conda:
        "../../environment.yml"
    localrule: True
    shell:
        "{HARMONICA} plan {params.root} --config {params.config} 2>&1 | tee {log}"


rule draw_samples:
    input:
        drawn_from,
        plan=ancient(f"{ROOT}/plan.json"),
    output:
        f"{ROOT}/{{part}}/samples.parquet",
        f"{ROOT}/{{part}}/samples.jsonl",
    params:
        root=ROOT,
    log:
        f"{ROOT}/{{part}}/logs/draw.log",
    conda:
        "../../environment.yml"
    localrule: True
    shell:
        "{HARMONICA} draw {params.root} {wildcards.part} 2>&1 | tee {log}"


# update(): Snakemake leaves an existing record in place, and the step keeps it if it is the record
# of just this training. So nothing is trained twice after a crash or a mere change of file times.
rule train_sample:
    input:
        SEARCH.program,
        samples=f"{ROOT}/{{part}}/samples.jsonl",
        plan=ancient(f"{ROOT}/plan.json"),
    output:
        update(f"{ROOT}/{{part}}/trials/{{trial}}.json"),
    params:
        root=ROOT,
    log:
        f"{ROOT}/{{part}}/logs/{{trial}}.log",
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        "{HARMONICA} train {params.root} {wildcards.part} {wildcards.trial} 2>&1 | tee {log}"


rule collect_records:
    input:
        records,
        samples=f"{ROOT}/{{part}}/samples.parquet",
        plan=ancient(f"{ROOT}/plan.json"),
    output:
        f"{ROOT}/{{part}}/metrics.parquet",
        f"{ROOT}/{{part}}/metrics.tsv",
        f"{ROOT}/{{part}}/runtime.parquet",
    params:
        root=ROOT,
        policy=policy,
    log:
        f"{ROOT}/{{part}}/logs/collect.log",
    conda:
        "../../environment.yml"
    localrule: True
    shell:
        "{HARMONICA} collect {params.root} {wildcards.part} 2>&1 | tee {log}"
