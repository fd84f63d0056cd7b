"""Laws of `/api/v1/stations`."""

import math
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import shapely.geometry

from tests.api.walking import collect, pages
from tests.api.world import World

STATIONS = "/api/v1/stations"
EARTH_M = 6_371_008.8
FLATTENING = 0.006  # a sphere is at most this far from the spheroid


async def scatter(world: World, number: int) -> dict[str, tuple[float, float]]:
    """Stations all over the world and on the seams of its map; their positions by code."""
    dice = random.Random(7)
    places = [(180.0, 0.0), (-180.0, 10.0), (0.0, 90.0), (0.0, -90.0), (179.9, -17.0), (-179.9, -17.0)]
    places += [(round(dice.uniform(-180, 180), 4), round(dice.uniform(-90, 90), 4)) for _ in range(number)]
    codes = {f"station-{index:03d}": place for index, place in enumerate(places)}
    for code, (lon, lat) in codes.items():
        await world.add_station(code, lon=lon, lat=lat)
    return codes


def haversine_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    lon_1, lat_1, lon_2, lat_2 = (math.radians(degrees) for degrees in (*one, *other))
    half = math.sin((lat_2 - lat_1) / 2) ** 2
    half += math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


async def test_every_station_is_on_one_page_while_others_are_added(world: World, client: httpx.AsyncClient) -> None:
    before = set(await scatter(world, 20))
    seen: list[str] = []
    async for page in pages(client, STATIONS, limit=3):
        seen += [one["code"] for one in page["stations"]]
        await world.add_station(f"added-{len(seen)}")
        await world.add_station(f"zz-added-{len(seen)}")
        if len(seen) > 60:
            break
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.parametrize("seed", range(6))
async def test_a_box_holds_just_what_plain_comparison_finds(world: World, client: httpx.AsyncClient, seed: int) -> None:
    places = await scatter(world, 60)
    dice = random.Random(seed)
    for _ in range(12):
        west, east = round(dice.uniform(-180, 180), 2), round(dice.uniform(-180, 180), 2)
        south, north = sorted(round(dice.uniform(-90, 90), 2) for _ in range(2))
        found = await collect(client, STATIONS, "stations", bbox=f"{west},{south},{east},{north}", limit=7)
        expected = {
            code
            for code, (lon, lat) in places.items()
            if south <= lat <= north and (west <= lon <= east if west <= east else lon >= west or lon <= east)
        }
        assert {one["code"] for one in found} == expected
        assert len(found) == len(expected)


@pytest.mark.parametrize("box", ["80.1,7.2,80.1,7.2", "80.1,-90,180,90", "-180,7.2,80.1,90"])
async def test_the_edges_of_a_box_belong_to_it(world: World, client: httpx.AsyncClient, box: str) -> None:
    await world.add_station("edge", lon=80.1, lat=7.2)
    await world.add_station("beside", lon=80.1 - 1e-9, lat=7.2 + 1e-9) if box.startswith("80.1,7.2") else None
    assert [one["code"] for one in await collect(client, STATIONS, "stations", bbox=box)] == ["edge"]


async def test_near_finds_what_is_within_the_radius_and_the_nearest_first(
    world: World, client: httpx.AsyncClient
) -> None:
    places = await scatter(world, 60)
    dice = random.Random(1)
    for _ in range(20):
        here = (round(dice.uniform(-180, 180), 3), round(dice.uniform(-90, 90), 3))
        radius_m = dice.uniform(1e5, 1.2e7)
        near = f"{here[0]},{here[1]}"
        found = await collect(client, STATIONS, "stations", near=near, radius_m=radius_m, limit=5)
        distances = {code: haversine_m(here, place) for code, place in places.items()}
        codes = {one["code"] for one in found}
        assert codes >= {code for code, distance in distances.items() if distance < radius_m * (1 - FLATTENING)}
        assert codes <= {code for code, distance in distances.items() if distance < radius_m * (1 + FLATTENING)}
        assert len(codes) == len(found)
        assert [one["distance_m"] for one in found] == sorted(one["distance_m"] for one in found)
        for one in found:
            assert one["distance_m"] == pytest.approx(distances[one["code"]], rel=FLATTENING, abs=1)


@pytest.mark.parametrize(
    ("query", "headers"), [("?format=geojson", {}), ("", {"Accept": "application/json;q=0.5, application/geo+json"})]
)
async def test_geojson_is_what_others_read_as_geojson(
    world: World, client: httpx.AsyncClient, query: str, headers: dict[str, str]
) -> None:
    await world.add_datastream(await world.add_station("weraganthota", lon=80.99, lat=7.32, river="Mahaweli"))
    answer = await client.get(STATIONS + query, headers=headers)
    assert answer.headers["content-type"] == "application/geo+json"
    collection = answer.json()
    assert collection["type"] == "FeatureCollection"
    [feature] = collection["features"]
    assert (feature["type"], feature["id"]) == ("Feature", "weraganthota")
    assert shapely.geometry.shape(feature["geometry"]).equals(shapely.geometry.Point(80.99, 7.32))
    assert feature["properties"]["river"] == "Mahaweli"
    one = (await client.get(f"{STATIONS}/weraganthota{query}", headers=headers)).json()
    assert one == feature


async def test_an_old_value_never_looks_live(world: World, client: httpx.AsyncClient) -> None:
    station = await world.add_station("avon")
    now = datetime.now(UTC)
    for code, age in {"fresh": timedelta(minutes=1), "stale": timedelta(hours=2)}.items():
        datastream = await world.add_datastream(station, code, live_for_s=2700)
        await world.set_latest(datastream, now - age, 1.5)
    await world.add_datastream(station, "unheard")
    shown = {one["code"]: one for one in (await client.get(f"{STATIONS}/avon")).json()["datastreams"]}
    assert shown["fresh"]["latest"]["live"] is True
    assert shown["stale"]["latest"]["live"] is False
    assert shown["stale"]["latest"]["age_s"] == pytest.approx(7200, abs=60)
    assert shown["unheard"]["latest"] is None
    listed = (await client.get(f"{STATIONS}/avon/datastreams")).json()
    assert [one["code"] for one in listed["datastreams"]] == ["fresh", "stale", "unheard"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,3,4,5", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("bbox=nan,0,1,1", "bbox"),
        ("bbox=0,10,1,5", "bbox"),
        ("bbox=-181,0,1,1", "bbox"),
        ("bbox=0,-91,1,1", "bbox"),
        ("bbox=0,0,1,1&near=1,1&radius_m=5", "near"),
        ("near=1,1", "radius_m"),
        ("near=1&radius_m=5", "near"),
        ("near=1,91&radius_m=5", "near"),
        ("near=1,1&radius_m=0", "radius_m"),
        ("near=1,1&radius_m=-5", "radius_m"),
        ("near=1,1&radius_m=inf", "radius_m"),
        ("near=1,1&radius_m=nan", "radius_m"),
        ("near=1,1&radius_m=1e9", "radius_m"),
        ("radius_m=5", "near"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("format=xml", "format"),
        ("cursor=", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%00", "cursor"),
    ],
)
async def test_a_value_that_cannot_be_right_is_named(client: httpx.AsyncClient, query: str, parameter: str) -> None:
    answer = await client.get(f"{STATIONS}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["parameter"] == parameter
    assert answer.json()["type"] == "urn:hydroalert:problem:invalid-input"


@pytest.mark.parametrize("code", ["nowhere", "UPPER", "a%00b", "a'b", "%F0%9F%8C%8A", "x" * 300])
async def test_a_station_that_does_not_exist_is_not_found(client: httpx.AsyncClient, code: str) -> None:
    for path in (f"{STATIONS}/{code}", f"{STATIONS}/{code}/datastreams"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:hydroalert:problem:not-found")
