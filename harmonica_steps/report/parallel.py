"""Parallel coordinates: the trainings as lines across the parameters, to be brushed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from harmonica_steps.report.axes import Axis
from harmonica_steps.report.charts import BLUE, FONT, GREY, ORANGE, Size, scale, short
from harmonica_steps.report.labels import labels

BEST = 20
"""Trainings that are lit."""
MOST_LINES = 300
HEIGHT = 300
LEFT, RIGHT = 46, 64
"""Pixels for the words of the first and the last axis."""
ROOM = 0.05
"""Around a setting, for lines that have the same."""
SPACE = 92
"""Pixels between two axes, at least."""
MOST_TICKS = 9
"""Settings that an axis names; of more, the first and the last."""

_WIDTH = "max(isFinite(containerSize()[0]) ? containerSize()[0] : 0, {0}) - {1}"


def parallel(
    axes: Sequence[Axis], values: np.ndarray, metric: str, width: Size, best: int = BEST
) -> dict[str, Any]:
    """A Vega specification: dragging along an axis keeps the trainings that pass there.

    Parameters
    ----------
    axes
        The parameters, each with its positions in the trainings.
    values
        The metric of the trainings, best first.
    metric
        Its name; it has the last axis.
    width
        In pixels, or ``container``.
    best
        How many trainings are lit.
    """
    of_metric = scale(values).to_dict()
    low, high = of_metric["domain"]
    on_log = of_metric.get("type") == "log"
    shown = np.log(values / low) / np.log(high / low) if on_log else (values - low) / (high - low)
    columns = [*map(_apart, axes), shown]
    rows: list[dict[str, Any]] = [
        {
            "p": [None if np.isnan(p) else round(float(p), 3) for p in positions],
            "value": float(f"{value:.4g}"),
            "best": number < best,
        }
        for number, (value, *positions) in enumerate(zip(values, *columns, strict=True))
    ]
    middle = np.sqrt(low * high) if on_log else (low + high) / 2
    ends = [f"{end:.3g}" for end in (low, middle, high)]
    ticks = [tick for i, axis in enumerate(axes) for tick in _ticks(i, axis)]
    places = zip((0, 0.5, 1), ends, strict=True)
    ticks += [{"axis": len(axes), "p": place, "label": end} for place, end in places]
    names = [axis.name for axis in axes] + [metric]
    named = enumerate(zip(names, labels(names, 13), strict=True))
    titles = [{"axis": i, "label": label, "name": short(name)} for i, (name, label) in named]
    room = _WIDTH.format(SPACE * len(names), LEFT + RIGHT)
    room = room if width == "container" else str(width)
    signals: list[dict[str, Any]] = [
        {"name": "width", "init": room, "on": [{"events": "window:resize", "update": room}]},
        {"name": "height", "value": HEIGHT},
    ]
    signals += [_brush(i) for i in range(len(names))]
    signals += [
        {"name": "brushed", "update": " || ".join(f"({_is_set(i)})" for i in range(len(names)))}
    ]
    inside = " && ".join(_inside(i) for i in range(len(names)))
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "autosize": "none",
        "padding": {"left": LEFT, "right": RIGHT, "top": 22, "bottom": 22},
        "signals": signals,
        "data": [
            {
                "name": "trainings",
                "values": rows,
                "transform": [{"type": "formula", "as": "lit", "expr": inside}],
            },
            {"name": "ticks", "values": ticks},
            {"name": "titles", "values": titles},
            {
                "name": "kept",
                "source": "trainings",
                "transform": [{"type": "filter", "expr": "datum.lit"}, {"type": "aggregate"}],
            },
        ],
        "scales": [
            {
                "name": "x",
                "type": "point",
                "domain": list(range(len(names))),
                "range": "width",
            }
        ],
        "marks": [_lines(len(names)), *_axes(), *_brushes(len(names)), _count(len(rows))],
    }


def _inward(axis: Axis, position: Any) -> Any:
    """One position or several; those of settings leave room at both ends."""
    return ROOM + (1 - 2 * ROOM) * position if axis.settings else position


def _apart(axis: Axis) -> np.ndarray:
    """Positions where lines with the same setting lie side by side."""
    shifts = (np.arange(len(axis.positions)) * 0.618034) % 1.0 - 0.5
    room = 2 * ROOM / max((len(axis.settings) - 1) / 4, 1) if axis.settings else 0.0
    return np.asarray(_inward(axis, axis.positions) + room * shifts)


def _ticks(number: int, axis: Axis) -> list[dict[str, Any]]:
    names = labels(axis.settings, 12)
    if not names:
        places = zip((0.0, 0.5, 1.0), axis.ends, strict=True)
    elif len(names) > MOST_TICKS:
        places = zip((0.0, 1.0), (names[0], names[-1]), strict=True)
    else:
        places = zip(np.linspace(0, 1, len(names)).tolist(), names, strict=True)
    return [
        {"axis": number, "p": round(_inward(axis, p), 3), "label": label} for p, label in places
    ]


def _brush(number: int) -> dict[str, Any]:
    """The brushed interval of an axis, in pixels; a click removes it."""
    name, at = f"brush_{number}", "clamp(y(), 0, height)"
    down = f"@axis_{number}:pointerdown"
    move = f"[{down}, window:pointerup] > window:pointermove!"
    return {
        "name": name,
        "value": [0, 0],
        "on": [
            {"events": down, "update": f"[{at}, {at}]"},
            {"events": move, "update": f"[{name}[0], {at}]"},
        ],
    }


def _is_set(number: int) -> str:
    return f"abs(brush_{number}[1] - brush_{number}[0]) > 3"


def _inside(number: int) -> str:
    """An expression: whether a training passes what is brushed of an axis."""
    p = f"datum.p[{number}]"
    between = f"inrange(height * (1 - {p}), brush_{number})"
    return f"(!({_is_set(number)}) || ({p} != null && {between}))"


def _lines(axes: int) -> dict[str, Any]:
    """One line per training; broken where it has no such parameter."""
    path = " + ".join(
        f"(datum.p[{i}] == null ? '' : "
        + (f"(datum.p[{i - 1}] == null ? 'M' : 'L')" if i else "'M'")
        + f" + scale('x', {i}) + ',' + height * (1 - datum.p[{i}]))"
        for i in range(axes)
    )
    colour = [{"test": "datum.best", "value": ORANGE}, {"value": BLUE}]
    faint = {"test": "!datum.lit", "value": 0.04}
    strong = {"test": "datum.best || brushed", "value": 0.8}
    return {
        "type": "path",
        "from": {"data": "trainings"},
        "sort": {"field": "datum.value"},
        "encode": {
            "enter": {"tooltip": {"signal": "{'metric': format(datum.value, '.4~g')}"}},
            "update": {
                "path": {"signal": path},
                "stroke": colour,
                "strokeWidth": [{"test": "datum.best", "value": 1.8}, {"value": 1}],
                "opacity": [faint, strong, {"value": 0.22}],
                "zindex": [{"test": "datum.best", "value": 1}, {"value": 0}],
            },
        },
    }


def _axes() -> list[dict[str, Any]]:
    at = {"scale": "x", "field": "axis"}
    words = {"font": {"value": FONT}, "fill": {"value": "currentColor"}}
    return [
        {
            "type": "rule",
            "from": {"data": "titles"},
            "interactive": False,
            "encode": {
                "enter": {"stroke": {"value": GREY}},
                "update": {"x": at, "y": {"value": 0}, "y2": {"signal": "height"}},
            },
        },
        {
            "type": "text",
            "from": {"data": "titles"},
            "encode": {
                "enter": {
                    **words,
                    "text": {"field": "label"},
                    "tooltip": {"field": "name"},
                    "align": {"value": "center"},
                    "fontSize": {"value": 11.5},
                    "fontWeight": {"value": 600},
                },
                "update": {"x": at, "y": {"value": -10}},
            },
        },
        {
            "type": "text",
            "from": {"data": "ticks"},
            "interactive": False,
            "encode": {
                "enter": {
                    **words,
                    "text": {"field": "label"},
                    "fontSize": {"value": 10.5},
                    "dx": {"value": 5},
                    "baseline": {"value": "middle"},
                },
                "update": {"x": at, "y": {"signal": "height * (1 - datum.p)"}},
            },
        },
    ]


def _brushes(axes: int) -> list[dict[str, Any]]:
    """What is brushed, and above it where the pointer may go down."""
    marks: list[dict[str, Any]] = []
    for i in range(axes):
        x = {"signal": f"scale('x', {i}) - 11"}
        marks += [
            {
                "type": "rect",
                "interactive": False,
                "encode": {
                    "enter": {"fill": {"value": GREY}, "stroke": {"value": "currentColor"}},
                    "update": {
                        "x": {"signal": f"scale('x', {i}) - 6"},
                        "width": {"value": 12},
                        "y": {"signal": f"brush_{i}[0]"},
                        "y2": {"signal": f"brush_{i}[1]"},
                        "opacity": [{"test": _is_set(i), "value": 0.35}, {"value": 0}],
                    },
                },
            },
            {
                "type": "rect",
                "name": f"axis_{i}",
                "encode": {
                    "enter": {"fill": {"value": "transparent"}, "cursor": {"value": "ns-resize"}},
                    "update": {
                        "x": x,
                        "width": {"value": 22},
                        "y": {"value": 0},
                        "y2": {"signal": "height"},
                    },
                },
            },
        ]
    return marks


def _count(lines: int) -> dict[str, Any]:
    """How many trainings pass what is brushed."""
    said = f"(data('kept').length ? data('kept')[0].count : 0) + ' of {lines} trainings'"
    return {
        "type": "text",
        "interactive": False,
        "encode": {
            "enter": {
                "font": {"value": FONT},
                "fill": {"value": "currentColor"},
                "fontSize": {"value": 11.5},
            },
            "update": {
                "x": {"value": 0},
                "y": {"signal": "height + 20"},
                "text": {"signal": f"brushed ? {said} : ''"},
            },
        },
    }
