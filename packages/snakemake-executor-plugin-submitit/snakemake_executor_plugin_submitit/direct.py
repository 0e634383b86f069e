"""Makes the command that runs a Snakemake job on a node.

The command of a plain ``shell:`` rule is run as it is. All else needs a second Snakemake there.
"""

import functools
import hashlib
import json
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from snakemake.io import is_flagged
from snakemake.shell import shell
from snakemake.utils import format as fill_in

from snakemake_executor_plugin_submitit import nested
from snakemake_executor_plugin_submitit.batch import Piece
from snakemake_executor_plugin_submitit.plain import TO_BE_DETERMINED, is_plain
from snakemake_executor_plugin_submitit.resources import read_resources
from snakemake_executor_plugin_submitit.retries import Tried

LONGEST_COMMAND = 60_000
"""Snakemake writes a script for longer ones."""

SMALL = 1_000_000
"""Bytes up to which a file is known by its content rather than by its time, as in Snakemake."""

THREADS = (
    "OMP_NUM_THREADS",
    "GOTO_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Variables by which Snakemake tells libraries how many threads to start."""

FOLDERS = ("TMPDIR", "TMP", "TEMPDIR", "TEMP")
"""Variables by which it names the folder for temporary files."""


def make_piece(
    job: Any,
    second: Callable[[Any], str],
    precommand: str,
    grown: Mapping[str, int],
    tried: Tried | None,
) -> Piece:
    """Turn a job into a piece.

    Parameters
    ----------
    job
        Snakemake's job, or group of jobs.
    second
        Gives the command of a second Snakemake for the job.
    precommand
        The user's ``--precommand``.
    grown
        Resources that it gets more of than Snakemake knows.
    tried
        What is known of earlier attempts.
    """
    parts = list(job.jobs) if job.is_group() else [job]
    plain = _plain_spec(job, precommand) if not job.is_group() and is_plain(job) else None
    spec = plain or {
        "shell": nested.SHELL,
        "command": second(job),
        "env": {},
        "inputs": [],
        "outputs": [],
    }
    defaults = frozenset.intersection(*(_by_default(part.rule) for part in parts))
    return Piece(
        key=identify(job),
        digest=tried.digest if tried else _hash([_depends_on(part) for part in parts]),
        rule=str(job.groupid if job.is_group() else job.rule.name),
        resources=read_resources(
            {**dict(job.resources.items()), **grown}, job.threads, defaults - grown.keys()
        ),
        outputs=[str(path) for part in parts for path in part.output],
        plain=plain is not None,
        spec=spec,
        wildcards={} if job.is_group() else job.wildcards_dict,
    )


def identify(job: Any) -> str:
    """A hash that identifies a job: the same in every run of the workflow."""
    return _hash(sorted(map(_identity, job.jobs if job.is_group() else [job])))


def is_still_good(job: Any, settings: Any) -> bool:
    """Whether a job that ended well under an earlier controller need not run again.

    Parameters
    ----------
    job
        Snakemake's job, or group of jobs.
    settings
        What Snakemake was asked to make.
    """
    return not settings.forceall and all(
        part.rule.name not in settings.forcerun
        and settings.forcerun.isdisjoint(part.output)
        and all(os.path.exists(f) for f in set(part.output) - part.touch_output)  # noqa: PTH110
        for part in (job.jobs if job.is_group() else [job])
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


def _plain_spec(job: Any, precommand: str) -> dict[str, Any] | None:
    """The rule's own command, with what Snakemake's `shell` puts around it."""
    executable = job.resources.get("shell_exec") or shell.get_executable() or "/bin/sh"
    prefix = shell._get_process_prefix(executable)
    command = f"{prefix} {_command(job)} {shell._process_suffix}".strip()
    threads = dict.fromkeys(THREADS, str(job.threads))
    if precommand:
        command = _after(precommand, threads, executable, command)
        executable = nested.SHELL
    if len(command) > LONGEST_COMMAND or TO_BE_DETERMINED in command:
        return None
    return {
        "shell": executable,
        "command": command,
        "env": threads,
        "inputs": [str(file) for file in job.input],
        "outputs": [str(file) for file in job.output if not is_flagged(file, "update")],
    }


@functools.cache
def _by_default(rule: Any) -> frozenset[str]:
    """Resources that a rule has from default-resources alone."""
    defaults = rule.workflow.resource_settings._parsed_default_resources
    own = rule.resources
    return frozenset(name for name in defaults if name in own and own[name] == defaults[name])


def _after(precommand: str, threads: Mapping[str, str], executable: str, command: str) -> str:
    """A command after another one, which may change its environment, as in a second Snakemake."""
    numbers = shlex.join(f"{name}={number}" for name, number in threads.items())
    folders = " ".join(f'{name}="${{TMPDIR:-/tmp}}"' for name in FOLDERS)
    last = shlex.join([executable, "-c", command])
    return f"{precommand} && exec env {numbers} {folders} {last}"


def _command(job: Any) -> str | None:
    """The shell command; in a module it sees the module's global variables, as when it runs.

    Snakemake's own text of it, which it prints, takes those of the main workflow.
    """
    rule = job.rule
    seen = rule.run_func.__globals__ if rule.shellcmd else None
    if seen is None or seen is rule.workflow.globals:
        command: str | None = job.shellcmd
        return command
    variables = {
        "input": job.input,
        "output": job.output,
        "params": job.params,
        "wildcards": job._format_wildcards,
        "threads": job.threads,
        "resources": job.resources,
        "log": job.log,
        "jobid": job.jobid,
        "rule": rule.name,
        "bench_iteration": None,
    }
    filled: str = fill_in(rule.shellcmd, **{**seen, **variables})
    return filled


def _identity(job: Any) -> list[Any]:
    """What identifies a job: with other outputs, e.g. of another configuration, it is another."""
    outputs = sorted(os.path.abspath(path) for path in job.output)  # noqa: PTH100 (of thousands)
    return [job.rule.name, sorted(job.wildcards_dict.items()), outputs]


def _depends_on(job: Any) -> list[Any]:
    rule = job.rule
    source = rule.shellcmd or rule.script or rule.notebook or rule.wrapper or rule.run_func_src
    script = job._path_to_source_file(rule.script or rule.notebook) if job.is_script else None
    return [
        _command(job) or str(source),
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
