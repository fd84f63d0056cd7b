"""Frames that are slow to read: they are refused like others, and stop neither the lease nor the heartbeat."""

import asyncio
from pathlib import Path

from hydroalert.admission.service import Admission, Settings
from hydroalert.bridge.connection import Delivery
from hydroalert.bridge.lane import LaneWorker, Pace
from hydroalert.store.sealing import Sealer
from hydroalert.wire.topics import Channel, device_topic
from tests.bridge.river import HOLD, MASTER_KEY, Device, River

RECORDS = 512
SLOW = b"\x99\x02\x00" + RECORDS * b"\xa1\x00\x61x"
"""SenML CBOR: 512 records, the most there may be, each of a datastream that nobody registered."""
FRAMES = 1_000


async def test_while_a_batch_is_judged_others_have_their_turn(river: River) -> None:
    admission = Admission(river.database_url, river.pool, Sealer(MASTER_KEY), Settings())
    worker = LaneWorker(river.pool, admission, "group", Pace())
    deliveries = [Delivery(n, device_topic("gauge-1", Channel.FRAMES), bytes(4096)) for n in range(1, 81)]
    turns = 0

    async def have_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    having = asyncio.create_task(have_turns())
    decisions = await worker._judge(deliveries)
    having.cancel()
    assert [one.arrival.frame for one in decisions] == [one.payload for one in deliveries]
    assert turns >= 9


async def test_many_frames_that_are_slow_to_read_cost_no_lane(river: River, device: Device, tmp_path: Path) -> None:
    """They pile up behind a commit that waits, so that the worker is given as many at once as it ever takes."""
    log = tmp_path / "bridge.log"
    with river.process(log):
        await river.until(lambda: river.lanes_held(1))
        await river._lane_open()
        async with device.client() as client:
            async with river.pool.acquire() as holding, holding.transaction():
                await holding.execute(HOLD)
                for _ in range(FRAMES):
                    frame = device.sign(Channel.FRAMES, 1, SLOW)
                    await client.publish(device_topic(device.code, Channel.FRAMES), frame, qos=1)

            async def are_settled() -> bool:
                kept = await river.pool.fetchval("SELECT count(*) FROM refused_frame")
                return bool(kept == FRAMES)

            await river.until(are_settled)
        assert await river.lanes_held(1)
    said = log.read_text()
    assert said.count("lane_taken") == 1
    assert "lane_lost" not in said
    assert "broker_lost" not in said
