"""Laws of what is known of reports: clusters among noise, and the facts that a priority rests on."""

import random
from datetime import timedelta
from math import cos, radians
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from hydroalert.domain.reports import Category, State
from hydroalert.domain.rules import Level, Member, Rule
from hydroalert.domain.severity import Severity
from hydroalert.store import Connection
from hydroalert.store.clusters import list_clusters, memberships
from hydroalert.store.queue import MOST_REPORTS, Facts, Question, count_matching, facts_of
from hydroalert.store.rules import save_rule
from tests.reports.planting import LAT, LON, NOON, plant_report
from tests.store.planting_alerts import PlantedAlert, plant_area

ALL = frozenset(State)


FLOOD = """
INSERT INTO report (id, tracking, position, cell, seen_at, seen_quarter, submitted_at, category, language, severity,
                    changed_at)
SELECT gen_random_uuid(), sha256(number::text::bytea), position, cell, seen_at, seen_quarter, submitted_at, category,
       language, severity, changed_at
FROM report, generate_series(1, $2::int) AS number WHERE id = $1
"""


def moved(north_m: float, east_m: float, lon: float = LON, lat: float = LAT) -> dict[str, float]:
    """So many metres from a place, near enough."""
    east = lon + east_m / (111_320 * cos(radians(lat)))
    return {"lon": (east + 180) % 360 - 180, "lat": lat + north_m / 111_320}


@pytest.mark.parametrize("lon", [LON, 179.9995], ids=["inland", "antimeridian"])
async def test_clusters_are_found_among_noise_and_noise_is_in_none(connection: Connection, lon: float) -> None:
    dice = random.Random(4)
    expected = []
    for north_m in (0, 4_000, 8_000):
        spots = [moved(north_m + dice.uniform(-90, 90), dice.uniform(-90, 90), lon) for _ in range(5)]
        expected.append(
            {await plant_report(connection, NOON - timedelta(minutes=3 * n), **one) for n, one in enumerate(spots)}
        )
    for number in range(20):
        await plant_report(connection, NOON - timedelta(minutes=number), **moved(-2_000 * (number + 1), 9_000, lon))
    found = await list_clusters(connection, NOON)
    assert sorted(map(sorted, expected)) == sorted(sorted(one.reports) for one in found)
    assert all(one.size == 5 and one.radius_m < 200 for one in found)
    assert len(await memberships(connection, NOON)) == 15


async def test_one_place_at_two_times_is_two_clusters_and_a_pair_is_none(connection: Connection) -> None:
    early = [await plant_report(connection, NOON - timedelta(hours=8, minutes=n)) for n in range(3)]
    late = [await plant_report(connection, NOON - timedelta(minutes=n)) for n in range(4)]
    for _ in range(2):
        await plant_report(connection, NOON, **moved(2_000, 0))
    found = await memberships(connection, NOON)
    assert {one: found[one].size for one in found} == dict.fromkeys(early, 3) | dict.fromkeys(late, 4)
    assert len({one.id for one in found.values()}) == 2


async def test_what_is_rejected_withdrawn_or_a_day_old_is_in_no_cluster(connection: Connection) -> None:
    counted = [await plant_report(connection, NOON - timedelta(minutes=n)) for n in range(3)]
    rejected, withdrawn = [await plant_report(connection, NOON) for _ in range(2)]
    await plant_report(connection, NOON - timedelta(hours=25))
    await connection.execute("UPDATE report SET state = 'rejected' WHERE id = $1", rejected)
    await connection.execute("UPDATE report SET withdrawn_at = $2 WHERE id = $1", withdrawn, NOON)
    assert set(await memberships(connection, NOON)) == set(counted)


async def test_no_reports_at_all_are_no_fault(connection: Connection) -> None:
    assert await list_clusters(connection, NOON) == []
    assert await facts_of(connection, Question(), NOON) == []


async def test_a_thousand_from_one_place_bury_no_report_from_another(connection: Connection) -> None:
    await connection.execute(
        FLOOD, await plant_report(connection, category=Category.PEOPLE_IN_DANGER), MOST_REPORTS + 10
    )
    lonely = await plant_report(connection, **moved(5_000, 0))
    found = await facts_of(connection, Question(), NOON)
    assert len(found) == MOST_REPORTS
    assert lonely in {known.report.id for known in found}
    assert await count_matching(connection, Question(), NOON) == MOST_REPORTS + 12


async def test_live_stations_near_a_report_are_known_with_trend_and_threshold(connection: Connection) -> None:
    await plant_area(connection)
    await level(connection, "near", moved(200, 0), [(50, 1.0), (5, 2.5)])
    await level(connection, "further", moved(1_500, 0), [(5, 0.4)])
    await level(connection, "silent", moved(100, 0), [(90, 9.0)])
    await level(connection, "failed", moved(100, 0), [(5, 9.0)], quality=4)
    await level(connection, "away", moved(6_000, 0), [(5, 9.0)])
    await level(connection, "mended", moved(50, 0), [(5, 9.0)], maintenance_until=NOON + timedelta(hours=1))
    ladder = (Level("high", 2.0, Severity.SEVERE), Level("higher", 3.0, Severity.EXTREME))
    await save_rule(connection, "valley", Rule("level", ladder, (Member("near", "level"),)), "ada")
    member = Member("near", "level", (1.5, 4.0))
    await save_rule(connection, "valley", Rule("lower", ladder, (member,)), "ada")
    near, further = (await facts(connection, await plant_report(connection))).stations
    assert (near.station, round(near.distance_m, -1), near.result, near.threshold) == ("near", 200, 2.5, 1.5)
    assert near.change_per_h == pytest.approx(2.0)
    assert (further.station, further.change_per_h, further.threshold) == ("further", None, None)


async def test_areas_are_known_with_the_alerts_that_stand_in_them(connection: Connection) -> None:
    inside, outside = await plant_report(connection), await plant_report(connection, lon=10.0, lat=50.0)
    await PlantedAlert(connection, await plant_area(connection)).tell("raised", "severe", public="moderate")
    await PlantedAlert(connection, await plant_area(connection, "basin")).tell("cleared")
    await connection.execute("UPDATE area_state SET snapshot = '{\"blind\": false}' WHERE NOT drill")
    found = (await facts(connection, inside)).areas
    assert [(one.area, one.blind, one.hazard, one.severity, one.public_severity) for one in found] == [
        ("basin", False, None, None, None),
        ("valley", False, "flood", "severe", "moderate"),
    ]
    assert (await facts(connection, outside)).areas == ()


async def test_pictures_of_joined_reports_count_and_only_those_of_others_were_seen_before(
    connection: Connection,
) -> None:
    original, joined, stranger = [await plant_report(connection) for _ in range(3)]
    await connection.execute("UPDATE report SET state = 'duplicate', duplicate_of = $2 WHERE id = $1", joined, original)
    first = await picture(connection, original, 1, hint_off_m=20.0)
    await picture(connection, joined, 1, like_evidence=first)
    await picture(connection, stranger, 1, like_evidence=first)
    own, theirs = (await facts(connection, original)).pictures
    assert (own.off_m, own.seen_before, own.repeated) == (20.0, False, False)
    assert (theirs.seen_before, theirs.repeated) == (False, True)
    assert [one.seen_before for one in (await facts(connection, stranger)).pictures] == [True]


async def test_a_record_is_of_the_other_reports_of_the_same_person(connection: Connection) -> None:
    for state in ("verified", "resolved", "rejected", "submitted"):
        other = await plant_report(connection, reporter=b"ada")
        await connection.execute("UPDATE report SET state = $2 WHERE id = $1", other, state)
    asked = await plant_report(connection, reporter=b"ada")
    await connection.execute("UPDATE report SET state = 'verified' WHERE id = $1", asked)
    found = (await facts(connection, asked)).record
    assert (found.verified, found.rejected) == (2, 1)
    assert (await facts(connection, await plant_report(connection))).record == msgspec.structs.replace(
        found, verified=0, rejected=0
    )


async def facts(connection: Connection, report: UUID) -> Facts:
    (found,) = await facts_of(connection, Question(ALL, reports=(report,)), NOON)
    return found


async def level(
    connection: Connection, code: str, place: dict[str, float], ago: list[tuple[int, float]], **given: Any
) -> None:
    """A station whose level was that so many minutes ago, the newest last."""
    station = await connection.fetchval(
        "INSERT INTO station (code, official_code, name, position, maintenance_until) "
        "VALUES ($1::text, $1::text, $1::text, ST_SetSRID(ST_MakePoint($2, $3), 4326), $4) RETURNING id",
        *(code, place["lon"], place["lat"], given.get("maintenance_until")),
    )
    stream = await connection.fetchval(
        "INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s) VALUES ($1, 'level', 'm', 900, 2700) "
        "RETURNING id",
        station,
    )
    month = (
        "CREATE TABLE IF NOT EXISTS november PARTITION OF observation FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')"
    )
    await connection.execute(month)
    quality = given.get("quality", 1)
    for minutes, result in ago:
        row = NOON - timedelta(minutes=minutes), NOON, result, stream, quality
        await connection.execute("INSERT INTO observation VALUES ($1, $2, $3, $4, $5)", *row)
    at = NOON - timedelta(minutes=ago[-1][0])
    await connection.execute("INSERT INTO latest VALUES ($1, $2, $2, $3, $4)", stream, at, ago[-1][1], quality)


async def picture(connection: Connection, report: UUID, number: int, **hints: Any) -> UUID:
    """A picture as far as its facts go."""
    found: UUID = await connection.fetchval(
        "INSERT INTO evidence (id, report_id, number, sha256, likeness, sent_type, sent_bytes, width, height, "
        "kept_bytes, received_at, hint_off_m, like_evidence) "
        "VALUES ($1, $2, $3, $4, 0, 'image/jpeg', 9, 9, 9, 9, $5, $6, $7) RETURNING id",
        *(uuid4(), report, number, b"x", NOON, hints.get("hint_off_m"), hints.get("like_evidence")),
    )
    return found
