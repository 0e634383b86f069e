"""Which jobs are only their shell command.

All others need a second Snakemake on the node. What Snakemake may do with a job is listed here by
name: a keyword or a mark on a file that a later Snakemake brings is left to that Snakemake.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from snakemake.ruleinfo import RuleInfo
from snakemake_interface_executor_plugins.settings import DeploymentMethod, SharedFSUsage

KEYWORDS = frozenset(
    {
        # The Snakemake that submits sees to them.
        "cache",
        "default_target",
        "docstring",
        "group",
        "handover",
        "input",
        "localrule",
        "log",
        "message",
        "name",
        "norun",
        "output",
        "params",
        "path_modifier",
        "pathvars",
        "priority",
        "resources",
        "retries",
        "threads",
        "wildcard_constraints",
        # The command itself, and what `is_plain` looks at.
        "benchmark",
        "conda_env",
        "container_img",
        "cwl",
        "env_modules",
        "func",
        "is_containerized",
        "notebook",
        "script",
        "shadow_depth",
        "shellcmd",
        "template_engine",
        "wrapper",
    }
)
"""All that a rule may be given, by the names in Snakemake's `RuleInfo`."""

MARKS = frozenset(
    {
        "access_pattern",
        "ancient",
        "before_update",
        "checkpoint_target",
        "directory",
        "ensure",
        "from_queue",
        "local",
        "multiext",
        "path_modified",
        "protected",
        "report",
        "sourcecache_entry",
        "temp",
        "touch",
        "unpack",
        "update",
    }
)
"""Marks on files that the Snakemake which submits sees to."""

SHARED = frozenset(
    {
        SharedFSUsage.INPUT_OUTPUT,
        SharedFSUsage.SOFTWARE_DEPLOYMENT,
        SharedFSUsage.SOURCES,
        SharedFSUsage.SOURCE_CACHE,
    }
)
"""What a command may use without help."""

TO_BE_DETERMINED = "<TBD>"
"""How Snakemake writes a resource that is computed on the node."""


def is_plain(job: Any) -> bool:
    """Whether a job is only its shell command."""
    rule, workflow = job.rule, job.rule.workflow
    deployment = workflow.deployment_settings.deployment_method
    return not (
        not job.is_shell
        or job.is_shadow
        or job.benchmark
        or (workflow.workflow_settings.cache is not None and rule.cache.output)
        or workflow.remote_execution_settings.jobscript is not None
        or not workflow.storage_settings.shared_fs_usage >= SHARED
        or workflow.injected_conda_envs
        or (DeploymentMethod.CONDA in deployment and job.conda_env)
        or (DeploymentMethod.APPTAINER in deployment and job.container_img_url)
        or (DeploymentMethod.ENV_MODULES in deployment and job.env_modules)
        or _own_temporary_folder(rule)
        or _has_unknown_keywords(rule)
        or _has_other_marks([*job.input, *job.output, *job.log])
    )


def _own_temporary_folder(rule: Any) -> bool:
    """Whether the folder for temporary files is to be computed on the node."""
    folder = rule.resources.get("tmpdir")
    return folder is not None and folder.raw != "system_tmpdir"


@lru_cache(maxsize=1024)
def _has_unknown_keywords(rule: Any) -> bool:
    """Whether a rule uses a keyword that a later Snakemake has brought."""
    usual = vars(RuleInfo())
    given = vars(rule.ruleinfo)
    return any(given[name] != usual.get(name) for name in given.keys() - KEYWORDS)


def _has_other_marks(files: Iterable[Any]) -> bool:
    """Whether a file is e.g. a pipe, a service or in a storage."""
    return any(file.is_storage or not file.flags.keys() <= MARKS for file in files)
