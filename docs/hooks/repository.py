"""MkDocs hook: files of the repository that pages link to are pages of the site.

So one relative link is right on GitHub and in the site, and the site links to nowhere else.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = "docs/"
FOLDER = "files/"
"""Of these pages in the site."""

LESS_FOUND = "---\nsearch: {boost: 0.1}\n---\n"
"""Front matter of these pages: a search of the site shows pages of the documentation first."""

LINK = re.compile(r"(\]\()(?![a-z]+:|#)([^)#\s]+)")
CODE = re.compile(r"^(```+).*?^\1$|`[^`\n]+`", flags=re.M | re.S)
"""What looks like a link there is none."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add a page for every file that a page, or one of these pages, links to."""
    waiting = [f"{DOCS}{file.src_uri}" for file in files.documentation_pages()]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        for target in _linked(path):
            if target in seen or target.startswith(DOCS) or not (ROOT / target).is_file():
                continue
            seen.add(target)
            content = _content(target)
            page = File.generated(
                config,
                f"{FOLDER}{target.removesuffix('.md')}.md",
                content=content,
                # Reached by links only.
                inclusion=InclusionLevel.NOT_IN_NAV,
            )
            files.append(page)
            if target.endswith(".md"):
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Turn links that are right in the repository into such that are right in the site."""
    here = page.file.src_uri
    origin = here.removeprefix(FOLDER) if here.startswith(FOLDER) else f"{DOCS}{here}"

    def renamed(link: re.Match[str]) -> str:
        target = _resolved(origin, link[2])
        inside = target.startswith(DOCS)
        uri = target.removeprefix(DOCS) if inside else f"{FOLDER}{target.removesuffix('.md')}.md"
        return link[1] + posixpath.relpath(uri, posixpath.dirname(here))

    prose, start = [], 0
    for code in CODE.finditer(markdown):
        prose += [LINK.sub(renamed, markdown[start : code.start()]), code[0]]
        start = code.end()
    return "".join([*prose, LINK.sub(renamed, markdown[start:])])


def _linked(path: str) -> Iterator[str]:
    for link in LINK.finditer(CODE.sub("", (ROOT / path).read_text(encoding="utf-8"))):
        yield _resolved(path, link[2])


def _resolved(path: str, link: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link))


def _content(path: str) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return LESS_FOUND + text
    language = {".yaml": "yaml", ".py": "python", ".sh": "sh"}.get(Path(path).suffix, "text")
    # More backticks than any file has in a row.
    return f"{LESS_FOUND}# {path}\n\n`````{language}\n{text}`````\n"
