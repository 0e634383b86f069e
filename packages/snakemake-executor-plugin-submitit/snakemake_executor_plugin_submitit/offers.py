"""What the site lets the user choose from, asked when a choice was refused."""

import functools
import getpass

from snakemake_executor_plugin_submitit.slurm import call


@functools.cache
def offers(kind: str) -> str:
    """A sentence about the user's ``accounts``, ``qos`` or the ``partitions``; may be empty."""
    if kind == "partitions":
        names = _names("sinfo", "-h", "-o", "%R")
        return f"Partitions here: {', '.join(names)}." if names else ""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        return ""
    field = {"accounts": "account", "qos": "qos"}[kind]
    names = _names("sacctmgr", "-nP", "show", "assoc", "where", f"user={user}", f"format={field}")
    if not names:
        return ""
    what = {"accounts": "Accounts", "qos": "QOS"}[kind]
    return f"{what} of {user}: {', '.join(names)}."


def _names(*command: str) -> list[str]:
    done = call(*command)
    if done is None or done.returncode:
        return []
    return sorted({name for name in done.stdout.replace(",", "\n").split() if name})
