"""From the text of a query to what is meant: every value that cannot be right names its parameter."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from hydroalert.domain.errors import InvalidInput
from hydroalert.store.reading_stations import Box, Circle

MAX_RADIUS_M = 20_100_000.0
"""Half the way round the Earth: everything is nearer."""

_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,17}(?:\.\d{1,17})?", flags=re.ASCII)


def parse_time(text: str, parameter: str) -> datetime:
    """An RFC 3339 time with its offset, as aware UTC; digits behind the microseconds are dropped."""
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise InvalidInput(_time_hint(text), parameter)
    date, time, fraction, offset = found.groups()
    micro = (fraction or "")[:6].ljust(6, "0")
    try:
        moment = datetime.fromisoformat(f"{date}T{time}.{micro}{offset.upper().replace('Z', '+00:00')}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"there is no such time as {text!r}", parameter) from error


def parse_optional_time(text: str | None, parameter: str) -> datetime | None:
    """As `parse_time`; None where nothing was given."""
    return None if text is None else parse_time(text, parameter)


def parse_box(text: str) -> Box:
    """`minlon,minlat,maxlon,maxlat` in WGS 84 degrees; a minlon above maxlon crosses the antimeridian (RFC 7946)."""
    west, south, east, north = _numbers(text, "bbox", "minlon,minlat,maxlon,maxlat")
    _check_place(west, south, "bbox")
    _check_place(east, north, "bbox")
    if south > north:
        raise InvalidInput("minlat is above maxlat: the order is minlon,minlat,maxlon,maxlat", "bbox")
    return Box(west, south, east, north)


def parse_place(text: str, parameter: str) -> tuple[float, float]:
    """`lon,lat` in WGS 84 degrees."""
    lon, lat = _numbers(text, parameter, "lon,lat")
    _check_place(lon, lat, parameter)
    return lon, lat


def parse_circle(near: str, radius_m: float | None) -> Circle:
    """`lon,lat` in WGS 84 degrees and a radius in metres."""
    lon, lat = parse_place(near, "near")
    if radius_m is None:
        raise InvalidInput("near needs radius_m: how far around, in metres", "radius_m")
    if not math.isfinite(radius_m) or not 0 < radius_m <= MAX_RADIUS_M:
        raise InvalidInput(f"radius_m must be above 0 and at most {MAX_RADIUS_M:.0f}", "radius_m")
    return Circle(lon, lat, radius_m)


def _time_hint(text: str) -> str:
    if " " in text and re.search(r" \d\d:\d\d$", text):
        return f"{text!r} lost its + on the way: write %2B in a URL, or use Z"
    return f"{text!r} is not an RFC 3339 time with its offset, such as 2012-11-25T06:30:00Z"


def _numbers(text: str, parameter: str, form: str) -> Sequence[float]:
    parts = text.split(",")
    if len(parts) != form.count(",") + 1 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise InvalidInput(f"must be {form}, in degrees", parameter)
    return [float(part) for part in parts]


def _check_place(lon: float, lat: float, parameter: str) -> None:
    if not -180 <= lon <= 180:
        raise InvalidInput(f"longitude {lon:g} is outside -180 to 180: longitude comes first", parameter)
    if not -90 <= lat <= 90:
        raise InvalidInput(f"latitude {lat:g} is outside -90 to 90: longitude comes first", parameter)
