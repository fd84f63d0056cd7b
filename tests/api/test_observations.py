"""Laws of `…/observations`."""

import csv
import io
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tsdownsample import MinMaxDownsampler

from hydroalert.store.conflicts import prefer_conflict
from tests.api.walking import collect, pages
from tests.api.world import START, World, at

PATH = "/api/v1/stations/avon/datastreams/level/observations"
AVON = Path(__file__).parents[2] / "../shared/data/uk-ea-avon-2012"

Reading = tuple[datetime, float]


def shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def avon(station: str) -> list[Reading]:
    """The flood of November 2012, as the Environment Agency published it; blank values are missing."""
    files = sorted(AVON.glob(f"avon_{station}_*.csv"))
    if not files:
        pytest.skip("the Avon files are not beside the repository (../shared/data)")
    rows = [row for file in files for row in csv.reader(io.StringIO(file.read_text("latin-1")))]
    return [
        (datetime.strptime(row[0], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC), float(row[1]))
        for row in rows
        if len(row) > 2 and row[0][:1].isdigit() and row[1]
    ]


def bucket_extremes(readings: list[Reading], bucket_s: int) -> list[Reading]:
    """The oracle: of each bucket the earliest lowest and the earliest highest, in order."""
    buckets: defaultdict[int, list[Reading]] = defaultdict(list)
    for time, result in readings:
        buckets[int(time.timestamp()) // bucket_s].append((time, result))
    kept = set()
    for bucket in buckets.values():
        kept.add(min(bucket, key=lambda one: (one[1], one[0])))
        kept.add(min(bucket, key=lambda one: (-one[1], one[0])))
    return sorted(kept)


def as_shown(readings: list[Reading]) -> list[tuple[str, float]]:
    return [(shown(time), result) for time, result in readings]


def as_pairs(observations: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(one["time"], one["result"]) for one in observations]


async def test_every_row_is_on_one_page_while_others_are_stored(world: World, client: httpx.AsyncClient) -> None:
    level = await world.add_series()
    before = [(at(step), float(step)) for step in range(0, 400, 2)]
    await world.observe(level, before)
    seen: list[tuple[str, float]] = []
    late = random.Random(3).sample(range(1, 400, 2), 60)
    async for page in pages(client, PATH, limit=7):
        seen += as_pairs(page["observations"])
        await world.observe(level, [(at(step), -1.0) for step in [late.pop() for _ in late[:2]]])
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert [pair for pair in seen if pair[1] >= 0] == as_shown(before)


async def test_from_belongs_to_the_answer_and_to_does_not(world: World, client: httpx.AsyncClient) -> None:
    await world.observe(await world.add_series(), [(at(step), float(step)) for step in range(10)])
    found = await collect(client, PATH, "observations", **{"from": shown(at(3)), "to": shown(at(6))})
    assert [one["result"] for one in found] == [3, 4, 5]


async def test_an_offset_is_read_as_rfc_3339_means_it(world: World, client: httpx.AsyncClient) -> None:
    await world.observe(await world.add_series(), [(at(step), float(step)) for step in range(10)])
    local = at(4).astimezone().astimezone(tz=None).isoformat()
    colombo = (at(4) + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S+05:30")
    for time in (colombo, local):
        found = await collect(client, PATH, "observations", **{"from": time, "limit": 4})
        assert found[0]["result"] == 4


async def test_csv_says_the_same_as_json_and_its_link_leads_on(world: World, client: httpx.AsyncClient) -> None:
    await world.observe(await world.add_series(), [(at(step), step / 7) for step in range(1234)])
    as_json = await collect(client, PATH, "observations", limit=1000)
    rows: list[dict[str, str]] = []
    url: str | None = f"{PATH}?limit=500"
    while url:
        answer = await client.get(url, headers={"Accept": "text/csv"})
        assert answer.headers["content-type"].startswith("text/csv")
        rows += csv.DictReader(io.StringIO(answer.text))
        url = answer.links["next"]["url"] if "next" in answer.links else None
    assert {row.pop("unit") for row in rows} == {"m"}
    assert [{**row, "result": float(row["result"]), "quality": int(row["quality"])} for row in rows] == as_json


async def test_known_at_shows_what_was_known_then(world: World, client: httpx.AsyncClient) -> None:
    """One hour was measured as 1; 2 and 3 came as conflicts; an operator preferred 2 at noon and 3 in the evening."""
    level = await world.add_series()
    morning, noon, evening = (START + timedelta(days=2, hours=hour) for hour in (8, 12, 20))
    await world.observe(level, [(at(0), 3.0)], received_at=morning + timedelta(hours=2))
    await world.add_conflict(level, at(0), 1.0, received_at=morning, superseded_at=noon)
    await world.add_conflict(level, at(0), 2.0, received_at=morning + timedelta(hours=1), superseded_at=evening)
    await world.add_conflict(level, at(0), 9.0, received_at=morning)
    await world.observe(level, [(at(1), 7.0)], received_at=evening + timedelta(hours=1))

    async def known(moment: datetime) -> list[float]:
        return [one["result"] for one in await collect(client, PATH, "observations", known_at=shown(moment), limit=1)]

    assert await known(morning - timedelta(seconds=1)) == []
    assert await known(morning) == [1.0]
    assert await known(noon - timedelta(seconds=1)) == [1.0]
    assert await known(noon) == [2.0]
    assert await known(evening) == [3.0]
    assert await known(evening + timedelta(hours=1)) == [3.0, 7.0]
    assert [one["result"] for one in await collect(client, PATH, "observations")] == [3.0, 7.0]


async def test_a_preferred_conflict_is_known_from_its_preference_on(world: World, client: httpx.AsyncClient) -> None:
    """As the operator's command does it: 1, then 2 preferred at noon, then 1 again in the evening."""
    level = await world.add_series()
    morning, noon, evening = (START + timedelta(days=2, hours=hour) for hour in (8, 12, 20))
    await world.observe(level, [(at(0), 1.0)], received_at=morning)
    await world.add_conflict(level, at(0), 2.0, received_at=morning + timedelta(minutes=1))
    for preferred, moment in ((2.0, noon), (1.0, evening)):
        conflict_id = await world.connection.fetchval("SELECT max(id) FROM conflict WHERE result = $1", preferred)
        async with world.connection.transaction():
            await prefer_conflict(world.connection, conflict_id, moment)

    async def known(moment: datetime) -> list[float]:
        return [one["result"] for one in await collect(client, PATH, "observations", known_at=shown(moment))]

    second = timedelta(seconds=1)
    moments = (morning - second, morning, noon - second, noon, evening - second, evening)
    assert [await known(moment) for moment in moments] == [[], [1.0], [1.0], [2.0], [2.0], [1.0]]
    fresh = await collect(client, PATH, "observations", received_after=shown(noon))
    assert [one["result"] for one in fresh] == [1.0]


async def test_received_after_shows_only_what_arrived_later(world: World, client: httpx.AsyncClient) -> None:
    level = await world.add_series()
    await world.observe(level, [(at(0), 0.0), (at(1), 1.0)], received_at=at(10))
    await world.observe(level, [(at(2), 2.0)], received_at=at(11))
    found = await collect(client, PATH, "observations", received_after=shown(at(10)))
    assert [one["result"] for one in found] == [2.0]


@pytest.mark.parametrize("station", ["warwick", "stratford"])
@pytest.mark.parametrize(("resolution", "limit"), [(3600, 10_000), (21_600, 101), (86_400, 2), (604_800, 9)])
async def test_the_crest_of_the_avon_survives_down_sampling(
    world: World, client: httpx.AsyncClient, station: str, resolution: int, limit: int
) -> None:
    readings = avon(station)
    await world.observe(await world.add_series(), readings)
    found = await collect(client, PATH, "observations", resolution=resolution, limit=limit)
    assert as_pairs(found) == as_shown(bucket_extremes(readings, resolution))
    crest = max(result for _, result in readings)
    assert max(one["result"] for one in found) == crest
    assert len(found) < len(readings) / 1.5


async def test_down_sampling_keeps_what_minmax_keeps_of_a_day(world: World, client: httpx.AsyncClient) -> None:
    """A second oracle, by other people: tsdownsample's MinMax of each day."""
    readings = avon("warwick")
    await world.observe(await world.add_series(), readings)
    found = await collect(client, PATH, "observations", resolution=86_400)
    days: defaultdict[str, list[float]] = defaultdict(list)
    for time, result in readings:
        days[shown(time)[:10]].append(result)
    for day, results in days.items():
        kept = np.array(results)[MinMaxDownsampler().downsample(np.array(results), n_out=2)]
        ours = [one["result"] for one in found if one["time"].startswith(day)]
        assert {min(ours), max(ours)} == set(kept.tolist())


@pytest.mark.parametrize("seed", range(8))
async def test_no_extreme_is_lost_across_gaps_and_pages(world: World, client: httpx.AsyncClient, seed: int) -> None:
    dice = random.Random(seed)
    level = await world.add_series()
    steps = sorted(dice.sample(range(20_000), 300))
    readings = [(at(step), dice.choice([dice.gauss(0, 1), 0.0, 5.0])) for step in steps]
    await world.observe(level, readings)
    bucket_s, limit = dice.choice([60, 3600, 10_000, 86_400]), dice.choice([2, 3, 10, 1000])
    found = await collect(client, PATH, "observations", resolution=bucket_s, limit=limit)
    assert as_pairs(found) == as_shown(bucket_extremes(readings, bucket_s))


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from=yesterday", "from"),
        ("from=2025-11-01", "from"),
        ("from=2025-11-01T00:00:00", "from"),
        ("from=2025-11-01T00:00:00+01:00", "from"),  # the + of a URL is a space
        ("from=2025-02-30T00:00:00Z", "from"),
        ("from=2025-11-01T24:01:00Z", "from"),
        ("from=0001-01-01T00:00:00%2B14:00", "from"),
        ("from=1764585846", "from"),
        ("from=2025-11-02T00:00:00Z&to=2025-11-01T00:00:00Z", "to"),
        ("to=", "to"),
        ("known_at=now", "known_at"),
        ("received_after=%00", "received_after"),
        ("resolution=0", "resolution"),
        ("resolution=1h", "resolution"),
        ("resolution=2678401", "resolution"),
        ("resolution=60&limit=1", "limit"),
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("format=geojson", "format"),
    ],
)
async def test_a_value_that_cannot_be_right_is_named(
    world: World, client: httpx.AsyncClient, query: str, parameter: str
) -> None:
    await world.add_series()
    answer = await client.get(f"{PATH}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["parameter"] == parameter


async def test_no_time_of_the_calendar_upsets_it(world: World, client: httpx.AsyncClient) -> None:
    await world.observe(await world.add_series(), [(at(0), 1.0)])
    ends = {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59.999999999Z"}
    for more in (
        {},
        {"resolution": 2_678_400, "limit": 10_000},
        {"known_at": ends["to"]},
        {"received_after": ends["from"]},
    ):
        assert len(await collect(client, PATH, "observations", **ends, **more)) == 1


async def test_a_cursor_that_was_tampered_with_or_is_of_another_query_is_refused(
    world: World, client: httpx.AsyncClient
) -> None:
    level = await world.add_series()
    await world.observe(level, [(at(step), float(step)) for step in range(10)])
    cursor = (await client.get(PATH, params={"limit": 2})).json()["next"]
    for position in range(len(cursor)):
        other = "A" if cursor[position] != "A" else "B"
        tampered = cursor[:position] + other + cursor[position + 1 :]
        assert (await client.get(PATH, params={"limit": 2, "cursor": tampered})).status_code == 400
    elsewhere = {"cursor": cursor, "from": shown(at(1))}
    assert (await client.get(PATH, params=elsewhere)).json()["parameter"] == "cursor"
    assert (await client.get("/api/v1/stations", params={"cursor": cursor})).json()["parameter"] == "cursor"
    longer = await client.get(PATH, params={"limit": 100, "cursor": cursor})
    assert [one["result"] for one in longer.json()["observations"]] == list(range(2, 10))


@pytest.mark.parametrize("path", ["nowhere/datastreams/level", "avon/datastreams/flow", "avon/datastreams/Level"])
async def test_a_series_that_does_not_exist_is_not_found(world: World, client: httpx.AsyncClient, path: str) -> None:
    await world.add_series()
    answer = await client.get(f"/api/v1/stations/{path}/observations")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:hydroalert:problem:not-found")
