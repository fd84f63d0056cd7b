"""Areas: valid polygons only, mended where little changes, refused with the reason; and who informs them."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
import shapely
import shapely.geometry

from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.domain.polygons import circle_of, geojson_of, multipolygon_of
from hydroalert.store import Connection
from hydroalert.store.areas import (
    MAX_CHANGE,
    NewArea,
    RefusedArea,
    SavedAreas,
    find_area,
    remove_area,
    save_area,
    save_areas,
    set_parents,
)
from hydroalert.store.informing import inform_area, informing_stations, suggest_stations, uninform_area
from hydroalert.store.reading_areas import Shape, read_area
from hydroalert.store.stations import NewStation, save_stations
from tests.api.test_stations import FLATTENING, haversine_m

UK = Path(__file__).parents[3] / "shared/data/geo-uk/target-areas"
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]

HISTORY = """
INSERT INTO alert (id, area_id, hazard, drill, active, severity, body, raised_at, changed_at, cleared_at)
SELECT gen_random_uuid(), id, 'flood', false, false, 'severe', '{}', now(), now(), now() FROM area;
INSERT INTO revision (area_id, drill, revision, alert_id, transition, hazard, severity, public, at, why, snapshot)
SELECT area_id, drill, 1, id, 'raised', hazard, severity, true, now(), '{}', '{}' FROM alert;
INSERT INTO cap_message (identifier, area_id, drill, revision, alert_id, message_type, sent, expires, xml)
SELECT 'urn:x', area_id, drill, 1, id, 'Alert', now(), now(), '<alert/>' FROM alert;
INSERT INTO remark (alert_id, kind, author, text, at) SELECT id, 'comment', 'ann', 'seen', now() FROM alert;
INSERT INTO override (id, area_id, hazard, drill, kind, reason, author, created_at, expires_at)
SELECT id, area_id, hazard, drill, 'clear', 'over', 'ann', now(), now() FROM alert;
INSERT INTO outbox (area_id, drill, revision) SELECT area_id, drill, 1 FROM alert;
"""


def area(code: str, *rings: list[Any], **changed: Any) -> NewArea:
    """An area of one polygon, a square unless said."""
    polygon = {"type": "Polygon", "coordinates": list(rings) or [SQUARE]}
    return NewArea(code, {"en": code.title()}, multipolygon_of(polygon), **changed)


async def save(connection: Connection, *areas: NewArea | RefusedArea, **how: bool) -> SavedAreas:
    """In a transaction of its own."""
    async with connection.transaction():
        return await save_areas(connection, areas, **how)


async def drawn(connection: Connection, code: str) -> Any:
    """The polygon that is kept, as shapely has it."""
    geometry = (await read_area(connection, code, Shape())).geometry
    return shapely.geometry.shape(json.loads(geometry or "null"))


async def waiting(connection: Connection) -> list[str]:
    """The codes of areas that wait to be judged; they wait no more."""
    async with connection.transaction():
        rows = await connection.fetch("DELETE FROM area_due USING area WHERE area_id = area.id RETURNING code, drill")
    assert not any(row["drill"] for row in rows)
    return sorted(row["code"] for row in rows)


@pytest.mark.skipif(not UK.exists(), reason="the areas of the Environment Agency are not in ../shared/data")
async def test_every_official_area_is_kept_valid_and_as_large_as_it_was(connection: Connection) -> None:
    features = [json.loads(path.read_bytes())["features"][0] for path in sorted(UK.iterdir())]
    given = {one["properties"]["code"].lower(): shapely.geometry.shape(one["geometry"]) for one in features}
    areas = [
        NewArea(one["id"], {"en": one["properties"]["name"]}, multipolygon_of(one["geometry"])) for one in features
    ]
    saved = await save(connection, *areas)
    assert (saved.added, saved.updated, saved.refused) == (191, 0, ())
    assert [one.area for one in saved.mended] == [code for code, one in given.items() if not one.is_valid]
    for code, polygon in given.items():
        kept = await drawn(connection, code)
        assert kept.is_valid
        assert kept.area == pytest.approx(polygon.area, rel=0.01)
        assert kept.symmetric_difference(polygon.buffer(0)).area < 0.01 * polygon.area


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]], r"Self-intersection\[0.5 0.5\].*100.0%"),
        ([[0, 0], [1, 1], [2, 2], [0, 0]], "no area"),
        ([[0, 0]] * 4, "no area"),
    ],
    ids=["bow-tie", "line", "point"],
)
async def test_a_polygon_that_mending_would_change_is_refused_with_the_place(
    connection: Connection, ring: list[Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        await save_area(connection, area("odd", ring))
    assert await connection.fetchval("SELECT count(*) FROM area") == 0


async def test_a_hole_that_reaches_outside_is_refused(connection: Connection) -> None:
    hole = [[0.5, 0.2], [0.5, 0.4], [3, 0.4], [3, 0.2], [0.5, 0.2]]
    with pytest.raises(InvalidInput, match=r"Self-intersection.*so draw it anew there"):
        await save_area(connection, area("odd", SQUARE, hole))


async def test_a_polygon_that_touches_itself_is_mended_and_the_change_told(connection: Connection) -> None:
    loop = [[0, 0], [1, 0], [1, 1], [0.5, 1], [0.5, 1.002], [0.501, 1.002], [0.5, 1], [0, 1], [0, 0]]
    saved = await save(connection, area("loop", loop))
    (mended,) = saved.mended
    assert (mended.area, "Self-intersection" in mended.reason) == ("loop", True)
    assert 0 <= mended.change <= MAX_CHANGE
    assert (await drawn(connection, "loop")).is_valid


async def test_a_knot_too_tangled_to_mend_is_refused_and_spoils_no_other(connection: Connection) -> None:
    dice = random.Random(1)
    ring = [[round(dice.random(), 6), round(dice.random(), 6)] for _ in range(100)]
    saved = await save(connection, area("knot", [*ring, ring[0]]), area("square"), skip_bad=True)
    assert ([one.area for one in saved.refused], saved.added) == (["knot"], 1)


async def test_all_are_saved_or_none_and_every_refusal_is_told(connection: Connection) -> None:
    bad = [area("bow-tie", [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), area("…"), RefusedArea("unread", "no polygon")]
    bad += [area("Square"), area("nameless", silence_factor=-1.0)]
    saved = await save(connection, area("square"), *bad)
    assert [one.area for one in saved.refused] == ["bow-tie", "…", "unread", "square", "nameless"]
    assert await connection.fetchval("SELECT count(*) FROM area") == 0
    assert (await save(connection, area("square"), *bad, skip_bad=True)).added == 1


async def test_names_of_another_language_are_added_unless_all_is_replaced(connection: Connection) -> None:
    await save(connection, area("calder", silence_factor=5.0, official_code="C 1"))
    welsh = NewArea("calder", {"cy": "Afon"}, area("calder").polygon)
    await save(connection, welsh)
    both = await read_area(connection, "calder")
    assert (both.names, both.silence_factor) == ({"en": "Calder", "cy": "Afon"}, 5.0)
    await save(connection, welsh, replace=True)
    alone = await read_area(connection, "calder")
    assert (alone.names, alone.silence_factor) == ({"cy": "Afon"}, 3.0)


async def test_codes_are_brought_into_form_and_the_official_one_is_kept(connection: Connection) -> None:
    await save(connection, area("123FWF 311"))
    found = await read_area(connection, "123fwf-311")
    assert (found.official_code, found.names) == ("123FWF 311", {"en": "123Fwf 311"})


async def test_parents_are_given_whatever_order_they_come_in(connection: Connection) -> None:
    await save(connection, *(area(code) for code in ("a", "b", "c")))
    assert await set_parents(connection, {"A": "B", "b": "c", "c": "nowhere", "absent": "nowhere"}) == [
        ("c", "nowhere")
    ]
    assert [(await read_area(connection, code)).parent for code in ("a", "b", "c")] == ["b", "c", None]


@pytest.mark.parametrize("circle", [{"a": "a"}, {"b": "a"}, {"c": "a"}])
async def test_no_area_lies_within_itself(connection: Connection, circle: dict[str, str | None]) -> None:
    await save(connection, *(area(code) for code in ("a", "b", "c")))
    await set_parents(connection, {"a": "b", "b": "c"})
    with pytest.raises(Conflicting, match="within itself"):
        async with connection.transaction():
            await set_parents(connection, circle)
    assert [(await read_area(connection, code)).parent for code in ("a", "b", "c")] == ["b", "c", None]


async def test_suggested_are_the_stations_inside_or_near_the_nearest_first(connection: Connection) -> None:
    dice, places = random.Random(4), {}
    for number in range(60):
        places[f"s{number}"] = (round(dice.uniform(79.5, 80.5), 5), round(dice.uniform(6.5, 7.5), 5))
    await save_stations(connection, [NewStation(code, code, *place) for code, place in places.items()])
    outline = circle_of(80.0, 7.0, 20_000.0)
    await save(connection, NewArea("round", {"en": "Round"}, outline))
    inside = shapely.geometry.shape(geojson_of(outline))
    from_edge = {code: haversine_m((80.0, 7.0), place) - 20_000.0 for code, place in places.items()}
    for within_m in (0.0, 5_000.0, 30_000.0):
        found = await suggest_stations(connection, "round", within_m)
        slack = 25 + (within_m + 20_000) * FLATTENING  # a circle of 72 corners lies 19 m inside its radius
        assert {one.station for one in found} >= {code for code, far in from_edge.items() if far < within_m - slack}
        assert {one.station for one in found} <= {code for code, far in from_edge.items() if far < within_m + slack}
        assert [one.distance_m for one in found] == sorted(one.distance_m for one in found)
        for one in found:
            assert (one.distance_m == 0) == inside.covers(shapely.Point(places[one.station]))
            assert one.distance_m == pytest.approx(max(0.0, from_edge[one.station]), abs=slack)


@pytest.mark.parametrize("within_m", [-1.0, math.nan, math.inf, 1e9])
async def test_a_distance_that_cannot_be_is_refused(connection: Connection, within_m: float) -> None:
    await save(connection, area("square"))
    with pytest.raises(InvalidInput):
        await suggest_stations(connection, "square", within_m)


async def test_whoever_informs_an_area_is_told_and_each_change_wakes_it(connection: Connection) -> None:
    await save_stations(connection, [NewStation(code, code, 0.5, 0.5) for code in ("a", "b", "c")])
    await save(connection, area("square"), area("other"))
    await waiting(connection)
    async with connection.transaction():
        assert await inform_area(connection, "square", ["b", "a"]) == ["a", "b"]
        assert await inform_area(connection, "square", ["a"], "suggested") == []
    assert await waiting(connection) == ["square"]
    assert [(one.station, one.chosen) for one in await informing_stations(connection, "square")] == [
        ("a", "hand"), ("b", "hand"),
    ]  # fmt: skip
    assert await uninform_area(connection, "square", ["a", "c"]) == ["a"]
    assert await waiting(connection) == ["square"]
    assert await uninform_area(connection, "square", ["a"]) == []
    assert await waiting(connection) == []


async def test_only_stations_that_are_there_inform_an_area(connection: Connection) -> None:
    await save_stations(connection, [NewStation("a", "a", 0.5, 0.5)])
    await save(connection, area("square"))
    with pytest.raises(NotFound, match="no station b, c"):
        await inform_area(connection, "square", ["a", "c", "b"])
    assert await informing_stations(connection, "square") == []


async def test_an_area_saved_anew_is_judged_anew(connection: Connection) -> None:
    await save(connection, area("square"))
    await waiting(connection)
    await save(connection, area("square", silence_factor=9.0))
    assert await waiting(connection) == ["square"]


async def test_an_exercise_follows_no_rule_and_no_station_so_a_change_does_not_wake_it(connection: Connection) -> None:
    await save(connection, area("square"))
    await waiting(connection)
    await connection.execute("UPDATE area_state SET judge_at = now() WHERE drill")
    await save(connection, area("square"))
    rows = await connection.fetch("SELECT drill FROM area_due ORDER BY drill")
    assert [row["drill"] for row in rows] == [False]


async def test_an_area_is_forgotten_with_all_that_is_its_own(connection: Connection) -> None:
    await save_stations(connection, [NewStation("a", "a", 0.5, 0.5)])
    await save(connection, area("square"), area("other"))
    await inform_area(connection, "square", ["a"])
    async with connection.transaction():
        await remove_area(connection, "square")
    with pytest.raises(NotFound):
        await find_area(connection, "square")
    for table in ("area_station", "area_datastream", "area_state", "area_due"):
        found = await connection.fetch(f"SELECT area_id FROM {table} WHERE area_id NOT IN (SELECT id FROM area)")
        assert (table, found) == (table, [])


async def test_an_area_stays_while_an_alert_stands_in_it(connection: Connection) -> None:
    await save(connection, area("square"))
    await connection.execute(
        "INSERT INTO alert (id, area_id, hazard, drill, active, severity, body, raised_at, changed_at) "
        "SELECT gen_random_uuid(), id, 'flood', false, true, 'severe', '{}', now(), now() FROM area"
    )
    with pytest.raises(Conflicting, match="clear it first"):
        await remove_area(connection, "square")
    await connection.execute("UPDATE alert SET active = false, cleared_at = now()")
    await remove_area(connection, "square")
    assert await connection.fetchval("SELECT count(*) FROM alert") == 0


async def test_an_area_is_forgotten_with_the_whole_history_of_its_alerts(connection: Connection) -> None:
    await save(connection, area("square"))
    await connection.execute(HISTORY)
    await remove_area(connection, "square")
    for table in ("alert", "revision", "cap_message", "remark", "override", "outbox", "publication"):
        assert (table, await connection.fetchval(f"SELECT count(*) FROM {table}")) == (table, 0)
