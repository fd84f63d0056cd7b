"""What a person sees while the platform runs."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from hydroalert.console.answers import (
    Alerting,
    Answers,
    Check,
    Datastream,
    Device,
    Devices,
    Health,
    Latest,
    Refused,
    Station,
    Stations,
)
from hydroalert.console.asking import ask
from hydroalert.console.picture import alerts, draw, plain
from hydroalert.console.rows import Trends, age, arrow, rows_of

NOON = datetime(2025, 11, 28, 12, tzinfo=UTC)


@dataclass
class Place:
    http: str = "http://127.0.0.1:8002"
    mqtt: str = "mqtt://127.0.0.1:1883"
    mqtts: str = "mqtts://127.0.0.1:8883"
    database: str = "postgresql://hydroalert@127.0.0.1:54320/hydroalert"
    data_dir: str = "var"


@dataclass
class Process:
    name: str
    state: str = "ready"
    restarts: int = 0


def _latest(minutes: float, level: float, *, live: bool = True) -> Latest:
    return Latest(NOON + timedelta(minutes=minutes), level, live)


def _answers(*levels: Latest) -> Answers:
    datastreams = tuple(Datastream(f"level{'_b' * n}", "m", latest) for n, latest in enumerate(levels))
    station = Station("glencourse", "Glencourse", (*datastreams, Datastream("rainfall", "mm", _latest(99, 7))))
    devices = (
        Device("one", "glencourse", 1000, {"bad_tag": Refused(3, 0)}),
        Device("two", "glencourse", 234, {"wrong_unit": Refused(0, 2)}),
        Device("three", "elsewhere", 5),
    )
    health = Health(
        (Check("broker", "failed", "cannot connect"),), {"frames": 1239, "stored": 2400}, {"bad_tag": Refused(3)}
    )
    return Answers(Stations((station,)), Devices(devices), health)


def _drawn(answers: Answers, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=120, height=height)
    rows = rows_of(answers, Trends(), NOON)
    console.print(draw(Place(), [Process("bridge"), Process("api", "restarting", 2)], answers, rows, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_stations_row_adds_up_its_own_devices_only() -> None:
    (row,) = rows_of(_answers(_latest(0, 1.5)), Trends(), NOON)
    assert (row.name, row.level, row.unit, row.frames, row.refused) == ("Glencourse", 1.5, "m", 1234, 5)


def test_the_newest_of_several_instruments_is_shown() -> None:
    (row,) = rows_of(_answers(_latest(0, 1.5), _latest(1, 1.7)), Trends(), NOON + timedelta(minutes=2))
    assert (row.level, row.age_s) == (1.7, 60)


def test_a_station_without_a_level_is_shown_without_one() -> None:
    (row,) = rows_of(_answers(), Trends(), NOON)
    assert (row.level, row.age_s, row.frames) == (None, None, 1234)


def test_a_trend_is_of_the_last_hour_and_unknown_after_one_reading() -> None:
    trends = Trends()
    assert trends.rise_per_h("glencourse", _latest(-90, 9.0)) is None
    assert trends.rise_per_h("glencourse", _latest(-30, 1.0)) == pytest.approx(-8.0)
    assert trends.rise_per_h("glencourse", _latest(0, 1.1)) == pytest.approx(0.2)


def test_a_trend_begins_with_what_was_observed_before_anybody_looked() -> None:
    trends = Trends()
    assert not trends.knows("glencourse")
    trends.begin("glencourse", [_latest(-60, 1.0), _latest(-30, 1.2)])
    assert trends.knows("glencourse")
    assert trends.rise_per_h("glencourse", _latest(0, 1.5)) == pytest.approx(0.5)


def test_an_old_reading_seen_again_changes_no_trend() -> None:
    trends = Trends()
    for latest in (_latest(0, 1.0), _latest(30, 1.5), _latest(0, 9.0)):
        rise_per_h = trends.rise_per_h("glencourse", latest)
    assert rise_per_h == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rise_per_h", "shown"),
    [(None, " "), (0.019, "→"), (-0.019, "→"), (0.02, "↗"), (-0.02, "↘"), (0.5, "⬆"), (-0.5, "⬇")],
)
def test_an_arrow_says_which_way_the_water_goes(rise_per_h: float | None, shown: str) -> None:
    assert arrow(rise_per_h) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "never"), (-3, "0 s"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d")],
)
def test_an_age_is_told_in_the_unit_that_fits(seconds: float | None, shown: str) -> None:
    assert age(seconds) == shown


def test_the_table_shows_addresses_stations_totals_processes_and_what_is_not_well() -> None:
    drawn = _drawn(_answers(_latest(0, 1.5)))
    for shown in ("127.0.0.1:8002", "mqtts://127.0.0.1:8883", "Glencourse", "1.500 m", "1,234", "api (2 restarts)"):
        assert shown in drawn
    assert "1,239 frames, 2,400 observations stored, 3 refused" in drawn
    assert "cannot connect" in drawn


def test_the_alerts_that_stand_are_told_worst_first_with_what_is_blind() -> None:
    health = Health(alerting=Alerting({"minor": 2, "extreme": 1}, blind=3))
    assert alerts(Answers(health=health)) == "alerts: 1 extreme, 2 minor, 3 areas blind"
    assert "1 extreme, 2 minor, 3 areas blind" in _drawn(Answers(health=health))
    assert alerts(Answers(health=Health(alerting=Alerting()))) == "alerts: none"
    assert alerts(Answers()) == "alerts: unknown"


def test_more_stations_than_fit_are_counted_not_drawn() -> None:
    many = Answers(Stations(tuple(Station(f"s{n}", f"Station {n}") for n in range(300))))
    drawn = _drawn(many, height=30)
    assert "… and 291 more" in drawn
    assert len(drawn.splitlines()) <= 30


def test_a_plain_line_names_what_is_not_ready_and_who_rises_fastest() -> None:
    answers, trends = _answers(_latest(0, 1.5)), Trends()
    trends.rise_per_h("glencourse", _latest(-30, 1.0))
    line = plain([Process("bridge"), Process("api", "restarting")], answers, rows_of(answers, trends, NOON))
    assert "api is restarting" in line
    assert "bridge is" not in line
    assert "broker: cannot connect" in line
    assert "fastest: Glencourse 1.500 m ⬆ +1.00/h" in line


async def test_an_api_that_does_not_answer_is_said_not_raised(unused_tcp_port: int) -> None:
    answers = await ask(f"http://127.0.0.1:{unused_tcp_port}")
    assert "Connection refused" in answers.fault
    assert answers.stations.stations == ()
