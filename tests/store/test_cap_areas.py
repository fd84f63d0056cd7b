"""Laws of what an area puts into its messages: few points, within a stated tolerance, and never less than it is."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from hydroalert.store import Connection
from hydroalert.store.reading_cap import COARSE_TOLERANCE_DEG, MAX_POINTS, TOLERANCE_DEG, area_facts

GEO_UK = Path(__file__).resolve().parents[2] / "../shared/data/geo-uk"
ROUNDING_DEG = 0.00002

_ADD = """
INSERT INTO area (code, official_code, names, polygon)
VALUES ($1::text, upper($1::text), '{"en": "Place", "es": "Lugar"}',
        ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_GeomFromText($2, 4326)), 3)))
RETURNING id
"""
# Everything of the area lies within the told rings, grown by the tolerance.
_COVERED = """
SELECT ST_Covers(ST_Buffer(ST_Union(told), $3), area.polygon)
FROM area, unnest($2::text[]) AS ring, ST_MakeValid(ST_GeomFromText(ring, 4326)) AS told
WHERE area.id = $1 GROUP BY area.polygon
"""


async def add(connection: Connection, code: str, polygon: str) -> int:
    """An area; `polygon` as WKT."""
    return int(await connection.fetchval(_ADD, code, polygon))


def wkt(ring: Sequence[Sequence[float]]) -> str:
    return "POLYGON((" + ", ".join(f"{lon} {lat}" for lon, lat, *_ in ring) + "))"


async def test_a_simple_area_is_told_as_it_is_with_its_names_and_the_names_of_its_stations(
    connection: Connection,
) -> None:
    area_id = await add(connection, "square", "POLYGON((-2 53, -1 53, -1 54, -2 54, -2 53))")
    station_id = await connection.fetchval(
        "INSERT INTO station (code, official_code, name, position) "
        "VALUES ('weir', 'W', 'The weir', ST_SetSRID(ST_MakePoint(-1.5, 53.5), 4326)) RETURNING id"
    )
    await connection.execute(
        "INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s) VALUES ($1, 'level', 'm', 900, 2700)",
        station_id,
    )
    await connection.execute("INSERT INTO area_station VALUES ($1, $2, 'hand')", area_id, station_id)
    facts = (await area_facts(connection, [area_id]))[area_id]
    assert set(facts.rings[0]) == {(-2, 53), (-1, 53), (-1, 54), (-2, 54)}
    assert facts.rings[0][0] == facts.rings[0][-1]
    assert (facts.code, facts.official_code, facts.tolerance_deg) == ("square", "SQUARE", TOLERANCE_DEG)
    assert facts.names == {"en": "Place", "es": "Lugar"}
    assert facts.stations == {"weir": "The weir"}


async def test_a_hole_is_warned_with_what_lies_around_it(connection: Connection) -> None:
    polygon = "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 6 3, 6 6, 3 6, 3 3))"
    area_id = await add(connection, "ring", polygon)
    facts = (await area_facts(connection, [area_id]))[area_id]
    assert len(facts.rings) == 1
    assert len(facts.rings[0]) == 5


async def test_what_needs_too_many_points_is_told_coarsely_or_as_its_hull_and_stays_covered(
    connection: Connection,
) -> None:
    saw = [(n / 1000, 0.002 * (n % 2)) for n in range(1500)]
    comb = [(n / 50, float(n % 2)) for n in range(1500)]
    for code, teeth, most in (("saw", saw, MAX_POINTS), ("comb", comb, 8)):
        area_id = await add(connection, code, wkt([*teeth, (teeth[-1][0], -1), (0, -1), teeth[0]]))
        facts = (await area_facts(connection, [area_id]))[area_id]
        assert sum(map(len, facts.rings)) <= most
        assert facts.tolerance_deg == COARSE_TOLERANCE_DEG
        grown = COARSE_TOLERANCE_DEG + ROUNDING_DEG
        assert await connection.fetchval(_COVERED, area_id, [wkt(ring) for ring in facts.rings], grown)


async def test_real_areas_have_few_points_and_lose_no_more_than_the_tolerance(connection: Connection) -> None:
    found = [one for path in sorted(GEO_UK.rglob("*json")) for one in features(path)]
    if not found:
        pytest.skip("the areas are not beside the repository (../shared/data/geo-uk)")
    for number, geometry in enumerate(found):
        await connection.execute(
            "INSERT INTO area (code, official_code, names, polygon) VALUES ($1::text, $1::text, '{}', "
            "ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Force2D(ST_GeomFromGeoJSON($2::text))), 3)))",
            f"area-{number}",
            geometry,
        )
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM area")]
    told = await area_facts(connection, ids)
    assert len(told) == len(found)
    assert max(sum(map(len, facts.rings)) for facts in told.values()) <= MAX_POINTS
    assert sum(facts.tolerance_deg == TOLERANCE_DEG for facts in told.values()) > 0.9 * len(told)
    for facts in list(told.values())[::8]:
        rings = [wkt(ring) for ring in facts.rings]
        grown = facts.tolerance_deg + ROUNDING_DEG
        assert await connection.fetchval(_COVERED, facts.id, rings, grown), facts.code


def features(path: Path) -> list[str]:
    """The polygons of a GeoJSON file."""
    content = json.loads(path.read_text())
    found = content.get("features", []) if isinstance(content, dict) else []
    return [json.dumps(one["geometry"]) for one in found if "Polygon" in (one["geometry"] or {}).get("type", "")]
