"""The report: one HTML page that needs nothing but itself.

Everything of the user's passes through the template's escaping or is data of a script; and the page
forbids itself (Content-Security-Policy) any script but its own two, and any request at all.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from harmonica_steps import __version__
from harmonica_steps.files import replacing, write_text
from harmonica_steps.report import charts
from harmonica_steps.report.best import chosen
from harmonica_steps.report.bracket import finished
from harmonica_steps.report.console import duration
from harmonica_steps.report.effects import STATISTIC, shown
from harmonica_steps.report.facts import Facts, StageFacts, gather
from harmonica_steps.report.failures import excerpt
from harmonica_steps.report.verdict import number, settings, verdict
from harmonica_steps.results.opened import Opened

ASSETS = Path(__file__).parent / "assets"
MOST_ROWS = 30
"""Of the table of the final search; the rest is in final/table.tsv."""
MOST_PARAMETERS = 1000
MOST_CAUSES = 20


@dataclass(frozen=True)
class Figure:
    """A chart with the words that go with it."""

    title: str
    description: str
    """What it shows, for those who do not see it."""
    specification: dict[str, Any]


def write_report(opened: Opened, output: Path) -> None:
    """Write the page of a search, finished or not; the same bytes from the same results."""
    write_text(output, render(gather(opened)))


def render(facts: Facts) -> str:
    """The page as text."""
    with charts.unchecked():
        return _render(facts)


def _render(facts: Facts) -> str:
    loader = jinja2.FileSystemLoader(ASSETS)
    environment = jinja2.Environment(
        loader=loader,
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
        "pretty": lambda content: json.dumps(content, indent=2, ensure_ascii=False),
    }
    library, program = charts_library(), _asset("page.js")
    return environment.get_template("page.html.j2").render(
        facts=facts,
        config=facts.opened.config,
        root=facts.opened.folder.root,
        version=__version__,
        verdict=verdict(facts),
        style=_asset("page.css"),
        library=library,
        program=program,
        policy=_policy(library, program),
        distribution=_distribution(facts),
        stages=[(stage, _main(facts, stage), _joint(facts, stage)) for stage in facts.stages],
        statistic=STATISTIC[facts.opened.config.objective.transform],
        bracket=_bracket(facts),
        budgets=sorted({part.part.budget for part in finished(facts.parts)}),
        causes=[(cause, excerpt(cause.log)) for cause in facts.causes[:MOST_CAUSES]],
        configuration=_configuration(facts),
        most_rows=MOST_ROWS,
        most_parameters=MOST_PARAMETERS,
    )


def charts_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script.

    Putting them together takes seconds of CPU time, so the result is kept for the next report.
    """
    import vl_convert

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


def _configuration(facts: Facts) -> str:
    content = facts.opened.config.model_dump(mode="json", exclude_defaults=True)
    text: str = yaml.safe_dump(
        content, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
    )
    return text


def _distribution(facts: Facts) -> Figure | None:
    shown_parts = [part for part in facts.parts if len(part.values)]
    if not shown_parts:
        return None
    chart = charts.distribution(shown_parts, facts.metric, facts.direction, "container")
    said = "; ".join(
        f"{part.title}: median {number(part.numbers(facts.direction)['median'])}, "
        f"mean {number(part.numbers(facts.direction)['mean'])}"
        for part in shown_parts
    )
    return Figure(
        f"{facts.metric}, stage by stage",
        f"Distribution of {facts.metric} in every part. {said}.",
        charts.specification(chart),
    )


def _main(facts: Facts, stage: StageFacts) -> list[Figure]:
    figures = []
    statistic = STATISTIC[stage.psr["transform"]]
    for effect in stage.main:
        chart = charts.main_effect(
            effect, facts.metric, statistic, "container", charts.scale(stage.range)
        )
        said = "; ".join(f"{name}: {number(cell.middle)}" for name, cell in effect.settings)
        figures.append(
            Figure(
                effect.parameter,
                f"{statistic.capitalize()} {facts.metric} for each setting of {effect.parameter}. "
                f"{said}.",
                charts.specification(chart),
            )
        )
    return figures


def _joint(facts: Facts, stage: StageFacts) -> list[Figure]:
    figures = []
    statistic = STATISTIC[stage.psr["transform"]]
    for effect in stage.joint:
        third = len(effect.parameters) > 2
        # Vega-Lite fits single panels to their container, not several.
        chart = charts.joint_effect(effect, facts.metric, statistic, 260 if third else "container")
        said = "; ".join(
            f"{', '.join(names)}: {number(cell.middle)}" for names, cell in effect.cells
        )
        title = " × ".join(effect.parameters)
        figures.append(
            Figure(
                title,
                f"{statistic.capitalize()} {facts.metric} for the settings of {title}. {said}.",
                charts.specification(chart),
            )
        )
    return figures


def _bracket(facts: Facts) -> Figure | None:
    rungs = finished(facts.parts)
    if len(rungs) < 2 or not any(c.last is not None for c in facts.contenders):
        return None
    chart = charts.bracket(facts.contenders, rungs, facts.metric, "container")
    halving = any(part.part.rung is not None for part in rungs)
    return Figure(
        "Who went on" if halving else "Round by round",
        f"{facts.metric} of the configurations; the table below has the numbers.",
        charts.specification(chart),
    )
