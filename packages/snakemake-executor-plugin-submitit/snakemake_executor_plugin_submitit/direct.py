"""From a Snakemake job to the command that runs it on a node.

The command of a plain ``shell:`` rule is run as it is. All else needs a second Snakemake there.
"""

import functools
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snakemake.io import is_flagged
from snakemake.shell import shell
from snakemake_interface_executor_plugins.settings import DeploymentMethod, SharedFSUsage

from snakemake_executor_plugin_submitit.batch import Piece
from snakemake_executor_plugin_submitit.resources import read_resources

LONGEST_COMMAND = 60_000
"""Snakemake writes a script for longer ones."""

SMALL = 1_000_000
"""Bytes up to which a file is known by its content rather than by its time, as in Snakemake."""

_TO_BE_DETERMINED = "<TBD>"
"""How Snakemake writes a resource that is computed on the node."""

THREADS = ("OMP", "GOTO", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR")
"""Libraries that Snakemake tells how many threads to start."""


def make_piece(job: Any, nested: Callable[[Any], str]) -> Piece:
    """Turn a job into a piece.

    Parameters
    ----------
    job
        Snakemake's job, or group of jobs.
    nested
        Gives the command of a second Snakemake for the job.
    """
    parts = list(job.jobs) if job.is_group() else [job]
    plain = _plain_spec(job) if not job.is_group() and is_plain(job) else None
    executable = shell.get_executable() or "/bin/sh"
    second: dict[str, Any] = {"shell": executable, "env": {}, "inputs": [], "outputs": []}
    return Piece(
        key=_hash(sorted(map(_identity, parts))),
        digest=_hash([_depends_on(part) for part in parts]),
        rule=str(job.groupid if job.is_group() else job.rule.name),
        resources=read_resources(
            dict(job.resources.items()),
            job.threads,
            frozenset.intersection(*(_by_default(part.rule) for part in parts)),
        ),
        outputs=[str(path) for part in parts for path in part.output],
        plain=plain is not None,
        spec=plain or {**second, "command": nested(job)},
    )


def is_plain(job: Any) -> bool:
    """Whether a job is no more than its shell command."""
    rule, workflow = job.rule, job.rule.workflow
    deployment = workflow.deployment_settings.deployment_method
    files = [*job.input, *job.output, *job.log]
    return not (
        not job.is_shell
        or job.is_shadow
        or job.benchmark
        or job.is_pipe
        or job.is_service
        or (workflow.workflow_settings.cache is not None and rule.cache.output)
        or SharedFSUsage.INPUT_OUTPUT not in workflow.storage_settings.shared_fs_usage
        or any(file.is_storage for file in files)
        or (DeploymentMethod.CONDA in deployment and job.conda_env)
        or (DeploymentMethod.APPTAINER in deployment and job.container_img_url)
        or (DeploymentMethod.ENV_MODULES in deployment and job.env_modules)
        or _own_temporary_folder(rule)
    )


async def prepare(job: Any) -> None:
    """Do what Snakemake does before it runs a shell command itself."""
    await job.check_protected_output()
    await job.remove_existing_output()
    for file in job.output:
        if is_flagged(file, "update") and await file.exists():
            job.rule.workflow.persistence.backup_output(Path(file))
        file.prepare()
    for file in job.log:
        file.prepare()


def _plain_spec(job: Any) -> dict[str, Any] | None:
    """The rule's own command, with what Snakemake's `shell` puts around it."""
    executable = job.resources.get("shell_exec") or shell.get_executable() or "/bin/sh"
    prefix = shell._get_process_prefix(executable)
    command = f"{prefix} {job.shellcmd} {shell._process_suffix}".strip()
    if len(command) > LONGEST_COMMAND or _TO_BE_DETERMINED in command:
        return None
    return {
        "shell": executable,
        "command": command,
        "env": {f"{name}_NUM_THREADS": str(job.threads) for name in THREADS},
        "inputs": [str(file) for file in job.input],
        "outputs": [str(file) for file in job.output if not is_flagged(file, "update")],
    }


@functools.cache
def _by_default(rule: Any) -> frozenset[str]:
    """Resources that a rule has from default-resources alone."""
    defaults = rule.workflow.resource_settings._parsed_default_resources
    own = rule.resources
    return frozenset(name for name in defaults if name in own and own[name] == defaults[name])


def _own_temporary_folder(rule: Any) -> bool:
    """Whether the folder for temporary files is to be computed on the node."""
    folder = rule.resources.get("tmpdir")
    return folder is not None and folder.raw != "system_tmpdir"


def _identity(job: Any) -> list[Any]:
    """Which job it is: other results, such as those of another configuration, are another job."""
    outputs = sorted(os.path.abspath(path) for path in job.output)  # noqa: PTH100 (of thousands)
    return [job.rule.name, sorted(job.wildcards_dict.items()), outputs]


def _depends_on(job: Any) -> list[Any]:
    rule = job.rule
    source = rule.shellcmd or rule.script or rule.notebook or rule.wrapper or rule.run_func_src
    script = job._path_to_source_file(rule.script or rule.notebook) if job.is_script else None
    return [
        job.shellcmd or str(source),
        _content(str(script.get_path_or_uri(secret_free=True))) if script else None,
        repr(job.non_derived_params),
        [(str(f), None if is_flagged(f, "ancient") else _content(str(f))) for f in job.input],
    ]


_known: dict[tuple[str, int, int], str] = {}


def _content(path: str) -> str | None:
    """A digest of a small file, the size and time of a large one."""
    try:
        stat = os.stat(path)  # noqa: PTH116 (of thousands)
        if stat.st_size > SMALL or not os.path.isfile(path):  # noqa: PTH113
            return f"{stat.st_size} {stat.st_mtime_ns}"
        identity = (path, stat.st_size, stat.st_mtime_ns)
        if identity not in _known:
            _known[identity] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        return _known[identity]
    except OSError:
        return None


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()[:20]
