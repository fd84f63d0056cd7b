"""Laws of `/api/v1/stream`."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx

from hydroalert.api.services import Services
from tests.api.alarms import Alarms
from tests.api.live.following import Follower, Heard, Voice, following
from tests.api.world import World


def numbers(heard: list[Heard], name: str = "alert") -> list[tuple[str, int]]:
    """(area, revision) of each event of that name."""
    return [(one.data["area"], one.data["revision"]) for one in heard if one.name == name]


async def until_known(client: httpx.AsyncClient, voice: Voice, area: str, revision: int) -> None:
    """Wait until this process knows that revision: what comes behind it is then told as a change."""
    async with following(client, area=area) as follower:
        await voice.hint_area(area)
        while (area, revision) not in numbers([await follower.next()]):
            pass


async def test_the_state_comes_first_and_then_each_change_at_once(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    await alarms.add_area("avon")
    await alarms.revise("avon", "minor")
    await until_known(client, voice, "avon", 1)
    async with following(client) as follower:
        assert numbers(await follower.state()) == [("avon", 1)]
        await alarms.revise("avon", "severe")
        await voice.hint_area("avon")
        alert = await follower.alert()
        assert (alert.id, alert.data["severity"]) == ("avon:2", "severe")
        assert alert.data["valid_until"] > alert.data["updated_at"]
        assert follower.retry_ms > 0


async def test_a_hint_that_is_lost_costs_seconds_not_the_event(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    await alarms.add_area("avon")
    await until_known(client, voice, "avon", 0)
    async with following(client) as follower:
        await follower.state()
        await alarms.revise("avon", "minor")
        assert numbers([await follower.alert()]) == [("avon", 1)]


async def test_every_revision_is_told_in_order_however_fast_they_come(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    for code in ("avon", "calder"):
        await alarms.add_area(code)
        await until_known(client, voice, code, 0)
    async with following(client) as follower:
        await follower.state()
        for step in range(30):
            code = ("avon", "calder")[step % 2]
            await alarms.revise(code, ("minor", "moderate", None)[step % 3])
            await voice.hint_area(code)
        heard: list[Heard] = []
        while len(heard) < 30:
            heard += [await follower.alert()]
        for code in ("avon", "calder"):
            assert [number for area, number in numbers(heard) if area == code] == list(range(1, 16))


async def test_what_only_operators_hear_of_is_not_told(alarms: Alarms, voice: Voice, client: httpx.AsyncClient) -> None:
    await alarms.add_area("avon")
    await until_known(client, voice, "avon", 0)
    async with following(client) as follower:
        await follower.state()
        await alarms.revise("avon", "minor", public=False)
        await alarms.revise("avon", "moderate")
        await voice.hint_area("avon")
        assert numbers([await follower.alert()]) == [("avon", 2)]


async def test_who_comes_back_is_told_everything_missed_and_then_what_stands(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    for code in ("avon", "calder", "dove"):
        await alarms.add_area(code)
    await alarms.revise("dove", "minor", at=long_ago)
    await alarms.revise("avon", "minor", at=long_ago + timedelta(minutes=5))
    for severity in ("severe", "moderate", None):
        await alarms.revise("calder", severity)
    await alarms.revise("avon", "extreme")
    for code, revision in (("avon", 2), ("calder", 3), ("dove", 1)):
        await until_known(client, voice, code, revision)
    async with following(client, last_id="avon:1") as follower:
        heard = numbers(await follower.state())
        assert [one for one in heard if one[0] == "calder"] == [("calder", 1), ("calder", 2), ("calder", 3)]
        assert [one for one in heard if one[0] == "avon"] == [("avon", 1), ("avon", 2)]
        assert [one for one in heard if one[0] == "dove"] == [("dove", 1)]


async def test_coming_back_with_the_last_id_of_a_stream_leaves_nothing_out(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    await alarms.add_area("avon")
    await until_known(client, voice, "avon", 0)
    seen: list[int] = []
    last_id = None
    for _ in range(4):
        async with following(client, last_id=last_id) as follower:
            seen += [number for _, number in numbers(await follower.state())]
            newest = await alarms.revise("avon", "minor")
            await voice.hint_area("avon")
            while newest not in seen:
                seen.append((await follower.alert()).data["revision"])
            last_id = follower.last_id
        await alarms.revise("avon", "severe")
    assert sorted(set(seen)) == list(range(seen[0], max(seen) + 1))
    assert seen[-1] == 7


async def test_an_id_that_is_unknown_or_too_old_begins_anew(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    await alarms.add_area("avon")
    await alarms.revise("avon", "minor", at=datetime.now(UTC) - timedelta(days=2))
    await until_known(client, voice, "avon", 1)
    for last_id in ("avon:77", "nowhere:1", "17", "drill/avon:1", "avon:-1", "x" * 3000, "avon:1"):
        async with following(client, last_id=last_id) as follower:
            heard = await follower.state()
            assert heard[0].name == "resync"
            assert heard[0].data["reason"]
            assert numbers(heard) == [("avon", 1)]


FILTERS: list[tuple[dict[str, str | list[str]], set[str]]] = [
    ({}, {"alert avon", "alert calder", "alert zz"}),
    ({"area": ["avon", "zz"]}, {"alert avon", "alert zz"}),
    ({"area": "avon,zz"}, {"alert avon", "alert zz"}),
    ({"bbox": "79.95,6.9,80.02,8"}, {"alert avon", "alert zz"}),
    ({"bbox": "175,-90,80.02,90"}, {"alert avon", "alert zz"}),
    ({"severity": "severe"}, {"alert calder", "alert zz"}),
    ({"severity": "severe", "area": "avon,zz"}, {"alert zz"}),
    ({"drill": "true"}, {"alert avon", "alert calder", "drill avon", "alert zz"}),
    ({"kind": "alert,report"}, {"alert avon", "alert calder", "alert zz"}),
]


async def heard_until_last(follower: Follower) -> set[str]:
    """Kind and area of what comes, until the area that is changed last."""
    heard: set[str] = set()
    while "alert zz" not in heard:
        event = await follower.next()
        if event.name in {"alert", "drill"}:
            heard.add(f"{event.name} {event.data['area']}")
    return heard


async def test_a_filter_lets_through_what_meets_all_of_it(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    for code, lon in (("avon", 80.0), ("calder", 100.0), ("zz", 80.0)):
        await alarms.add_area(code, lon=lon)
        await until_known(client, voice, code, 0)
    async with AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(following(client, **query)) for query, _ in FILTERS]
        for follower in followers:
            await follower.state()
        await alarms.revise("avon", "severe", drill=True)
        await voice.hint_area("avon", drill=True)
        await alarms.revise("avon", "moderate")
        await alarms.revise("calder", "severe")
        for code in ("avon", "calder"):
            await voice.hint_area(code)
            await until_known(client, voice, code, 1)
        await alarms.revise("zz", "extreme")
        await voice.hint_area("zz")
        assert [await heard_until_last(one) for one in followers] == [expected for _, expected in FILTERS]


async def test_who_hears_of_a_rise_hears_of_its_end(alarms: Alarms, voice: Voice, client: httpx.AsyncClient) -> None:
    await alarms.add_area("avon")
    await until_known(client, voice, "avon", 0)
    async with following(client, severity="severe") as follower:
        assert await follower.state() == []
        for severity in ("minor", "severe", None, "minor", "extreme", "minor"):
            await alarms.revise("avon", severity)
            await voice.hint_area("avon")
        heard = [await follower.alert() for _ in range(4)]
        assert [one.data["revision"] for one in heard] == [2, 3, 5, 6]


async def test_the_newest_of_a_station_is_told_while_it_is_live(
    alarms: Alarms, world: World, client: httpx.AsyncClient
) -> None:
    now = datetime.now(UTC)
    station = await world.add_station("hanwella", lon=80.1, lat=6.9)
    level, rain = await world.add_datastream(station), await world.add_datastream(station, "rainfall", "mm")
    await world.set_latest(level, now - timedelta(minutes=1), 4.2)
    await world.set_latest(rain, now - timedelta(days=1), 7.0)
    await alarms.add_area("kelani")
    await world.connection.execute("INSERT INTO area_station SELECT area.id, $1, 'hand' FROM area", station)
    async with (
        following(client, kind="latest", area="kelani") as follower,
        following(client, kind="latest", area="elsewhere") as other,
    ):
        heard = (await follower.until("latest"))[-1]
        assert heard.data["station"] == "hanwella"
        assert list(heard.data["datastreams"]) == ["level"]
        assert heard.data["datastreams"]["level"]["result"] == 4.2
        assert heard.id is None
        assert await other.state() == []
        await world.connection.execute("UPDATE latest SET result = 5, phenomenon_time = now()")
        assert (await follower.until("latest"))[-1].data["datastreams"]["level"]["result"] == 5.0


async def test_a_filter_that_cannot_be_right_is_refused(client: httpx.AsyncClient) -> None:
    for query in (
        {"area": ",".join(f"area-{number}" for number in range(1000))},
        {"area": "a" * 20_000},
        {"area": "Avon!"},
        {"bbox": "1,2,3"},
        {"severity": "dreadful"},
        {"kind": "gossip"},
    ):
        answer = await client.get("/api/v1/stream", params=query)
        assert answer.status_code == 400
        assert answer.json()["parameter"] == next(iter(query))


async def test_an_area_that_is_removed_makes_its_followers_begin_anew(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient
) -> None:
    await alarms.add_area("avon")
    await until_known(client, voice, "avon", 0)
    async with following(client) as follower:
        await follower.state()
        await alarms.connection.execute("DELETE FROM area")
        assert (await follower.until("resync"))[-1].data["reason"]


async def test_followers_share_the_bytes_of_an_event(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient, base_url: str, services: Services
) -> None:
    """Several hundred on one process: each gets it."""
    await alarms.add_area("avon")
    await until_known(client, voice, "avon", 0)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base_url, timeout=30, limits=limits) as crowd, asyncio.TaskGroup() as tasks:
        told_all = asyncio.Barrier(301)

        async def one() -> int:
            async with following(crowd, kind="alert") as follower:
                await follower.state()
                await told_all.wait()
                return int((await follower.alert()).data["revision"])

        all_of_them = [tasks.create_task(one()) for _ in range(300)]
        await told_all.wait()
        await alarms.revise("avon", "minor")
        await voice.hint_area("avon")
    assert [task.result() for task in all_of_them] == [1] * 300
    assert services.live.clients.dropped == 0
