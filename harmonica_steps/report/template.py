"""What every page has in common: a file that needs nothing but itself.

Everything of the user's passes through the template's escaping or is data of a script; and a page
forbids itself (Content-Security-Policy) any script but its own two, and any request at all.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from harmonica_steps import __version__
from harmonica_steps.optional import WITHOUT_FIGURES
from harmonica_steps.report.bracket import unlike
from harmonica_steps.report.console import duration
from harmonica_steps.report.effects import shown
from harmonica_steps.report.labels import cut
from harmonica_steps.report.words import number, settings
from harmonica_steps.results.best import chosen

ASSETS = Path(__file__).parent / "assets"


def render_page(
    template: str,
    *,
    library: str,
    styles: Sequence[str] = ("page.css",),
    programs: Sequence[str] = ("page.js",),
    **content: Any,
) -> str:
    """A page as text.

    Parameters
    ----------
    template
        The name of its template, which extends ``base.html.j2``.
    library
        The script that draws figures, empty without any.
    styles, programs
        The names of its style sheets and of its other scripts.
    content
        What the template uses.
    """
    program = "".join(map(_asset, programs))
    return (
        _environment()
        .get_template(template)
        .render(
            version=__version__,
            style="".join(map(_asset, styles)),
            library=library,
            program=program,
            policy=_policy(library, program),
            without_figures=WITHOUT_FIGURES,
            **content,
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ASSETS),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "number": number,
        "chosen": chosen,
        "duration": duration,
        "settings": settings,
        "shown": shown,
        "data": _as_data,
        "cut": cut,
        "unlike": unlike,
        "dict": dict,
        "pretty": lambda content: json.dumps(content, indent=2, ensure_ascii=False),
    }
    return environment


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _policy(*scripts: str) -> str:
    sums = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in sums)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _as_data(content: Any) -> Markup:
    """JSON for a script element, which ends at the first ``</script`` whatever the quotes say."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 (escaped above)
