"""Cyclone Ditwah, November 2025: 39 gauges, an area around each, the Irrigation Department's own three levels.

What must have been told is read off the files here, without the readers of the back-test.
"""

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cap_tools.models import Alert as TheirAlert
from capparselib.parsers import CAPParser
from xsdata.formats.dataclass.parsers import XmlParser

from benchmarks.scenarios import cases, files
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Course
from hydroalert.judging.telling import CapMessage
from tests.cap_files import Schema
from tests.scenarios.following import FLOOD, assert_in_order, first_told, messages_of, run

pytestmark = pytest.mark.skipif(not files.SRI_LANKA.is_dir(), reason=f"the data set is not here: {files.SRI_LANKA}")

LEVELS = {
    Severity.MINOR: "alert_level_m",
    Severity.MODERATE: "minor_flood_level_m",
    Severity.SEVERE: "major_flood_level_m",
}
SILENT_AFTER = timedelta(hours=3)

Rows = dict[str, dict[datetime, float]]
Thresholds = dict[str, dict[Severity, float]]


def code(name: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())


@pytest.fixture(scope="module")
def rows() -> Rows:
    """By station and time; of several rows with one time the first in the file."""
    series: Rows = defaultdict(dict)
    with (files.SRI_LANKA / "all.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            time = datetime.fromtimestamp(int(row["time_ut"]), UTC)
            series[code(row["station_name"])].setdefault(time, float(row["water_level_m"]))
    return {station: dict(sorted(one.items())) for station, one in series.items()}


@pytest.fixture(scope="module")
def thresholds() -> Thresholds:
    """By station; 0.0 is none."""
    stations = json.loads((files.SRI_LANKA / "stations.json").read_text())
    return {
        code(one["name"]): {severity: one[name] for severity, name in LEVELS.items() if one[name] > 0}
        for one in stations
    }


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    """What would have been told, by area."""
    return {scenario.case.area: run(scenario) for scenario in cases.sri_lanka()}


def test_each_level_is_told_when_the_file_first_reaches_it_and_no_other_level_is(
    rows: Rows, thresholds: Thresholds, courses: dict[str, Course]
) -> None:
    reached = {
        station: {
            severity: next(time for time, level in series.items() if level >= threshold)
            for severity, threshold in thresholds[station].items()
            if max(series.values()) >= threshold
        }
        for station, series in rows.items()
    }
    assert {station: first_told(course) for station, course in courses.items()} == reached
    assert [sum(severity in one for one in reached.values()) for severity in LEVELS] == [36, 30, 20]


def test_an_area_has_one_alert_at_a_time_and_its_revisions_follow_one_another(courses: dict[str, Course]) -> None:
    assert len(courses) == 39
    for course in courses.values():
        assert_in_order(course)


def test_a_gauge_lost_in_its_flood_ends_blind_at_its_last_level(
    rows: Rows, thresholds: Thresholds, courses: dict[str, Course]
) -> None:
    end = max(max(series) for series in rows.values())
    lost = {station: max(series) for station, series in rows.items() if end - max(series) > SILENT_AFTER}
    assert set(lost) == {"moragaswewa", "peradeniya", "thaldena", "weraganthota"}
    for station, last in lost.items():
        reached = [severity for severity, level in thresholds[station].items() if rows[station][last] >= level]
        (alert,) = courses[station].alerts
        assert (alert.hazard, alert.severity, alert.public_severity) == (FLOOD, reached[-1], reached[-1])
        assert alert.blind_since == courses[station].blind_since == last + SILENT_AFTER
        assert [cause.result for cause in alert.causes] == [rows[station][last]]


@pytest.fixture(scope="module")
def messages(courses: dict[str, Course]) -> list[list[CapMessage]]:
    """What the public would have read, alert by alert."""
    return [told for course in courses.values() for told in messages_of(course)]


def test_every_message_is_valid_and_read_by_two_parsers_of_others(messages: list[list[CapMessage]]) -> None:
    schema, reader = Schema(), XmlParser()
    for message in (one for told in messages for one in told):
        theirs = reader.from_string(message.xml, TheirAlert)
        assert schema.accepts(message.xml.encode())
        assert (theirs.identifier, theirs.sent.to_datetime()) == (message.identifier, message.sent)
        assert [one["cap_id"] for one in CAPParser(message.xml).as_dict()] == [message.identifier]
    assert len({one.identifier for told in messages for one in told}) == sum(map(len, messages)) > 300


def test_an_alert_that_stands_is_told_again_before_what_was_told_of_it_expires(
    messages: list[list[CapMessage]],
) -> None:
    for told in messages:
        first, *others = (one.message_type for one in told)
        assert first == "Alert"
        assert set(others[:-1]) <= {"Update"}
        assert set(others[-1:]) <= {"Update", "Cancel"}
        assert all(after.sent < before.expires for before, after in pairwise(told))
