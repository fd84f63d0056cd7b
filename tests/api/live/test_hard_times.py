"""What followers are told when the feed behind them fails, and what becomes of those who do not read."""

import asyncio
import secrets
import signal
import socket
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hydroalert.access.accounts import Passwords
from hydroalert.api.live.clients import MAX_WAITING, TOO_SLOW, TRY_AGAIN_LATER, Client, Clients
from hydroalert.api.live.events import word
from hydroalert.api.live.filters import Filter
from hydroalert.api.live.pace import Pace
from hydroalert.api.live.seats import Seats
from hydroalert.api.live.service import Live
from hydroalert.api.live.standing import Facts, why_degraded
from hydroalert.api.problems import Refused
from hydroalert.api.services import Services
from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import broker_below, running_broker
from hydroalert.store.reading import open_reading_pool
from tests._services import open_directory
from tests.api.alarms import Alarms
from tests.api.live.following import Follower, Voice, following, slow_pace

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def until_state(follower: Follower, state: str) -> str | None:
    """Wait for a heartbeat of that state; returns its reason."""
    while True:
        beat = (await follower.until("heartbeat"))[-1]
        if beat.data["state"] == state:
            return beat.data["reason"]


async def test_a_dead_alerting_process_is_told_at_once_and_its_return_too(
    alarms: Alarms, client: httpx.AsyncClient
) -> None:
    async with following(client) as follower:
        await until_state(follower, "ok")
        await alarms.connection.execute("DELETE FROM alerter")
        assert "alerting" in str(await until_state(follower, "degraded"))
        await alarms.be_alive()
        assert await until_state(follower, "ok") is None


async def test_a_broker_that_dies_degrades_the_stream_which_goes_on_without_it(
    alarms: Alarms, database_url: str
) -> None:
    with open_directory("hints") as directory:
        broker = broker_below(
            directory,
            port=ports.any_free(),
            passwords=Passwords.draw(secrets.token_bytes),
            log_path=directory / "mosquitto.log",
        )
        await alarms.add_area("avon")
        client = Client(Filter())
        async with await open_reading_pool(database_url) as pool, running_broker(broker) as child:
            live = Live(pool, broker.url, lambda: datetime.now(UTC))
            running = asyncio.create_task(live.run())
            await live.join(client, None)
            await heard(client, '"state":"ok"')
            child.signal(signal.SIGKILL)
            assert "broker" in await heard(client, '"state":"degraded"')
            await alarms.revise("avon", "minor")
            assert '"id":"avon:1"' in await heard(client, '"event":"alert","id"')
            running.cancel()
            await asyncio.wait([running])


async def heard(client: Client, words: str) -> str:
    """The next event that has these words in it."""
    async with asyncio.timeout(30):
        while True:
            for event in await client.take():
                if words in event.text:
                    return event.text


async def until_follow(services: Services, number: int) -> None:
    """Wait until so many follow."""
    async with asyncio.timeout(30):
        while len(services.live.clients) != number:  # noqa: ASYNC110 - nobody would set an event for a test
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts(), "database"),
        (Facts(read=True, broker=True, alerting=True, newest_arrival=NOW + timedelta(hours=1)), "clock"),
        (Facts(read=True, broker=True), "alerting"),
        (Facts(read=True, broker=True, alerting=True, failing=2), "judged"),
        (Facts(read=True, alerting=True), "broker"),
    ],
)
def test_each_doubt_has_its_own_reason(facts: Facts, words: str) -> None:
    assert words in str(why_degraded(facts, NOW))


def test_where_nothing_is_doubtful_no_reason_is_given() -> None:
    assert why_degraded(Facts(read=True, broker=True, alerting=True, newest_arrival=NOW), NOW) is None


async def test_a_database_that_is_away_is_told_and_the_stream_is_still_taken(
    services: Services, client: httpx.AsyncClient
) -> None:
    await services.live._pool.close()
    async with following(client, last_id="avon:1") as follower:
        while "database" not in str(await until_state(follower, "degraded")):  # at first nothing was read yet
            pass


async def test_who_does_not_take_its_events_is_told_to_begin_anew_and_others_are_not_held_up() -> None:
    slow, quick, clients = Client(Filter()), Client(Filter()), Clients()
    clients.add(slow)
    clients.add(quick)
    taken = 0
    for number in range(MAX_WAITING + 10):
        clients.tell([word("heartbeat", number)])
        taken += len(await quick.take())
    assert taken == MAX_WAITING + 10
    assert slow.ending is not None
    assert (slow.ending.event, slow.ending.code) == (TOO_SLOW, TRY_AGAIN_LATER)
    assert await slow.take() == []
    assert (len(clients), clients.dropped) == (1, 1)


async def test_slow_readers_leave_the_others_served(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient, base_url: str, services: Services
) -> None:
    """Clients that ask and never read: what waits for them has an end, and the one who reads hears everything."""
    await alarms.add_area("avon")
    port = int(base_url.rsplit(":", 1)[1])
    deaf = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    for one in deaf:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
    async with following(client, area="avon") as follower:
        await follower.alert()
        await until_follow(services, 21)
        while services.live.clients.dropped < 20:
            services.live.clients.tell([word("news", "x" * 2000)] * 100)
            for _ in range(100):
                await follower.until("news")
        await alarms.revise("avon", "minor")
        await voice.hint_area("avon")
        assert (await follower.until("alert"))[-1].id == "avon:1"
    for one in deaf:
        one.close()


def test_seats_are_bounded_in_all_and_for_each_address() -> None:
    seats = Seats(total=5, per_address=2)
    held = [seats.seat(address) for address in ("192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::ffff")]
    for one in held:
        one.__enter__()
    for address in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::7"):
        with pytest.raises(Refused, match="your address") as refused, seats.seat(address):
            pass
        assert refused.value.problem.status == 429
    with seats.seat("127.0.0.1"), pytest.raises(Refused, match="every seat") as refused, seats.seat("192.0.2.9"):
        pass
    assert (refused.value.problem.status, "Retry-After" in refused.value.headers) == (503, True)
    held[0].__exit__(None, None, None)
    with seats.seat("192.0.2.1"):
        pass


async def test_an_address_that_joins_too_often_is_told_when_to_come_back_and_who_follows_is_served(
    alarms: Alarms, voice: Voice, client: httpx.AsyncClient, services: Services
) -> None:
    await alarms.add_area("avon")
    services.live.pace = slow_pace(burst=1)
    async with following(client, area="avon") as follower:
        await follower.state()
        refused = await client.get("/api/v1/stream")
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["type"] == "urn:hydroalert:problem:too-many-requests"
        await alarms.revise("avon", "minor")
        await voice.hint_area("avon")
        while (await follower.alert()).id != "avon:1":
            pass
    await until_follow(services, 0)


def test_joins_are_counted_for_each_address_and_not_for_this_machine() -> None:
    pace = Pace(rate_per_s=0.5, burst=2, clock=lambda: 7.0)
    assert [pace.wait_s("192.0.2.1") for _ in range(3)] == [0, 0, 2]
    assert [pace.wait_s(address) for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3")] == [0, 0, 2]
    assert [pace.wait_s("127.0.0.1") for _ in range(9)] == [0] * 9
    assert pace.wait_s("192.0.2.2") == 0


async def test_a_follower_that_leaves_leaves_nothing_behind(client: httpx.AsyncClient, services: Services) -> None:
    async with following(client) as follower:
        await follower.state()
        assert len(services.live.clients) == 1
    await until_follow(services, 0)


async def test_who_follows_and_who_was_dropped_is_counted(client: httpx.AsyncClient, services: Services) -> None:
    async with following(client) as follower:
        await follower.state()
        slow = Client(Filter())
        services.live.clients.add(slow)
        slow.end()
        services.live.clients.tell([word("news", 1)])
        metrics = (await client.get("/metrics")).text
    assert "hydroalert_followers 1.0" in metrics
    assert "hydroalert_followers_dropped_total 1.0" in metrics


async def test_a_server_that_stops_says_goodbye_and_when_to_come_back(
    client: httpx.AsyncClient, services: Services
) -> None:
    async with following(client) as follower:
        await follower.state()
        services.live.end()
        goodbye = (await follower.until("goodbye"))[-1]
        assert follower.retry_ms == goodbye.data["retry_ms"] > 0
        with pytest.raises(StopAsyncIteration):
            await follower.next()
