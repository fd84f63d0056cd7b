"""Alerting's connection to the broker, kept up; whatever breaks off begins anew with a new one."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import msgspec
import structlog
from paho.mqtt.reasoncodes import ReasonCode

from hydroalert.alerting.publish import Publisher
from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.retained import Message
from hydroalert.store import TRANSIENT, Pool, heed_cancellation, open_pool

_log = structlog.get_logger()
USER = "_alerting"
KEEP_ALIVE_S = 15
ACKNOWLEDGED_WITHIN_S = 4.0
LOCKS_FOR_S = 6
"""How long the database bears a transaction that stands still: then another process may publish those areas."""
UNDER_WAY = 100
MOST_BYTES = 250_000
"""Below the broker's max_packet_size: it ends the connection of whoever sends more, and with it every other area's."""
_PENDING = 4096


class Entry(msgspec.Struct, frozen=True):
    """How a process enters the broker. It keeps its client id, so that a new connection ends the one before."""

    broker_url: str
    password: str
    client_id: str


class Client(aiomqtt.Client):
    """aiomqtt takes every PUBACK for consent; one that refuses (MQTT 5, section 3.4.2.1) is none here: nothing
    confirms it, and so the connection ends."""

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any) -> None:
        if reason_code.is_failure:
            _log.error("publication_refused", reason=str(reason_code), do="run `hydroalert broker sync`")
        else:
            super()._on_publish(client, userdata, mid, reason_code, properties)


def client_for(entry: Entry) -> Client:
    """A client that is not connected yet."""
    place = urlsplit(entry.broker_url)
    client = Client(
        place.hostname or "localhost",
        place.port or 1883,
        username=USER,
        password=entry.password,
        identifier=entry.client_id,
        protocol=aiomqtt.ProtocolVersion.V5,
        keepalive=KEEP_ALIVE_S,
        timeout=ACKNOWLEDGED_WITHIN_S,
        max_inflight_messages=UNDER_WAY,
        logger=logging.getLogger("hydroalert.alerting.mqtt"),
    )
    client.pending_calls_threshold = _PENDING
    return client


async def say(client: aiomqtt.Client, messages: Sequence[Message]) -> None:
    """Publish retained, QoS 1, without expiry; all acknowledged on return. One that is too large is left out.

    Raises MqttError.
    """
    for message in messages:
        if len(message.payload) > MOST_BYTES:
            _log.error("publication_too_large", topic=message.topic, size=len(message.payload))
    sent = [message for message in messages if len(message.payload) <= MOST_BYTES]
    said = (client.publish(message.topic, message.payload, qos=1, retain=True) for message in sent)
    for answer in await asyncio.gather(*said, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer


async def keep_published(database_url: str, entry: Entry, pulse: Pulse) -> None:
    """Keep the retained topics as the database has them, until cancelled.

    On a pool of its own: a process that is stopped in the middle must lose its claims.
    """
    settings = {"idle_in_transaction_session_timeout": f"{LOCKS_FOR_S}s"}
    pool = await open_pool(database_url, size=1, settings=settings, lazily=True)
    try:
        while True:
            try:
                await _publish(pool, entry, pulse)
            except (aiomqtt.MqttError, *TRANSIENT) as error:
                heed_cancellation()
                _log.warning("publishing_interrupted", error=str(error) or type(error).__name__)
            await asyncio.sleep(1)
    finally:
        pool.terminate()


async def _publish(pool: Pool, entry: Entry, pulse: Pulse) -> None:
    """For as long as one connection lasts. Raises what ended it."""
    async with client_for(entry) as client:
        _log.info("publishing")
        publisher = Publisher(pool, pulse, lambda messages: say(client, messages))
        running = [
            asyncio.create_task(publisher.run(), name="publisher"),
            asyncio.create_task(_watch(client), name="broker"),
        ]
        try:  # no TaskGroup: on Python 3.11 one that fails leaves its task counted as cancelled
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            ended.pop().result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _watch(client: aiomqtt.Client) -> None:
    """End with MqttError when the broker is lost; it sends nothing that we asked for."""
    async for _ in client.messages:
        pass
