"""The synthetic catchment."""

from device_sim.catchment import River
from device_sim.catchment.routing import TRAVEL_H, Reach, route
from device_sim.catchment.runoff import CAPACITY_MM, Slope, step

HOUR_S = 3600


def levels(seed: int, hours: int, gauges: int = 12) -> list[list[float]]:
    river = River(gauges, seed)
    rows = []
    for hour in range(hours):
        river.advance_to(hour * HOUR_S)
        rows.append([gauge.level_m for gauge in river.read()])
    return rows


def test_the_same_seed_gives_the_same_water_and_another_seed_another() -> None:
    assert levels(7, 48) == levels(7, 48)
    assert levels(7, 48) != levels(8, 48)


def test_a_crest_arrives_later_at_the_mouth_than_in_the_upper_reach() -> None:
    rows = levels(7, 30)
    crests = [max(range(30), key=lambda hour: rows[hour][gauge]) for gauge in (3, 7, 11)]
    assert crests[0] < crests[1] < crests[2]


def test_a_river_that_was_stopped_goes_on_as_if_it_had_not_been() -> None:
    whole, first = River(6, 3), River(6, 3)
    whole.advance_to(40 * HOUR_S)
    first.advance_to(17 * HOUR_S)
    second = River(6, 3, first.state)
    second.advance_to(40 * HOUR_S)
    assert second.read() == whole.read()


def test_the_models_clock_never_runs_back() -> None:
    river = River(3, 1)
    river.advance_to(10 * HOUR_S)
    river.advance_to(2 * HOUR_S)
    assert river.model_s == 10 * HOUR_S


def test_a_slope_neither_makes_nor_swallows_water_but_what_dries() -> None:
    slope, ran_mm = Slope(), 0.0
    before = slope.soil_mm + slope.quick_mm + slope.slow_mm
    for _ in range(60):
        slope, runoff_mm_h = step(slope, 2.0, 1.0)
        ran_mm += runoff_mm_h
    held = slope.soil_mm + slope.quick_mm + slope.slow_mm
    dried = before + 120 - ran_mm - held
    assert 0 < dried < 60 * 0.13
    assert 0 <= slope.soil_mm <= CAPACITY_MM


def test_a_reach_passes_a_wave_on_later_lower_and_whole() -> None:
    reach, flows = Reach(0.0, 0.0), []
    wave = [100.0] * 12 + [0.0] * 120
    for inflow in wave:
        reach = route(reach, inflow, 1 / 6)
        flows.append(reach.outflow_m3_s)
    assert abs(sum(flows) - sum(wave)) < 0.02 * sum(wave)
    assert max(flows) < 100
    middle_h = sum(hour * flow for hour, flow in enumerate(flows)) / sum(flows) / 6
    assert abs(middle_h - (5.5 / 6 + TRAVEL_H)) < 0.2
