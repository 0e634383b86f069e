"""The library that draws the figures of a page, as a script."""

import os
from importlib.metadata import version
from pathlib import Path

import vl_convert

from harmonica_steps.files import replacing


def charts_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script.

    Putting them together takes seconds of CPU time, so the result is kept for the next report.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harmonica"
    path = cache / f"vega-{version('vl-convert-python')}.js"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            beside.write_text(script, encoding="utf-8")
    except Exception:
        return script  # a home that cannot be written to costs time, not the report
    return script
