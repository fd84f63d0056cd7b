"""Polygons as GeoJSON gives them (RFC 7946): what can bound an alert area, and those made of a box or a circle."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any

import msgspec

from hydroalert.domain.errors import InvalidInput

Position = tuple[float, float]
"""Longitude, latitude: WGS 84 degrees."""
Ring = tuple[Position, ...]
MultiPolygon = tuple[tuple[Ring, ...], ...]
"""Polygons, each an outer ring and its holes; every ring ends where it begins."""

MAX_VERTICES = 50_000
MAX_EDGE_DEGREES = 90.0
MAX_RADIUS_M = 500_000.0
EARTH_M = 6_371_008.8
"""The mean radius of WGS 84: a sphere of it is nowhere more than 0.6 % off."""

_CORNERS = 72
_SHORTEST_RING = 4
_PARAMETER = "geometry"

_Given = list[list[Annotated[list[float], msgspec.Meta(min_length=2)]]]


class _Polygon(msgspec.Struct, tag_field="type", tag="Polygon"):
    coordinates: _Given


class _MultiPolygon(msgspec.Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: list[_Given]


def multipolygon_of(geometry: object) -> MultiPolygon:
    """A decoded GeoJSON Polygon or MultiPolygon; heights are dropped.

    Raises InvalidInput that names the place. Whether rings cross is for the store to say.
    """
    try:
        given = msgspec.convert(geometry, _Polygon | _MultiPolygon)
    except (msgspec.ValidationError, OverflowError) as error:
        raise _refusal(f"no GeoJSON Polygon or MultiPolygon: {error}") from None
    polygons = [given.coordinates] if isinstance(given, _Polygon) else given.coordinates
    vertices = sum(len(ring) for rings in polygons for ring in rings)
    if vertices > MAX_VERTICES:
        raise _refusal(f"{vertices:,} points are too many: simplify it to at most {MAX_VERTICES:,}")
    if not polygons or not all(polygons):
        raise _refusal("it is empty: give at least one ring")
    found = tuple(tuple(tuple((lon, lat) for lon, lat, *_ in ring) for ring in rings) for rings in polygons)
    for where, ring in _rings(found):
        _check_ring(where, ring)
    return found


def geojson_of(polygon: MultiPolygon) -> dict[str, Any]:
    """The same as a GeoJSON MultiPolygon."""
    return {"type": "MultiPolygon", "coordinates": polygon}


def box_of(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """All between these sides. Raises InvalidInput."""
    if not (west < east and south < north):
        raise _refusal("a box needs west below east and south below north: minlon,minlat,maxlon,maxlat")
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return multipolygon_of({"type": "Polygon", "coordinates": [corners]})


def circle_of(lon: float, lat: float, radius_m: float) -> MultiPolygon:
    """All within `radius_m` of a place, as a polygon of 72 corners. Raises InvalidInput."""
    if not 0 < radius_m <= MAX_RADIUS_M:
        raise _refusal(f"the radius must be above 0 and at most {MAX_RADIUS_M:.0f} m")
    _check_position("the centre", (lon, lat))
    corners = [_beyond(lon, lat, radius_m, 2 * math.pi * step / _CORNERS) for step in range(_CORNERS)]
    reach = math.degrees(radius_m / EARTH_M)
    if abs(lat) + reach >= 90 or any(abs(corner) > 180 for corner, _ in corners):
        raise _refusal("this circle crosses the antimeridian or a pole: give polygons that are cut there")
    return multipolygon_of({"type": "Polygon", "coordinates": [[*corners, corners[0]]]})


def _beyond(lon: float, lat: float, distance_m: float, bearing: float) -> list[float]:
    """The place that far away on the sphere, `bearing` in radians counted counter-clockwise from east."""
    angle, start = distance_m / EARTH_M, math.radians(lat)
    northward, eastward = math.sin(bearing), math.cos(bearing)
    sine = math.sin(start) * math.cos(angle) + math.cos(start) * math.sin(angle) * northward
    turn = math.atan2(eastward * math.sin(angle) * math.cos(start), math.cos(angle) - math.sin(start) * sine)
    return [round(lon + math.degrees(turn), 7), round(math.degrees(math.asin(sine)), 7)]


def _rings(polygons: MultiPolygon) -> Iterator[tuple[str, Ring]]:
    for number, rings in enumerate(polygons, 1):
        for place, ring in enumerate(rings, 1):
            yield f"polygon {number}, ring {place}", ring


def _check_ring(where: str, ring: Ring) -> None:
    for number, position in enumerate(ring, 1):
        _check_position(f"{where}, point {number}", position)
    if len(ring) < _SHORTEST_RING:
        raise _refusal(f"{where}: {len(ring)} points are too few, the last repeating the first")
    if ring[0] != ring[-1]:
        raise _refusal(f"{where} is not closed: its last point must repeat its first")
    for number, (one, other) in enumerate(pairwise(ring), 1):
        if max(abs(one[0] - other[0]), abs(one[1] - other[1])) > MAX_EDGE_DEGREES:
            raise _refusal(
                f"{where}: the edge behind point {number} is longer than {MAX_EDGE_DEGREES:.0f} degrees; "
                "what crosses the antimeridian is cut in two there (RFC 7946, section 3.1.9)"
            )


def _check_position(where: str, position: Position) -> None:
    lon, lat = position
    if -180 <= lon <= 180 and -90 <= lat <= 90:
        return
    hint = ": longitude comes first, these look swapped" if abs(lon) <= 90 < abs(lat) <= 180 else ""
    raise _refusal(f"{where}: longitude {lon:g} and latitude {lat:g} are not WGS 84 degrees{hint}")


def _refusal(words: str) -> InvalidInput:
    return InvalidInput(words, _PARAMETER)
