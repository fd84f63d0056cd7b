"""A device, a bridge and what they leave: real broker, real database."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt

from hydroalert.access.changes import apply_changes
from hydroalert.bridge.service import Options, run_bridge
from hydroalert.embedded.mosquitto import Broker
from hydroalert.store import Pool
from hydroalert.store.devices import NewDatastream, NewDevice, Registered, register_device
from hydroalert.store.sealing import Sealer
from hydroalert.store.stations import NewStation, save_stations
from hydroalert.wire.frame import Header, body_of, has_good_tag, sign_frame
from hydroalert.wire.topics import Channel, device_topic, receipts_topic

MASTER_KEY = bytes(range(32))
PATIENCE_S = 45
HOLD = "LOCK TABLE settlement IN SHARE ROW EXCLUSIVE MODE"
"""While it stands, no batch can commit."""


class Device:
    """A registered device with its broker account."""

    def __init__(self, registered: Registered, broker: Broker) -> None:
        self.code, self.station = registered.device, registered.station
        self.key, self._password, self._broker = bytes.fromhex(registered.key_hex), registered.mqtt_password, broker
        self.sequence = 0
        self.began_s = int(time.time()) - 3600

    def client(self, will: aiomqtt.Will | None = None) -> aiomqtt.Client:
        """A connection as this device."""
        return aiomqtt.Client(
            self._broker.host, self._broker.port, username=self.code, password=self._password,
            identifier=secrets.token_hex(16), protocol=aiomqtt.ProtocolVersion.V5, will=will, timeout=10,
        )  # fmt: skip

    def sign(self, channel: Channel, content: int, body: bytes, *, sequence: int | None = None) -> bytes:
        """A frame that wants a receipt."""
        if sequence is None:
            sequence, self.sequence = self.sequence, self.sequence + 1
        return sign_frame(self.key, device_topic(self.code, channel), Header(content, 1, 0, 7, sequence), body)

    def reading(self) -> bytes:
        """A frame of one level, a second after the one before."""
        pack = [{"n": "level", "t": self.began_s + self.sequence, "v": self.sequence / 100}]
        return self.sign(Channel.FRAMES, 0, json.dumps(pack).encode())

    def status(self, word: str, session: int, *, sequence: int | None = None) -> bytes:
        """A status frame as of now."""
        body = json.dumps({"status": word, "session": session, "at": time.time_ns() // 1_000_000})
        return self.sign(Channel.STATUS, 2, body.encode(), sequence=sequence)

    async def send(self, client: aiomqtt.Client, count: int) -> None:
        """Publish readings, each acknowledged by the broker."""
        for _ in range(count):
            await client.publish(device_topic(self.code, Channel.FRAMES), self.reading(), qos=1)

    def answered(self, payload: bytes) -> dict[str, Any]:
        """What a receipt says, its tag being good."""
        assert has_good_tag(self.key, receipts_topic(self.code), payload)
        said: dict[str, Any] = json.loads(body_of(payload))
        return said


class River:
    """The test's database and broker, and a device in both."""

    def __init__(self, database_url: str, pool: Pool, broker: Broker) -> None:
        self.database_url, self.pool, self.broker = database_url, pool, broker

    async def add_device(self) -> Device:
        """Registered, and known to the broker."""
        code, sealer = f"gauge-{secrets.token_hex(4)}", Sealer(MASTER_KEY)
        async with self.pool.acquire() as connection, connection.transaction():
            await save_stations(connection, [NewStation(f"at-{code}", "Somewhere", 80.0, 7.0)])
            new = NewDevice(code, f"at-{code}", (NewDatastream("level", "m"),))
            registered = await register_device(connection, sealer, new, datetime.now(UTC))
        await apply_changes(self.pool, sealer, self.broker.url, self.broker.admin_password)
        return Device(registered, self.broker)

    def options(self, **others: Any) -> Options:
        """A bridge worker of this river."""
        return Options(
            database_url=self.database_url,
            broker_url=self.broker.url,
            bridge_password=self.broker.bridge_password,
            admin_password=self.broker.admin_password,
            master_key=MASTER_KEY,
            worker=uuid.uuid4(),
            voice_id=secrets.token_hex(16),
            **others,
        )

    @asynccontextmanager
    async def bridge(self, **others: Any) -> AsyncIterator[None]:
        """A worker on this loop, its lane open."""
        running = asyncio.create_task(run_bridge(self.options(**others)), name="bridge")
        try:
            await self.until(lambda: self.lanes_held(1))
            await self._lane_open()
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    @contextlib.contextmanager
    def process(self, log: Path, lanes: int = 1) -> Any:
        """A worker in a process of its own."""
        environment = {
            "PATH": os.environ["PATH"],
            "HYDROALERT_DATABASE_URL": self.database_url,
            "HYDROALERT_BROKER_URL": self.broker.url,
            "HYDROALERT_MASTER_KEY": MASTER_KEY.hex(),
            "HYDROALERT_BROKER_ADMIN_PASSWORD": self.broker.admin_password,
            "HYDROALERT_BROKER_BRIDGE_PASSWORD": self.broker.bridge_password,
        }
        command = [sys.executable, "-m", "hydroalert", "bridge", "--lanes", str(lanes)]
        with log.open("ab") as output:
            worker = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            yield worker
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    async def _lane_open(self) -> None:
        """A lane hears from its subscription on: ask until a status frame is answered."""
        device = await self.add_device()
        async with device.client() as client:
            await client.subscribe(receipts_topic(device.code), qos=1)
            answered = asyncio.ensure_future(anext(aiter(client.messages)))
            async with asyncio.timeout(PATIENCE_S):
                while not answered.done():
                    topic = device_topic(device.code, Channel.STATUS)
                    await client.publish(topic, device.status("online", 1), qos=1)
                    await asyncio.wait({answered}, timeout=0.3)

    async def lanes_held(self, count: int) -> bool:
        """Whether so many different workers hold a lane."""
        held = "SELECT count(DISTINCT holder) FROM lane WHERE until > clock_timestamp()"
        return bool(await self.pool.fetchval(held) == count)

    async def stored(self, device: Device) -> int:
        """How many observations there are of a device's datastream."""
        found: int = await self.pool.fetchval(
            "SELECT count(*) FROM observation JOIN assignment USING (datastream_id) "
            "JOIN device ON device.id = device_id WHERE device.code::text = $1",
            device.code,
        )
        return found

    async def commits_waiting(self, count: int = 1) -> bool:
        """Whether so many commits wait for the lock."""
        waiting = await self.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            "AND query LIKE '%INSERT INTO settlement%'"
        )
        return bool(waiting >= count)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait for it, or fail."""
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110 - what it looks at sets no event
                await asyncio.sleep(0.03)

    async def until_stored(self, device: Device, count: int) -> None:
        """Wait until exactly that many observations are there."""

        async def are_there() -> bool:
            return await self.stored(device) >= count

        await self.until(are_there)
        assert await self.stored(device) == count
