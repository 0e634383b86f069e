rule choose_best:
    input:
        SEARCH.rung_tables(),
        plan=ancient(f"{ROOT}/plan.json"),
    output:
        f"{ROOT}/final/table.parquet",
        f"{ROOT}/final/table.tsv",
        f"{ROOT}/best.json",
        f"{ROOT}/best-configuration.json",
    params:
        root=ROOT,
    log:
        f"{ROOT}/logs/finish.log",
    conda:
        "../../environment.yml"
    localrule: True
    shell:
        "{HARMONICA} finish {params.root} 2>&1 | tee {log}"


rule plot_search:
    input:
        SEARCH.tables(),
    output:
        f"{ROOT}/progress.svg",
    params:
        root=ROOT,
    log:
        f"{ROOT}/logs/plot.log",
    conda:
        "../../environment.yml"
    localrule: True
    shell:
        "{HARMONICA} plot {params.root} --output {output} 2>&1 | tee {log}"


rule final:
    input:
        SEARCH.rung_tables(),
        f"{ROOT}/best.json",
    localrule: True
