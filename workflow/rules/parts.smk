rule draw_samples:
    input:
        drawn_from,
    output:
        f"{ROOT}/{{part}}/samples.parquet",
        f"{ROOT}/{{part}}/samples.jsonl",
    log:
        f"{ROOT}/{{part}}/logs/draw.log",
    localrule: True
    params:
        root=root,
        settings=drawn_with,
    shell:
        "harmonica draw {params.root} {wildcards.part} 2>&1 | tee {log}"


# update(): Snakemake leaves an existing record in place, and the step keeps it if it is the record
# of just this training. So nothing is trained twice after a crash or a mere change of file times.
rule train_sample:
    input:
        [local(path) for path in SEARCH.program],
        samples=f"{ROOT}/{{part}}/samples.jsonl",
    output:
        update(f"{ROOT}/{{part}}/trials/{{trial}}.json"),
    log:
        f"{ROOT}/{{part}}/logs/{{trial}}.log",
    # For lost nodes and killed jobs. A training that fails on its own is recorded, not tried again.
    retries: 2
    threads: 1
    params:
        root=root,
    shell:
        "harmonica train {params.root} {wildcards.part} {wildcards.trial} 2>&1 | tee {log}"


rule collect_records:
    input:
        records,
        samples=f"{ROOT}/{{part}}/samples.parquet",
    output:
        f"{ROOT}/{{part}}/metrics.parquet",
        report(
            f"{ROOT}/{{part}}/metrics.tsv",
            caption="../report/metrics.rst",
            category="Trainings",
            labels={"what": "{part}"},
        ),
        f"{ROOT}/{{part}}/runtime.parquet",
    log:
        f"{ROOT}/{{part}}/logs/collect.log",
    localrule: True
    params:
        root=root,
        settings=collected_with,
    shell:
        "harmonica collect {params.root} {wildcards.part} 2>&1 | tee {log}"
