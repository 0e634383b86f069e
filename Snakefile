from snakemake.utils import min_version

min_version("9.27")

# Another configuration replaces the default one, it is not merged into it.
if not workflow.configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/parts.smk"
include: "workflow/rules/stage.smk"
include: "workflow/rules/final.smk"
include: "workflow/rules/archive.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/export.smk"


# The title page of snakemake --report.
report: "workflow/report/workflow.rst"


rule all:
    default_target: True
    input:
        SEARCH.everything(),
        f"{ROOT}/report.html",
        f"{ROOT}/figures",


onstart:
    begin_search()


onsuccess:
    shell(f"harmonica summary {ROOT}")
