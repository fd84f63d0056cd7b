"""The bridge between a real broker and a real database: stored before acknowledged, whatever is killed meanwhile."""

import asyncio
import json
import time
from pathlib import Path

import aiomqtt

from hydroalert.wire.topics import TIME, Channel, device_topic, latest_topic, receipts_topic
from tests._services import Postgres
from tests.bridge.river import HOLD, PATIENCE_S, Device, River

RUN_OUT = "UPDATE lane SET until = '-infinity'; UPDATE worker SET until = '-infinity'"


def anybody(river: River) -> aiomqtt.Client:
    """Somebody without an account."""
    return aiomqtt.Client(river.broker.host, river.broker.port, protocol=aiomqtt.ProtocolVersion.V5, timeout=10)


async def test_a_frame_is_stored_and_answered_by_a_signed_receipt(river: River, device: Device) -> None:
    async with river.bridge(), device.client() as client:
        await client.subscribe(receipts_topic(device.code), qos=1)
        await device.send(client, 3)
        settled: set[int] = set()
        async with asyncio.timeout(PATIENCE_S):
            async for message in client.messages:
                said = device.answered(bytes(message.payload))
                settled |= {one for first, last in said["stored"] for one in range(first, last + 1)}
                if settled == {0, 1, 2}:
                    break
    assert said["boot"] == 7
    assert await river.stored(device) == 3


async def test_a_frame_is_acknowledged_to_the_broker_only_after_its_commit(
    river: River, device: Device, tmp_path: Path
) -> None:
    """Killed while its commit is held, the worker has acknowledged nothing: another is given every frame again."""
    with river.process(tmp_path / "first.log") as worker:
        await river.until(lambda: river.lanes_held(1))
        await river._lane_open()
        async with river.pool.acquire() as holding, holding.transaction():
            await holding.execute(HOLD)
            async with device.client() as client:
                await device.send(client, 20)
            await river.until(river.commits_waiting)
            worker.kill()
            worker.wait()
        assert await river.stored(device) == 0
        await river.pool.execute(RUN_OUT)
    async with river.bridge():
        await river.until_stored(device, 20)


async def test_a_worker_killed_for_good_strands_nothing(river: River, device: Device, tmp_path: Path) -> None:
    """Two workers, one killed with frames in flight and never started again: the other takes its lane."""
    with river.process(tmp_path / "a.log", 2) as doomed, river.process(tmp_path / "b.log", 2):
        await river.until(lambda: river.lanes_held(2))
        await river._lane_open()
        await _all_lanes_open(river, tmp_path)
        async with river.pool.acquire() as holding, holding.transaction():
            await holding.execute(HOLD)
            async with device.client() as client:
                await device.send(client, 60)
            await river.until(lambda: river.commits_waiting(2))
            doomed.kill()
            doomed.wait()
        await river.until_stored(device, 60)


async def _all_lanes_open(river: River, logs: Path) -> None:
    async def are_open() -> bool:
        return all("lane_open" in (logs / name).read_text() for name in ("a.log", "b.log"))

    await river.until(are_open)


async def test_with_the_database_away_frames_are_held_and_then_stored_once(
    river: River, device: Device, postgres: Postgres
) -> None:
    name = river.database_url.rsplit("/", 1)[1]
    async with river.bridge(), device.client() as client:
        await device.send(client, 5)
        await river.until_stored(device, 5)
        await asyncio.to_thread(postgres.execute, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await asyncio.to_thread(
            postgres.execute, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        await device.send(client, 30)
        await asyncio.to_thread(postgres.execute, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await river.until_stored(device, 35)


async def test_no_more_frames_are_in_flight_than_the_receive_maximum(river: River, device: Device) -> None:
    async with river.bridge(receive_maximum=5), device.client() as client:
        async with river.pool.acquire() as holding, holding.transaction():
            await holding.execute(HOLD)
            await device.send(client, 40)
            seen: set[int] = set()

            async def is_full() -> bool:
                seen.add(await river.pool.fetchval("SELECT lane_lag FROM worker"))
                return max(seen) >= 5

            await river.until(is_full)
            assert max(seen) == 5
        await river.until_stored(device, 40)


async def test_a_message_that_is_no_frame_is_refused_counted_and_blocks_nothing(river: River, device: Device) -> None:
    async with river.bridge(), device.client() as client:
        for junk in (b"", b"\x01", bytes(100_000), b"\x02" + device.reading()[1:]):
            await client.publish(device_topic(device.code, Channel.FRAMES), junk, qos=1)
        await device.send(client, 1)
        await river.until_stored(device, 1)

        async def are_counted() -> bool:
            counted = await river.pool.fetch("SELECT reason, frames FROM refusal_tally ORDER BY reason")
            return [tuple(row) for row in counted] == [("malformed", 2), ("unsupported_version", 2)]

        await river.until(are_counted)


async def test_a_status_sets_online_and_the_last_will_offline(river: River, device: Device) -> None:
    async def is_online(expected: bool) -> bool:
        sql = "SELECT online FROM device_status JOIN device ON device.id = device_id WHERE code::text = $1"
        return bool(await river.pool.fetchval(sql, device.code) is expected)

    topic = device_topic(device.code, Channel.STATUS)
    will = aiomqtt.Will(topic, device.status("offline", 99, sequence=0xFFFFFFFF), qos=1, retain=True)
    async with river.bridge():
        client = device.client(will)
        async with client:
            await client.publish(topic, device.status("online", 99), qos=1, retain=True)
            await river.until(lambda: is_online(True))
            client._client.socket().close()  # type: ignore[union-attr]  # as a dead battery would
            client._client._sock_close()
            await river.until(lambda: is_online(False))


async def test_the_latest_is_retained_and_expires_and_comes_at_most_once_a_second(river: River, device: Device) -> None:
    received: list[aiomqtt.Message] = []
    device.began_s = int(time.time()) - 600
    async with river.bridge(), device.client() as client, anybody(river) as listening:
        await listening.subscribe(latest_topic(device.station), qos=0)
        listener = asyncio.create_task(_collect(listening, received))
        started = time.monotonic()
        async with asyncio.timeout(PATIENCE_S):
            while len(received) < 3:
                await device.send(client, 1)
                await asyncio.sleep(0.1)  # ten new values for each that may be told
        took_s = time.monotonic() - started
        count = len(received)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
    assert count <= took_s + 1.5
    async with anybody(river) as late:
        await late.subscribe(latest_topic(device.station), qos=0)
        async with asyncio.timeout(PATIENCE_S):
            message = await anext(aiter(late.messages))
    said = json.loads(bytes(message.payload))
    assert message.retain
    assert 0 < message.properties.MessageExpiryInterval <= 2700  # type: ignore[union-attr]
    assert (said["station"], said["datastreams"]["level"]["unit"]) == (device.station, "m")


async def _collect(client: aiomqtt.Client, received: list[aiomqtt.Message]) -> None:
    async for message in client.messages:
        received.append(message)  # noqa: PERF401 - it is looked at meanwhile


async def test_the_time_is_told_every_ten_seconds_and_never_retained(river: River) -> None:
    async with anybody(river) as listening:
        await listening.subscribe(TIME, qos=0)
        async with river.bridge(), asyncio.timeout(PATIENCE_S):
            await river.pool.execute("UPDATE beat SET at = at - interval '10 s' WHERE name = 'time'")
            message = await anext(aiter(listening.messages))
            said = json.loads(bytes(message.payload))
            beat = await river.pool.fetchval("SELECT at FROM beat WHERE name = 'time'")
    assert not message.retain
    assert said.keys() == {"unix_ms"}
    assert abs(said["unix_ms"] - beat.timestamp() * 1000) < 15_000


async def test_a_device_registered_while_it_runs_is_taken_at_once(river: River) -> None:
    async with river.bridge():
        late = await river.add_device()
        async with late.client() as client:
            await late.send(client, 2)
        await river.until_stored(late, 2)
