# The workflow is in workflow/, where modules and the workflow catalogue look for it.
include: "workflow/Snakefile"
