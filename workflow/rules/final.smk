rule choose_best:
    input:
        SEARCH.rung_tables(),
    output:
        f"{ROOT}/final/table.parquet",
        f"{ROOT}/final/table.tsv",
        f"{ROOT}/best.json",
        f"{ROOT}/best-configuration.json",
    log:
        f"{ROOT}/logs/finish.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        root=root,
    shell:
        "harmonica finish {params.root} 2>&1 | tee {log}"


rule plot_search:
    input:
        SEARCH.tables(),
    output:
        f"{ROOT}/progress.svg",
    log:
        f"{ROOT}/logs/plot.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        root=root,
    shell:
        "harmonica plot {params.root} --output {output} 2>&1 | tee {log}"


rule final:
    input:
        SEARCH.rung_tables(),
        f"{ROOT}/best.json",
    localrule: True
