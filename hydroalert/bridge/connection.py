"""One MQTT 5 connection: what arrives waits to be taken, and is acknowledged only when its taker says so.

One object is one connection: it never reconnects, so no acknowledgement crosses a reconnect (G1). Section numbers
are those of OASIS MQTT 5.0.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

import mqtt5

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

from hydroalert.bridge.session import KEEP_ALIVE_S, Publication, Session
from hydroalert.domain.errors import Unavailable
from hydroalert.wire.frame import MAX_FRAME_BYTES

ANSWER_WITHIN_S: Final = 10.0
MAX_OUTGOING: Final = 20_000
"""Publishes that wait for the broker; what comes after is dropped and counted (G5): a device asks again."""
_OUTGOING_WINDOW: Final = 512
_KEPT_PAYLOAD_BYTES: Final = MAX_FRAME_BYTES + 1
"""Of a longer payload the rest is dropped on arrival: it is malformed whatever it says."""
_LARGEST_ID: Final = 65_535
_PING: Final = mqtt5.PingReqPacket().write()
_AT_LEAST_ONCE: Final = mqtt5.QoS.AT_LEAST_ONCE


class BrokerLost(Unavailable):
    """The broker cannot be reached, refused the session, or the connection ended."""


class Delivery:
    """A message that waits for its acknowledgement."""

    __slots__ = ("packet_id", "payload", "topic")

    def __init__(self, packet_id: int, topic: str, payload: bytes) -> None:
        self.packet_id = packet_id
        self.topic = topic
        self.payload = payload


class Connection(asyncio.Protocol):
    """A live connection. `lost` is set once it ended, for whatever reason `why` says."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.why = "closed"
        self.dropped = 0
        self.unacknowledgeable = 0
        self._arrived = asyncio.Event()
        self._answered: asyncio.Queue[mqtt5.Packet] = asyncio.Queue()
        self._inbox: deque[Delivery] = deque()
        self._outbox: deque[Publication] = deque()
        self._under_way: set[int] = set()
        self._next_id = 0
        self._window = _OUTGOING_WINDOW
        self._unread = b""
        self._heard_at = 0.0
        self._transport: asyncio.Transport | None = None

    async def take(self, most: int, most_bytes: int) -> list[Delivery]:
        """Up to `most` messages in order of arrival, until they hold `most_bytes`; waits for the first.

        Raises BrokerLost.
        """
        while not self._inbox:
            if self.lost.is_set():
                raise BrokerLost(f"the connection to the broker ended: {self.why}")
            self._arrived.clear()
            await self._arrived.wait()
        taken: list[Delivery] = []
        while self._inbox and len(taken) < most and most_bytes > 0:
            taken.append(self._inbox.popleft())
            most_bytes -= len(taken[-1].payload)
        return taken

    @property
    def waiting(self) -> int:
        """Messages that nobody has taken yet."""
        return len(self._inbox)

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """PUBACK each, in order of arrival (4.6); into nothing once the connection ended."""
        self._write(b"".join(mqtt5.PubAckPacket(one.packet_id).write() for one in deliveries))

    def publish(self, publications: Iterable[Publication]) -> None:
        """Publish as the broker's receive maximum allows (4.9); beyond MAX_OUTGOING, drop and count."""
        for publication in publications:
            if len(self._outbox) >= MAX_OUTGOING:
                self.dropped += 1
            else:
                self._outbox.append(publication)
        self._send_outbox()

    async def ask(self, packet: "mqtt5.SubscribePacket | bytes") -> mqtt5.Packet:
        """Send a request and wait for its answer. Raises BrokerLost."""
        self._write(packet if isinstance(packet, bytes) else packet.write())
        answer, ended = asyncio.ensure_future(self._answered.get()), asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait({answer, ended}, timeout=ANSWER_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise BrokerLost(self.why if self.lost.is_set() else "the broker does not answer")
        finally:
            answer.cancel()
            ended.cancel()

    async def keep_alive(self) -> None:
        """Ping in time, and give the connection up when the broker has said nothing for two intervals (3.1.2.10)."""
        loop = asyncio.get_running_loop()
        self._heard_at = loop.time()
        while not self.lost.is_set():
            self._write(_PING)
            await asyncio.sleep(KEEP_ALIVE_S / 2)
            if loop.time() - self._heard_at > 2 * KEEP_ALIVE_S:
                self.end("the broker fell silent")

    def end(self, why: str, *, politely: bool = False) -> None:
        """Close the connection; the broker keeps a persistent session's messages for its next one."""
        if self._transport is not None and not self.lost.is_set():
            self.why = why
            if politely:
                self._write(mqtt5.DisconnectPacket().write())
                self._transport.close()
            else:
                self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed: whoever waits is told."""
        self.why = str(exc) if exc else self.why
        self.lost.set()
        self._arrived.set()

    def data_received(self, data: bytes) -> None:
        """Bytes came: read what packets are whole."""
        self._heard_at = asyncio.get_running_loop().time()
        data = self._unread + data if self._unread else data
        view, at, end = memoryview(data), 0, len(data)
        try:
            while at < end:
                packet, size = mqtt5.read(view[at:])
                at += size
                self._on_packet(packet)
        except IndexError:  # the rest of a packet is still under way
            pass
        except ValueError as error:
            self.end(f"the broker sent what is not MQTT: {error}")
        self._unread = data[at:]

    def _on_packet(self, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.PublishPacket):
            self._on_publish(packet)
        elif isinstance(packet, mqtt5.PubAckPacket):
            self._under_way.discard(packet.packet_id)
            self._send_outbox()
        elif isinstance(packet, mqtt5.DisconnectPacket):
            self.end(f"the broker said {packet.reason_code.name.lower()}")
        elif not isinstance(packet, mqtt5.PingRespPacket):
            self._answered.put_nowait(packet)

    def _on_publish(self, packet: mqtt5.PublishPacket) -> None:
        """Only QoS 1 is the contract's; and nothing else is bounded by the receive maximum (G5)."""
        if packet.packet_id is None:
            self.unacknowledgeable += 1
            return
        payload = packet.payload
        if len(payload) > _KEPT_PAYLOAD_BYTES:
            payload = payload[:_KEPT_PAYLOAD_BYTES]
        self._inbox.append(Delivery(packet.packet_id, packet.topic, payload))
        self._arrived.set()

    def _send_outbox(self) -> None:
        ready = []
        while self._outbox and len(self._under_way) < self._window:
            publication = self._outbox.popleft()
            packet_id = self._free_id() if publication.at_least_once else None
            ready.append(publication.packet(packet_id))
        self._write(b"".join(ready))

    def _free_id(self) -> int:
        while True:
            self._next_id = self._next_id % _LARGEST_ID + 1
            if self._next_id not in self._under_way:
                self._under_way.add(self._next_id)
                return self._next_id

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self.lost.is_set():
            self._transport.write(data)

    def accept(self, answer: mqtt5.Packet) -> None:
        """Take the broker's CONNACK for what it is. Raises BrokerLost."""
        if not isinstance(answer, mqtt5.ConnAckPacket):
            raise BrokerLost("the broker's first answer is no CONNACK")
        if answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            raise BrokerLost(f"the broker refuses: {answer.reason_code.name.lower()}")
        self._window = min(answer.receive_max, _OUTGOING_WINDOW)


@asynccontextmanager
async def connected(session: Session) -> "AsyncIterator[Connection]":
    """A connection for the time of the block; leaving it says goodbye. Raises BrokerLost."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            _, connection = await loop.create_connection(Connection, session.host, session.port)
    except (OSError, TimeoutError) as error:
        raise BrokerLost(f"no broker at {session.host}:{session.port}: {error}") from error
    pinging = None
    try:
        connection.accept(await connection.ask(session.connect))
        pinging = asyncio.create_task(connection.keep_alive(), name="keep-alive")
        yield connection
    finally:
        if pinging is not None:
            pinging.cancel()
        connection.end("this side left", politely=True)


async def subscribe(connection: Connection, filters: Iterable[str]) -> None:
    """Subscribe at QoS 1 without retained messages (3.8.3.1). Raises BrokerLost when any is refused."""
    wanted = [
        mqtt5.TopicFilter(one, max_qos=_AT_LEAST_ONCE, retain_handling=mqtt5.RetainHandling.SEND_NEVER)
        for one in filters
    ]
    answer = await connection.ask(mqtt5.SubscribePacket(1, wanted))
    granted = mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE
    if not isinstance(answer, mqtt5.SubAckPacket) or any(code != granted for code in answer.reason_codes):
        raise BrokerLost("the broker refuses the lane's subscription: run `hydroalert broker sync`")
