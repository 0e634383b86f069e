# The workflow is in workflow/, where modules and the workflow catalogue look for it.
include: "workflow/Snakefile"


# A rule that is included does not become the default by itself.
workflow.default_target = "all"
