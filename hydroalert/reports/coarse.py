"""Where and when a report is shown to the public: so coarsely that nobody's home is told. Pure.

Cells of a fixed grid, not noise: who asks again, or sees the neighbours' reports too, learns nothing more.
"""

import math
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.clock import EPOCH
from hydroalert.domain.reports import DEPTH_CM, Depth

CELL_M = 500
"""About how wide a cell is from south to north, and at least from west to east."""

QUARTER = timedelta(minutes=15)

SHOWN_FOR = timedelta(hours=48)
"""For how long after it was seen a report is on the map, unless somebody asks for older ones."""

_ROWS = 40_000  # from pole to pole on the WGS 84 spheroid are 20,004 km: 500.1 m each
_ROW_DEGREES = 180 / _ROWS
_DECIMALS = 5  # a metre


class Cell(msgspec.Struct, frozen=True):
    """One cell of the grid, named by its centre in WGS 84 degrees."""

    lon: float
    lat: float


def cell_of(lon: float, lat: float) -> Cell:
    """The cell in which a place lies. Every row has as many cells as fit around it, so they narrow nowhere."""
    row = min(int((lat + 90) / _ROW_DEGREES), _ROWS - 1)
    centre_lat = (row + 0.5) * _ROW_DEGREES - 90
    columns = int(2 * _ROWS * math.cos(math.radians(centre_lat)))
    column = int((lon + 180) / 360 * columns) % columns  # 180 degrees are -180
    centre_lon = (column + 0.5) / columns * 360 - 180
    return Cell(round(centre_lon, _DECIMALS), round(centre_lat, _DECIMALS))


def quarter_of(moment: datetime) -> datetime:
    """The quarter of an hour in which it lies, by its beginning."""
    return EPOCH + (moment - EPOCH) // QUARTER * QUARTER


def depth_band(depth_cm: int | None) -> Depth | None:
    """Up to where the water reaches: the least word that is not below it; deeper than the chest is `chest`, too."""
    if depth_cm is None:
        return None
    return next((word for word in Depth if depth_cm <= DEPTH_CM[word]), Depth.CHEST)
