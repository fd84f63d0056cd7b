"""What can bound an alert area, and what is refused with its place."""

import json
import math
from typing import Any

import pytest
import shapely
import shapely.geometry
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.polygons import EARTH_M, MAX_VERTICES, box_of, circle_of, geojson_of, multipolygon_of

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
HOLE = [[0.2, 0.2], [0.2, 0.4], [0.4, 0.4], [0.2, 0.2]]
NAN, INF = math.nan, math.inf


def polygon(*rings: list[Any]) -> dict[str, Any]:
    """A GeoJSON Polygon."""
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_polygon_becomes_a_multipolygon_of_one_and_keeps_its_holes() -> None:
    found = multipolygon_of(polygon(SQUARE, HOLE))
    assert shapely.geometry.shape(geojson_of(found)).equals(shapely.Polygon(SQUARE, [HOLE]))


def test_heights_are_dropped() -> None:
    high = [[lon, lat, 112.5] for lon, lat in SQUARE]
    assert multipolygon_of(polygon(high)) == multipolygon_of(polygon(SQUARE))


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (None, "no GeoJSON"),
        ({}, "no GeoJSON"),
        ({"type": "Point", "coordinates": [0, 0]}, "no GeoJSON"),
        ({"type": "GeometryCollection", "geometries": []}, "no GeoJSON"),
        ({"type": "Polygon"}, "coordinates"),
        (polygon([["a", 0]]), r"\$.coordinates\[0\]\[0\]"),
        (polygon([[0]]), r"\$.coordinates\[0\]\[0\]"),
        (polygon([[0, None]]), r"\$.coordinates\[0\]\[0\]\[1\]"),
        (polygon(), "empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], []]}, "empty"),
        (polygon([]), "ring 1: 0 points"),
        (polygon(SQUARE, HOLE[:3]), "ring 2: 3 points"),
        (polygon(SQUARE[:4]), "ring 1 is not closed"),
        (polygon([*SQUARE[:2], [NAN, 0], *SQUARE[2:]]), "point 3"),
        (polygon([*SQUARE[:2], [0, INF], *SQUARE[2:]]), "point 3"),
        (polygon([*SQUARE[:2], [180.001, 0], *SQUARE[2:]]), "point 3: longitude 180.001"),
        (polygon([[7.0, 101.5], *SQUARE[1:4], [7.0, 101.5]]), "longitude comes first, these look swapped"),
        (polygon([[-179, 0], [179, 0], [179, 1], [-179, 0]]), "point 1 is longer than 90 degrees.*antimeridian"),
        (polygon([*SQUARE[:1]] * (MAX_VERTICES + 1)), "too many"),
    ],
)
def test_what_cannot_bound_an_area_is_refused_with_its_place(geometry: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        multipolygon_of(geometry)
    assert refused.value.parameter == "geometry"


@given(st.recursive(st.none() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)))
def test_whatever_stands_in_its_coordinates_is_taken_or_refused(coordinates: object) -> None:
    for kind in ("Polygon", "MultiPolygon"):
        try:
            found = multipolygon_of({"type": kind, "coordinates": coordinates})
        except InvalidInput:
            continue
        assert all(math.isfinite(number) for rings in found for ring in rings for point in ring for number in point)


def test_a_number_of_four_hundred_digits_is_refused() -> None:
    text = '{"type":"Polygon","coordinates":[[[1' + "0" * 400 + ",0]]]}"
    with pytest.raises(InvalidInput):
        multipolygon_of(json.loads(text))


@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(10, 100_000))
def test_every_corner_of_a_circle_is_as_far_as_its_radius(lon: float, lat: float, radius_m: float) -> None:
    [[ring]] = circle_of(lon, lat, radius_m)
    for corner_lon, corner_lat in ring:
        half = math.sin(math.radians(corner_lat - lat) / 2) ** 2
        half += (
            math.cos(math.radians(lat))
            * math.cos(math.radians(corner_lat))
            * (math.sin(math.radians(corner_lon - lon) / 2) ** 2)
        )
        assert 2 * EARTH_M * math.asin(math.sqrt(half)) == pytest.approx(radius_m, rel=1e-6, abs=0.02)
    assert shapely.Polygon(ring).is_valid
    assert shapely.Polygon(ring).contains(shapely.Point(lon, lat))


@pytest.mark.parametrize("circle", [(0, 0, 0), (0, 0, NAN), (0, 0, 1e6), (0, 91, 5), (179.99, 0, 9e4), (0, 89.9, 9e4)])
def test_a_circle_that_cannot_be_drawn_is_refused(circle: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        circle_of(*circle)


@pytest.mark.parametrize(
    "box", [(1, 0, 0, 1), (0, 1, 1, 0), (0, 0, 0, 1), (0, 0, NAN, 1), (-181, 0, 1, 1), (0, 0, 120, 1)]
)
def test_a_box_that_holds_nothing_or_too_much_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        box_of(*box)


def test_a_box_is_what_lies_between_its_sides() -> None:
    assert shapely.geometry.shape(geojson_of(box_of(-2, 53, -1, 54))).equals(shapely.box(-2, 53, -1, 54))
