rule recover_terms:
    input:
        recovered_from,
    output:
        f"{ROOT}/stage-{{stage}}/psr.json",
        report(
            f"{ROOT}/stage-{{stage}}/frozen.json",
            caption="../report/frozen.rst",
            category="Search",
            labels={"what": "What stage {stage} has frozen"},
        ),
    log:
        f"{ROOT}/stage-{{stage}}/logs/recover.log",
    # Where it takes minutes it is a job of the cluster.
    localrule: not SEARCH.has_long_recovery
    threads: recovery_threads
    params:
        root=root,
        settings=recovered_with,
    shell:
        "harmonica recover {params.root} {wildcards.stage} --processes {threads} 2>&1 | tee {log}"


for stage in SEARCH.stages:

    rule:
        name:
            f"stage_{stage}"
        input:
            SEARCH.inputs.records(f"stage-{stage}"),
            f"{ROOT}/stage-{stage}/frozen.json",
            f"{ROOT}/stage-{stage}/reported",
        localrule: True
