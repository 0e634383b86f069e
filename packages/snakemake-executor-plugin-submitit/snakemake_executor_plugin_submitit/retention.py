"""Old logs are deleted."""

import shutil
import time
from pathlib import Path

DAY = 86_400


def delete_old(folder: Path, days: int) -> None:
    """Delete what is left of submissions that ended at least so many days ago; never open ones."""
    if days <= 0:
        return
    for closed in folder.glob("*/closed.jsonl"):
        try:
            old = (closed.parent / "closed").stat().st_mtime < time.time() - days * DAY
        except OSError:  # deleted meanwhile, by another Snakemake
            continue
        if old:
            shutil.rmtree(closed.parent, ignore_errors=True)
