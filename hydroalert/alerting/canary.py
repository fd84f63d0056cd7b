"""The canary: every ten seconds a signed frame goes the whole way, broker, bridge, database, judging.

Its echo is heard when its observation is stored and a pass of judging that began after that is done: then a real
reading would have been judged too. Who is alive may send it (a beat); everyone listens.
"""

import asyncio
import secrets
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiomqtt
import msgspec
import structlog

from hydroalert.alerting.pulse import Pulse
from hydroalert.domain.clock import to_ms
from hydroalert.domain.errors import Conflicting, SecretsError
from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.store.canary import (
    BEAT,
    DATASTREAM,
    Canary,
    forget_older,
    load_canary,
    newest_stored,
    note_echo,
    note_sent,
)
from hydroalert.store.digest import claim_beat
from hydroalert.store.sealing import Sealer
from hydroalert.wire.frame import SENML_JSON, Header, sign_frame
from hydroalert.wire.topics import Channel, device_topic

_log = structlog.get_logger()
LOOK_EVERY_S = 0.25
TIMEOUT_S = 5.0
_TRY_AGAIN_S = 3.0


def canary_frame(canary: Canary, sequence: int, now: datetime) -> bytes:
    """A frame of one observation of now; no receipt is wanted. Raises Conflicting when the key was taken away."""
    in_force = [(key_id, key.secret) for key_id, key in canary.device.keys.items() if key.expires_ms == float("inf")]
    if not in_force:
        raise Conflicting(f"device {canary.device.code} has no key in force")
    key_id, secret = in_force[0]
    body = msgspec.json.encode([{"n": DATASTREAM, "t": to_ms(now) / 1000, "v": sequence}])
    header = Header(SENML_JSON, 0, key_id, canary.boot, sequence)
    return sign_frame(secret, device_topic(canary.device.code, Channel.FRAMES), header, body)


async def keep_canary(pool: Pool, sealer: Sealer, broker_url: str, pulse: Pulse) -> None:
    """Send and listen until cancelled."""
    while True:
        try:
            async with pool.acquire() as connection:
                canary = await load_canary(connection, sealer, datetime.now(UTC))
            async with _client(canary, broker_url) as client:
                await _Flight(pool, canary, client, pulse).run()
        except (aiomqtt.MqttError, Conflicting, SecretsError, *TRANSIENT) as error:
            heed_cancellation()
            _log.warning("canary_grounded", error=str(error) or type(error).__name__)
        await asyncio.sleep(_TRY_AGAIN_S)


def _client(canary: Canary, broker_url: str) -> aiomqtt.Client:
    """As the device that it is: it enters the broker by the same door."""
    place = urlsplit(broker_url)
    return aiomqtt.Client(
        place.hostname or "localhost",
        place.port or 1883,
        username=canary.device.code,
        password=canary.password,
        identifier=secrets.token_hex(16),
        protocol=aiomqtt.ProtocolVersion.V5,
        timeout=TIMEOUT_S,
    )


class _Flight:
    """The canary for as long as one connection lasts."""

    def __init__(self, pool: Pool, canary: Canary, client: aiomqtt.Client, pulse: Pulse) -> None:
        self._pool = pool
        self._canary = canary
        self._client = client
        self._pulse = pulse
        self._sequence = 0
        self._heard = datetime.now(UTC)

    async def run(self) -> None:
        while True:
            if await self._is_due():
                await self._send()
            await self._listen()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _is_due(self) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            if not await claim_beat(connection, "canary", BEAT):
                return False
            await note_sent(connection, datetime.now(UTC))
            await forget_older(connection, self._canary.datastream_id, datetime.now(UTC))
        return True

    async def _send(self) -> None:
        frame = canary_frame(self._canary, self._sequence, datetime.now(UTC))
        self._sequence += 1
        await self._client.publish(device_topic(self._canary.device.code, Channel.FRAMES), frame, qos=1)

    async def _listen(self) -> None:
        async with self._pool.acquire() as connection:
            stored = await newest_stored(connection, self._canary.datastream_id, self._heard)
        if stored is None:
            return
        await self._pulse.next()
        now, self._heard = datetime.now(UTC), stored
        async with self._pool.acquire() as connection:
            await note_echo(connection, now, (now - stored).total_seconds())
