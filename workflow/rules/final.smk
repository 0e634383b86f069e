rule choose_best:
    input:
        SEARCH.inputs.tables(),
    output:
        f"{ROOT}/final/table.parquet",
        report(
            f"{ROOT}/final/table.tsv",
            caption="../report/table.rst",
            category="Trainings",
            labels={"what": "The final search, all trainings"},
        ),
        f"{ROOT}/best.json",
        report(
            f"{ROOT}/best-configuration.json",
            caption="../report/best.rst",
            category="Search",
            labels={"what": "The best configuration"},
        ),
    log:
        f"{ROOT}/logs/finish.log",
    localrule: True
    params:
        root=root,
    shell:
        "harmonica finish {params.root} 2>&1 | tee {log}"


# All but the report and the figures.
rule search:
    input:
        SEARCH.everything(),
    localrule: True
