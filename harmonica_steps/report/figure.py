"""A figure of a search, for the page and for files alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harmonica_steps.report import charts
from harmonica_steps.report.labels import cut


@dataclass(frozen=True)
class Figure:
    """A chart with the words that go with it."""

    title: str
    description: str
    """What it shows, for those who do not see it."""
    draw: Callable[[charts.Size], charts.Chart]
    """Draws the chart with the given width."""
    width: charts.Size
    """Width of the chart in a file; a page has its own."""
    wide: bool = False
    """Whether it is wider than a narrow screen, and scrolls there."""

    @property
    def specification(self) -> dict[str, Any]:
        """The specification for a page: as wide as there is room."""
        with charts.unchecked():
            return charts.specification(self.draw("container"))

    def panel(self, *, titled: bool) -> charts.Chart:
        """The chart for a file, with its title where several panels are in one."""
        chart = self.draw(self.width)
        return chart.properties(title=cut(self.title, 60)) if titled else chart
