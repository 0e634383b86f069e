"""How the line of each search looks: colour, dashes and mark, each of which distinguishes them."""

from typing import NamedTuple


class Look(NamedTuple):
    """The look of a line."""

    colour: str
    """A colour that stands out from white and black, also for colour-blind people."""
    dash: tuple[int, ...]
    """Lengths of strokes and gaps."""
    shape: str
    """A mark as an SVG path in a square from -1 to 1."""


LOOKS = (
    Look("#3a7fc1", (1, 0), "M0,-.8A.8,.8,0,1,1,0,.8A.8,.8,0,1,1,0,-.8Z"),
    Look("#d9661f", (7, 3), "M-.75,-.75H.75V.75H-.75Z"),
    Look("#2b9471", (2, 2), "M0,-1L.95,.75H-.95Z"),
    Look("#b04a9c", (9, 3, 2, 3), "M0,-1L.8,0L0,1L-.8,0Z"),
    Look("#a8861c", (14, 4), "M-.3,-1H.3V-.3H1V.3H.3V1H-.3V.3H-1V-.3H-.3Z"),
    Look("#7d8590", (4, 4), "M0,1L.95,-.75H-.95Z"),
    Look("#2f9fb8", (9, 2, 2, 2, 2, 2), "M1,0L-.75,.95V-.95Z"),
    Look("#c8445c", (5, 2), "M-1,0L.75,.95V-.95Z"),
)
"""One for each search that a comparison may have."""
