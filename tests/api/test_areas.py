"""Laws of `/api/v1/areas`: what anyone finds, and what an administrator changes."""

import random
from typing import Any

import httpx
import pytest
import shapely
import shapely.geometry

from tests.api.walking import collect
from tests.api.world import World

AREAS = "/api/v1/areas"
SQUARE = [[[-2.03, 53.73], [-2.01, 53.73], [-2.01, 53.75], [-2.03, 53.75], [-2.03, 53.73]]]
BOW_TIE = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
MYTHOLM = {"names": {"en": "Mytholm"}, "geometry": {"type": "Polygon", "coordinates": SQUARE}}

HUGE = b'{"names":{"en":"x"},"geometry":{"type":"Polygon","coordinates":[[[1' + b"0" * 400 + b",1]]]}}"


async def put(client: httpx.AsyncClient, code: str, **changed: Any) -> httpx.Response:
    """Save an area."""
    return await client.put(f"{AREAS}/{code}", json=MYTHOLM | changed)


async def scatter(client: httpx.AsyncClient, number: int) -> dict[str, shapely.Polygon]:
    """Triangles all over the temperate world, by code."""
    dice, areas = random.Random(3), {}
    for index in range(number):
        lon, lat = dice.uniform(-170, 170), dice.uniform(-60, 60)
        corners = [[round(lon + dx, 4), round(lat + dy, 4)] for dx, dy in ((0, 0), (dice.uniform(2, 9), 0), (1, 7))]
        ring = [*corners, corners[0]]
        answer = await put(client, f"area-{index:02d}", geometry={"type": "Polygon", "coordinates": [ring]})
        assert answer.status_code == 201, answer.text
        areas[f"area-{index:02d}"] = shapely.Polygon(ring)
    return areas


async def test_an_area_is_added_once_and_then_replaced_whole(admin: httpx.AsyncClient) -> None:
    names = {"en": "Mytholm", "cy": "Mytholm (cy)"}
    added = await put(admin, "mytholm", names=names, official_code="123FWF311", silence_factor=5)
    replaced = await put(admin, "mytholm")
    assert (added.status_code, replaced.status_code) == (201, 200)
    assert (added.json()["names"], added.json()["official_code"], added.json()["silence_factor"]) == (
        names, "123FWF311", 5.0,
    )  # fmt: skip
    found = (await admin.get(f"{AREAS}/mytholm")).json()
    assert found == replaced.json()
    assert (found["names"], found["official_code"], found["silence_factor"]) == ({"en": "Mytholm"}, "mytholm", 3.0)


async def test_an_area_that_was_never_judged_is_unknown_and_not_calm(admin: httpx.AsyncClient) -> None:
    await put(admin, "mytholm")
    found = (await admin.get(f"{AREAS}/mytholm")).json()
    assert (found["state"], found["blind"], found["severity"], found["revision"]) == ("cleared", True, None, 0)


async def test_an_area_stands_as_its_newest_revision_says(world: World, admin: httpx.AsyncClient) -> None:
    await put(admin, "mytholm")
    await world.connection.execute(
        "UPDATE area_state SET revision = 7, snapshot = $1 WHERE NOT drill",
        '{"state":"active","severity":"severe","blind":false,"blind_since":null}',
    )
    [found] = await collect(admin, AREAS, "areas")
    assert (found["state"], found["blind"], found["severity"], found["revision"]) == ("active", False, "severe", 7)


@pytest.mark.parametrize("shape", ["box", "circle"])
async def test_areas_are_found_where_shapely_finds_them(admin: httpx.AsyncClient, shape: str) -> None:
    areas, dice = await scatter(admin, 15), random.Random(shape)
    for _ in range(8):
        if shape == "box":
            west, south = dice.uniform(-180, 60), dice.uniform(-90, 10)
            east, north = west + dice.uniform(1, 120), south + dice.uniform(1, 80)
            query = {"bbox": f"{west:.4f},{south:.4f},{east:.4f},{north:.4f}"}
            expected = {code for code, one in areas.items() if one.intersects(shapely.box(west, south, east, north))}
        else:
            inside = dice.choice(list(areas.values())).representative_point()
            query = {"near": f"{inside.x:.6f},{inside.y:.6f}", "radius_m": "1"}
            expected = {code for code, one in areas.items() if one.contains(inside)}
        found = await collect(admin, AREAS, "areas", limit=2, **query)
        assert {one["code"] for one in found} == expected
        assert len(found) == len(expected)


async def test_the_nearest_area_comes_first_and_every_one_once(admin: httpx.AsyncClient) -> None:
    areas = await scatter(admin, 9)
    found = await collect(admin, AREAS, "areas", limit=2, near="0,0", radius_m=20_000_000)
    distances = [one["distance_m"] for one in found]
    assert distances == sorted(distances)
    assert sorted(one["code"] for one in found) == sorted(areas)


@pytest.mark.parametrize("path", [AREAS, f"{AREAS}/mytholm"])
async def test_geojson_carries_the_polygon_as_it_was_given(admin: httpx.AsyncClient, path: str) -> None:
    await put(admin, "mytholm")
    answer = await admin.get(path, headers={"Accept": "application/geo+json"})
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()["features"][0] if path == AREAS else answer.json()
    assert (feature["type"], feature["id"], feature["bbox"]) == ("Feature", "mytholm", [-2.03, 53.73, -2.01, 53.75])
    polygon = shapely.geometry.shape(feature["geometry"])
    assert polygon.equals(shapely.Polygon(SQUARE[0]))
    assert polygon.geoms[0].exterior.is_ccw  # RFC 7946, section 3.1.6
    assert feature["properties"]["names"] == {"en": "Mytholm"}


async def test_a_simplified_polygon_strays_by_no_more_than_was_allowed(admin: httpx.AsyncClient) -> None:
    ring = list(shapely.Point(-2.0, 53.7).buffer(0.02, quad_segs=90).exterior.coords)
    await put(admin, "round", geometry={"type": "Polygon", "coordinates": [ring]})
    asked = {"format": "geojson", "tolerance_m": "200"}
    drawn = shapely.geometry.shape((await admin.get(f"{AREAS}/round", params=asked)).json()["geometry"])
    assert 3 < shapely.get_num_coordinates(drawn) < 60
    assert shapely.hausdorff_distance(drawn, shapely.Polygon(ring)) <= 200 / 111_000


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"geometry": {"type": "Polygon", "coordinates": BOW_TIE}}, "geometry", "Self-intersection[0.5 0.5]"),
    ({"geometry": {"type": "Polygon", "coordinates": []}}, "geometry", "empty"),
    ({"geometry": {"type": "Point", "coordinates": [0, 0]}}, "geometry", "Polygon or MultiPolygon"),
    ({"geometry": {}}, "geometry", "Polygon or MultiPolygon"),
    ({"geometry": {"type": "Polygon", "coordinates": [[[53, -91]] * 4]}}, "geometry", "longitude comes first"),
    ({"names": {}}, "names", "at least one language"),
    ({"names": {"en": "a\0b"}}, "names", "printable"),
    ({"names": {"English": "x"}}, "names", "such as en"),
    ({"silence_factor": 0}, "silence_factor", "above 0"),
    ({"silence_factor": 1e300}, "silence_factor", "above 0"),
    ({"parent": "nowhere"}, "parent", "nowhere"),
    ({"colour": "red"}, "data", "colour"),
]


async def test_an_area_that_cannot_be_right_is_refused_with_the_reason(admin: httpx.AsyncClient) -> None:
    for changed, parameter, words in REFUSED:
        answer = await put(admin, "mytholm", **changed)
        assert (answer.status_code, answer.json()["parameter"]) == (400, parameter), answer.text
        assert words in answer.json()["detail"]
    assert (await admin.get(f"{AREAS}/mytholm")).status_code == 404


async def test_a_body_that_is_no_area_is_a_problem_and_no_fault(admin: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"null", b"[]", b"\xff", b'{"geometry":' + b"[" * 200_000, HUGE):
        answer = await admin.put(f"{AREAS}/mytholm", content=body, headers=headers)
        assert (answer.status_code, body[:9]) == (400, body[:9])
        assert answer.headers["content-type"] == "application/problem+json"


async def test_an_area_cannot_lie_within_itself(admin: httpx.AsyncClient) -> None:
    await put(admin, "calder")
    await put(admin, "mytholm", parent="calder")
    assert (await put(admin, "calder", parent="mytholm")).status_code == 409
    assert (await put(admin, "calder", parent="calder")).status_code == 409
    assert (await admin.get(f"{AREAS}/calder")).json()["parent"] is None


async def test_stations_are_suggested_chosen_and_dropped(world: World, admin: httpx.AsyncClient) -> None:
    await put(admin, "mytholm")
    for code, lon in {"inside": -2.02, "beside": -2.0, "abroad": 80.0}.items():
        await world.add_station(code, lon=lon, lat=53.74)
    suggested = (await admin.get(f"{AREAS}/mytholm/stations", params={"within_m": 2000})).json()["stations"]
    assert [(one["station"], one["chosen"]) for one in suggested] == [("inside", None), ("beside", None)]
    for station in ("inside", "beside", "inside"):
        answer = await admin.put(f"{AREAS}/mytholm/stations/{station}")
    assert [one["station"] for one in answer.json()["stations"]] == ["beside", "inside"]
    assert (await admin.delete(f"{AREAS}/mytholm/stations/beside")).status_code == 204
    left = (await admin.get(f"{AREAS}/mytholm/stations")).json()["stations"]
    assert [(one["station"], one["chosen"], one["distance_m"]) for one in left] == [("inside", "hand", 0.0)]


async def test_an_area_is_forgotten_unless_others_lie_within_it(admin: httpx.AsyncClient) -> None:
    await put(admin, "calder")
    await put(admin, "mytholm", parent="calder")
    refused = await admin.delete(f"{AREAS}/calder")
    assert (refused.status_code, "mytholm" in refused.json()["detail"]) == (409, True)
    assert (await admin.delete(f"{AREAS}/mytholm")).status_code == 204
    assert (await admin.delete(f"{AREAS}/calder")).status_code == 204
    assert await collect(admin, AREAS, "areas") == []


async def test_an_area_that_does_not_exist_is_not_found(admin: httpx.AsyncClient) -> None:
    for code in ("nowhere", "UPPER", "a%00b", "a'b", "%F0%9F%8C%8A", "x" * 300):
        paths = [("GET", rest) for rest in ("", "/stations", "/rules", "/rules/r", "/rules/r/versions")]
        paths += [("DELETE", rest) for rest in ("", "/stations/x", "/rules/r")]
        for method, rest in paths:
            answer = await admin.request(method, f"{AREAS}/{code}{rest}")
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:hydroalert:problem:not-found")


WRONG = (
    ("bbox=0,10,1,5", "bbox"),
    ("near=1,1", "radius_m"),
    ("tolerance_m=-1", "tolerance_m"),
    ("tolerance_m=1e9", "tolerance_m"),
    ("tolerance_m=nan", "tolerance_m"),
    ("limit=0", "limit"),
    ("cursor=AAAA", "cursor"),
    ("format=kml", "format"),
)


async def test_a_value_that_cannot_be_right_is_named(admin: httpx.AsyncClient) -> None:
    for query, parameter in WRONG:
        answer = await admin.get(f"{AREAS}?{query}")
        assert (answer.status_code, answer.json()["parameter"]) == (400, parameter), query
