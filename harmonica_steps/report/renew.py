"""Update the page of a running search: ``python -m harmonica_steps.report.renew FOLDER``."""

import sys
from pathlib import Path

from harmonica_steps.errors import exit_status
from harmonica_steps.files import write_text
from harmonica_steps.report.facts import gather
from harmonica_steps.report.page import render
from harmonica_steps.results.search_run import SearchRun


def renew(root: Path) -> bool:
    """Write the page of a search, unless another process has done so meanwhile: its page is newer.

    Returns
    -------
    bool
        Whether it was written.
    """
    search = SearchRun.at(root)
    page = search.folder.report
    before = _stamp(page)
    text = render(gather(search))
    if _stamp(page) != before:
        return False
    write_text(page, text)
    return True


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is replaced."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


if __name__ == "__main__":
    sys.exit(exit_status(lambda: renew(Path(sys.argv[1]))))
