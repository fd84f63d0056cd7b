"""Positions on the British National Grid."""

import pytest
from device_sim.sources.national_grid import to_lon_lat


def test_the_ordnance_surveys_worked_example_comes_out_within_ten_metres() -> None:
    # Caister water tower: TG 51409 13177; its WGS 84 position after the published transformation.
    lon, lat = to_lon_lat(651_409.903, 313_177.270)
    assert lon == pytest.approx(1.71608, abs=1.5e-4)
    assert lat == pytest.approx(52.65798, abs=1e-4)


def test_the_true_origin_of_the_grid_lies_where_it_is_defined() -> None:
    lon, lat = to_lon_lat(400_000, -100_000)  # 49 N 2 W on Airy 1830
    assert lon == pytest.approx(-2.0, abs=2e-3)
    assert lat == pytest.approx(49.0, abs=2e-3)
