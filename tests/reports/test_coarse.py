"""What the public map shows tells no home, wherever on Earth it stands."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.domain.reports import DEPTH_CM, Depth
from hydroalert.reports.coarse import CELL_M, QUARTER, Cell, cell_of, depth_band, quarter_of

EARTH_M = 6_371_009.0

lons = st.floats(-180, 180)
lats = st.floats(-90, 90)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def distance_m(a: Cell, b: Cell) -> float:
    """On a sphere, by the haversine formula."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    across = math.sin(math.radians(b.lon - a.lon) / 2) ** 2 * math.cos(lat_a) * math.cos(lat_b)
    return 2 * EARTH_M * math.asin(math.sqrt(math.sin((lat_b - lat_a) / 2) ** 2 + across))


def turned(lon: float) -> float:
    """The same meridian, -180 to 180."""
    return (lon + 180) % 360 - 180


@given(lons, lats)
def test_a_cell_is_told_by_its_centre_and_by_nothing_of_the_place_in_it(lon: float, lat: float) -> None:
    cell = cell_of(lon, lat)
    assert cell_of(cell.lon, cell.lat) == cell
    assert (cell.lon, cell.lat) == (round(cell.lon, 5), round(cell.lat, 5))


@given(lons, lats)
def test_a_place_lies_no_farther_from_its_centre_than_a_cell_is_wide(lon: float, lat: float) -> None:
    assert distance_m(Cell(lon, lat), cell_of(lon, lat)) <= CELL_M


@given(lons, st.floats(-89.9, 89.9), st.sampled_from([-1, 1]))
def test_a_cell_is_as_wide_near_the_poles_as_at_the_equator(lon: float, lat: float, side: int) -> None:
    centre = cell_of(lon, lat)
    half_degrees = math.degrees(CELL_M / 2 / EARTH_M / math.cos(math.radians(centre.lat)))
    inside, beyond = (cell_of(turned(centre.lon + side * half_degrees * share), centre.lat) for share in (0.98, 1.5))
    assert inside == centre
    assert beyond != centre


@given(lats)
def test_a_place_on_the_antimeridian_is_the_same_from_either_side(lat: float) -> None:
    assert cell_of(180, lat) == cell_of(-180, lat)
    assert distance_m(cell_of(179.9999, lat), cell_of(-179.9999, lat)) <= 2 * CELL_M


@given(lons)
def test_a_pole_has_a_cell_like_any_place(lon: float) -> None:
    assert abs(cell_of(lon, 90).lat) < 90
    assert distance_m(cell_of(lon, -90), Cell(0, -90)) <= CELL_M


@given(moments)
def test_a_quarter_begins_at_or_before_what_it_holds(moment: datetime) -> None:
    quarter = quarter_of(moment)
    assert timedelta() <= moment - quarter < QUARTER
    assert quarter == quarter_of(quarter)
    assert quarter.minute % 15 == quarter.second == quarter.microsecond == 0


@pytest.mark.parametrize(
    ("depth_cm", "band"),
    [(None, None), (0, Depth.ANKLE), (15, Depth.ANKLE), (16, Depth.KNEE), (95, Depth.WAIST), (1000, Depth.CHEST)],
)
def test_a_depth_is_the_least_word_that_the_water_is_not_above(depth_cm: int | None, band: Depth | None) -> None:
    assert depth_band(depth_cm) is band


@pytest.mark.parametrize("word", Depth)
def test_a_word_for_a_depth_is_shown_as_it_was_said(word: Depth) -> None:
    assert depth_band(DEPTH_CM[word]) is word
