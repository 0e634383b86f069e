# Nothing depends on the report: making it again never touches a training.


# The page is updated after every part. It is not an output here: only the complete one, of write_report.
rule refresh_report:
    input:
        reported,
    output:
        touch(f"{ROOT}/{{part}}/reported"),
    log:
        f"{ROOT}/{{part}}/logs/report.log",
    localrule: True
    params:
        root=root,
    shell:
        "harmonica report {params.root} 2>&1 | tee {log}"


rule write_report:
    input:
        SEARCH.refreshed(),
        SEARCH.inputs.tables(),
        f"{ROOT}/best.json",
    output:
        report(
            update(f"{ROOT}/report.html"),
            caption="../report/report.rst",
            category="Search",
            labels={"what": "The whole report"},
        ),
    log:
        f"{ROOT}/logs/report.log",
    localrule: True
    params:
        root=root,
        # It is written again when its figures can be drawn.
        figures=bool(SEARCH.figures()),
    shell:
        "harmonica report {params.root} 2>&1 | tee {log}"


rule draw_figures:
    input:
        SEARCH.inputs.tables(),
        f"{ROOT}/best.json",
    output:
        report(
            directory(f"{ROOT}/figures"),
            patterns=["{figure}.svg"],
            caption="../report/figures.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
    log:
        f"{ROOT}/logs/figures.log",
    localrule: True
    params:
        root=root,
    shell:
        "harmonica figures {params.root} --output {output} 2>&1 | tee {log}"
