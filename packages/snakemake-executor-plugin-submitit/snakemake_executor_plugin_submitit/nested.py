"""The command of a second Snakemake on the node, for what is more than a shell command."""

import shutil
from collections.abc import Mapping
from typing import Any

from snakemake_interface_executor_plugins.utils import format_cli_arg

ONE_ATTEMPT = "--preemptible-retries 0 --preemptible-rules"
"""A rule's own ``retries:`` beats ``--retries 0``; only rules that count as preemptible obey.

The Snakemake that submits does the retries.
"""

SHELL = shutil.which("bash") or "/bin/sh"
"""Runs the second Snakemake, whatever shell the rules use."""


def resource_arguments(job: Any, grown: Mapping[str, int]) -> str:
    """Arguments from which the second Snakemake learns what a retry was given.

    It takes the last ``--set-resources`` that it finds, so the user's own are repeated. The jobs of
    a group keep their own resources: several rules share what the group as a whole was given.
    """
    if job.is_group() or not grown:
        return ""
    given = job.rule.workflow.resource_settings._parsed_overwrite_resources
    users = [
        f"{rule}:{name}={value.raw}"
        for rule, resources in given.items()
        for name, value in resources.items()
        if (rule, name) not in {(job.rule.name, own) for own in grown}
    ]
    own = [f"{job.rule.name}:{name}={value}" for name, value in grown.items()]
    argument: str = format_cli_arg("--set-resources", [*users, *own], base64_encode=True)
    return argument


def in_jobscript(executor: Any, job: Any, command: str) -> str:
    """The command inside the user's ``--jobscript``, if there is one."""
    if executor.is_default_jobscript:
        return command
    script: str = executor.jobscript.format(properties=job.properties(), exec_job=command)
    return script
