# Not part of all: Optuna is optional.


# update(): what others have added to the study is not thrown away; the step stops with a message.
rule export_study:
    input:
        SEARCH.inputs.tables(),
        f"{ROOT}/best.json",
    output:
        update(f"{ROOT}/study.journal"),
    log:
        f"{ROOT}/logs/export.log",
    localrule: True
    params:
        root=root,
    shell:
        "harmonica export {params.root} --output {output} 2>&1 | tee {log}"


rule export:
    input:
        f"{ROOT}/study.journal",
    localrule: True
