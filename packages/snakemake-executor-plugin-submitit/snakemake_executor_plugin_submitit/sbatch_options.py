"""The text of ``slurm_extra`` as options of sbatch, read as sbatch reads its own command line."""

import shlex
from collections.abc import Iterator

from snakemake_interface_common.exceptions import WorkflowError

SHORT = {
    "A": "account",
    "B": "extra-node-info",
    "C": "constraint",
    "D": "chdir",
    "F": "nodefile",
    "G": "gpus",
    "J": "job-name",
    "L": "licenses",
    "M": "clusters",
    "N": "nodes",
    "P": "dependency",
    "S": "core-spec",
    "a": "array",
    "b": "begin",
    "c": "cpus-per-task",
    "d": "dependency",
    "e": "error",
    "i": "input",
    "m": "distribution",
    "n": "ntasks",
    "o": "output",
    "p": "partition",
    "q": "qos",
    "t": "time",
    "w": "nodelist",
    "x": "exclude",
}
"""One-letter options that take a value."""

SHORT_FLAGS = {
    "H": "hold",
    "O": "overcommit",
    "Q": "quiet",
    "V": "version",
    "W": "wait",
    "h": "help",
    "k": "no-kill",
    "s": "oversubscribe",
    "v": "verbose",
}
"""One-letter options without a value."""

OTHERS = """
acctg-freq autocomplete batch bb bbf cluster cluster-constraint comment consolidate-segments
container container-id context contiguous cores-per-socket cpu-freq cpus-per-gpu deadline
delay-boot exclusive export export-file external extra get-user-env gid gpu-bind gpu-freq
gpus-per-node gpus-per-socket gpus-per-task gres gres-flags hint ignore-pbs kill-on-invalid-dep
mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus network nice no-requeue
ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket ntasks-per-tres oom-kill-step
open-mode parsable power prefer priority profile propagate reboot requeue reservation resources
resv-ports segment signal sockets-per-node spread-job stepmgr switches tasks-per-node test-only
thread-spec threads-per-core time-min tmp tres-bind tres-per-task uid usage use-min-nodes
wait-all-nodes wckey wrap
"""

LONG = {*SHORT.values(), *SHORT_FLAGS.values(), *OTHERS.split()}
"""All long options of SLURM 22.05 to 25.11; others may be a site's own (SPANK plugins)."""

WITHOUT_VALUE = """
consolidate-segments contiguous external get-user-env ignore-pbs no-requeue parsable reboot requeue
spread-job stepmgr test-only usage use-min-nodes
"""

FLAGS = {*SHORT_FLAGS.values(), *WITHOUT_VALUE.split()}
"""Long options that take no value, or need none."""

ALIASES = {"tasks-per-node": "ntasks-per-node", "cluster": "clusters"}

RESERVED = {
    "array": "",
    "chdir": "",
    "clusters": "use the resource clusters",
    "comment": "",
    "cpus-per-gpu": "use the resource cpus_per_gpu",
    "cpus-per-task": "use threads: or the resource cpus_per_task",
    "error": "",
    "export": "",
    "export-file": "",
    "help": "",
    "ignore-pbs": "",
    "input": "",
    "job-name": "use --submitit-jobname-prefix",
    "mem": "use the resource mem_mb",
    "mem-per-cpu": "use the resource mem_mb_per_cpu",
    "no-requeue": "use --submitit-no-requeue",
    "open-mode": "",
    "output": "",
    "parsable": "",
    "quiet": "",
    "requeue": "it is the default, see --submitit-no-requeue",
    "signal": "",
    "test-only": "",
    "time": "use the resource runtime",
    "usage": "",
    "version": "",
    "wait": "",
    "wrap": "",
}
"""Options that the executor sets itself or cannot work with, and what to use instead."""


def read_options(text: str) -> dict[str, str | bool]:
    """Read options of sbatch.

    Parameters
    ----------
    text
        Any text that sbatch would take on its command line: short options, long ones, abbreviated
        ones, values after an equals sign or a space, quotes.

    Returns
    -------
    dict
        The value of each option by its long name, True for one without.

    Raises
    ------
    WorkflowError
        When the text cannot be read, or sets what is the executor's own.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise WorkflowError(f"resource slurm_extra={text!r} cannot be read: {error}.") from None
    options: dict[str, str | bool] = {}
    try:
        for written, name, value in _options(words):
            if name in RESERVED:
                hint = RESERVED[name] or "leave it out"
                own = f"{written} is set by the submitit executor itself"
                full = "" if written in (f"--{name}", name) else f" (it means --{name})"
                raise ValueError(f"{own}{full}; {hint}")
            options[name] = value
    except ValueError as error:
        raise WorkflowError(f"resource slurm_extra={text!r}: {error}.") from None
    return options


def _options(words: list[str]) -> Iterator[tuple[str, str, str | bool]]:
    """Each option as it is written, its long name and its value."""
    left = list(words)
    while left:
        word = left.pop(0)
        if word.startswith("--") and len(word) > 2:
            written, equals, value = word.partition("=")
            name = _long_name(written)
            if equals:
                yield written, name, value
            elif name not in FLAGS and left and not left[0].startswith("-"):
                yield written, name, left.pop(0)
            else:
                yield written, name, True
        elif word.startswith("-") and len(word) > 1 and not word.startswith("--"):
            yield from _short_options(word, left)
        else:
            raise ValueError(f"{word!r} is not an option; write e.g. --nice=100 or -N 2")


def _short_options(word: str, left: list[str]) -> Iterator[tuple[str, str, str | bool]]:
    """Flags may share a word; a letter that takes a value takes the rest, or what follows."""
    for place, letter in enumerate(word[1:], start=2):
        if letter in SHORT:
            value = word[place:] or (left.pop(0) if left else "")
            if not value:
                raise ValueError(f"-{letter} (--{SHORT[letter]}) needs a value")
            yield f"-{letter}", SHORT[letter], value
            return
        if letter not in SHORT_FLAGS:
            raise ValueError(f"-{letter} is not an option of sbatch")
        yield f"-{letter}", SHORT_FLAGS[letter], True


def _long_name(written: str) -> str:
    """The option in full, as getopt knows it by any beginning that no other has."""
    name = written.removeprefix("--")
    if name not in LONG:
        meant = sorted(full for full in LONG if full.startswith(name))
        if len(meant) > 1:
            listed = ", ".join(f"--{full}" for full in meant)
            raise ValueError(f"{written} is ambiguous; write one of {listed}")
        name = meant[0] if meant else name
    return ALIASES.get(name, name)
