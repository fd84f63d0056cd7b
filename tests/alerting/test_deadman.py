"""Laws of the dead man's switch, told to a real HTTP server."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.alerting.deadman import keep_watched, reasons_of
from hydroalert.alerting.pulse import Pulse
from hydroalert.domain.watch import Facts, delivery_fault
from hydroalert.store import Pool
from hydroalert.store.alerters import announce_alerter
from hydroalert.store.reading_alerting import alerting_facts
from tests.alerting.retained import Areas, until

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
WELL = Facts(1, 3, 0.2, 0.1, 0, 1, 0.1, 2, 0.0, 0, 8.0, 0.4, 0, {"severe": 1})


class Watch:
    """An outside watch: it keeps (method, path, body) of what it was told, and answers with `status`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self.status = b"200 OK"
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split("\r\n")[0].split(" ")
        lengths = [line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
        body = await reader.readexactly(int(lengths[0])) if lengths else b""
        self.told.append((method, path, body.decode()))
        writer.write(b"HTTP/1.1 " + self.status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    """A watch that listens."""
    told = Watch()
    async with await asyncio.start_server(told.answer, "127.0.0.1", 0) as server:
        told.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ping/1234"
        yield told


@asynccontextmanager
async def watched(pool: Pool, url: str, pulse: Pulse) -> AsyncIterator[None]:
    running = asyncio.create_task(keep_watched(pool, url, pulse, grace_s=0), name="deadman")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _told(watch: Watch, count: int) -> None:
    async def was_told() -> bool:
        return len(watch.told) >= count

    await until(was_told)


async def test_the_watch_is_told_that_all_is_well(pool: Pool, watch: Watch) -> None:
    await announce_alerter(pool, uuid.uuid4())  # type: ignore[arg-type]
    pulse = Pulse()
    pulse.beat(datetime.now(UTC))
    async with watched(pool, watch.url, pulse):
        await _told(watch, 1)
    assert watch.told == [("GET", "/ping/1234", "")]


async def test_the_watch_is_told_why_when_it_is_not(pool: Pool, watch: Watch, areas: Areas) -> None:
    await areas.tell(await areas.add("galle"), 1, "waits")
    await pool.execute("UPDATE revision SET at = now() - interval '5 minutes'")
    async with watched(pool, watch.url, Pulse()):
        await _told(watch, 1)
    ((method, path, body),) = watch.told
    assert (method, path) == ("POST", "/ping/1234/fail")
    assert "judging stands still\nno alerting process is alive\n1 revisions wait for the broker" in body


async def test_of_several_processes_one_tells_each_minute(pool: Pool, watch: Watch) -> None:
    pulse = Pulse()
    async with watched(pool, watch.url, pulse), watched(pool, watch.url, pulse), watched(pool, watch.url, pulse):
        await _told(watch, 1)
        await pool.execute("UPDATE beat SET at = now() - interval '61 s' WHERE name = 'deadman'")
        await _told(watch, 2)
    assert len(watch.told) == 2


async def test_a_watch_that_fails_is_told_again_at_the_next_beat(pool: Pool, watch: Watch) -> None:
    watch.status = b"500 Internal Server Error"
    async with watched(pool, watch.url, Pulse()):
        await _told(watch, 1)
        await pool.execute("UPDATE beat SET at = now() - interval '61 s' WHERE name = 'deadman'")
        await _told(watch, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"processes": 0}, "no alerting process"),
        ({"due_oldest_s": 61.0}, "wait to be judged, for 61 s"),
        ({"overdue_s": 121.0}, "behind its time"),
        ({"failed": 2}, "judgement of 2 areas breaks off"),
        ({"outbox_oldest_s": 31.0}, "wait for the broker"),
        ({"echo_age_s": 31.0}, "no canary came the whole way for 31 s"),
    ],
)
def test_each_fact_that_keeps_warnings_from_coming_about_is_a_reason(change: dict[str, object], words: str) -> None:
    changed = Facts(**{name: getattr(WELL, name) for name in Facts.__struct_fields__} | change)
    (reason,) = reasons_of(changed, NOON, NOON, doubtful=False)
    assert words in reason


def test_while_all_is_well_there_is_no_reason() -> None:
    assert reasons_of(WELL, NOON - timedelta(seconds=29), NOON, doubtful=False) == []
    assert delivery_fault(WELL) is None


@pytest.mark.parametrize("pulse_at", [None, NOON - timedelta(seconds=31)])
def test_judging_that_stands_still_is_a_reason(pulse_at: datetime | None) -> None:
    assert reasons_of(WELL, pulse_at, NOON, doubtful=False) == ["judging stands still"]


def test_a_clock_in_doubt_is_a_reason() -> None:
    assert reasons_of(WELL, NOON, NOON, doubtful=True) == ["this machine's clock is in doubt: nothing is judged"]


async def test_the_facts_are_those_of_the_database(pool: Pool, areas: Areas) -> None:
    await announce_alerter(pool, uuid.uuid4())  # type: ignore[arg-type]
    await areas.tell(await areas.add("galle"), 1, "waits")
    await areas.add("never-judged")
    await pool.execute("INSERT INTO due (datastream_id, since, at) VALUES (1, now(), now() - interval '90 s')")
    await pool.execute("UPDATE revision SET at = now() - interval '50 s'")
    await pool.execute("UPDATE area_state SET failure = 'broke' WHERE NOT drill AND revision = 1")
    await pool.execute("UPDATE area_state SET snapshot = snapshot || '{\"blind\": true}' WHERE revision = 1")
    await pool.execute("UPDATE alert SET active = true, cleared_at = NULL, public_severity = 'severe'")
    await pool.execute("UPDATE canary SET echoed_at = now() - interval '20 s', delay_s = 0.5")
    async with pool.acquire() as connection:
        facts = await alerting_facts(connection)
    assert (facts.processes, facts.due, facts.failed, facts.outbox, facts.blind) == (1, 1, 1, 1, 1)
    assert 90 <= facts.due_oldest_s < 150
    assert 50 <= facts.outbox_oldest_s < 110
    assert facts.echo_age_s is not None
    assert 20 <= facts.echo_age_s < 80
    assert (facts.echo_delay_s, facts.standing, facts.deliveries) == (0.5, {"severe": 1}, 0)
