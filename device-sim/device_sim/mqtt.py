"""A lean MQTT 5 client for thousands of connections in one process: an asyncio protocol around the mqtt5 codec.

One object is one connection: it never reconnects by itself, so no acknowledgement crosses a reconnect.
Section numbers are of OASIS MQTT 5.0.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

import mqtt5

__all__ = ["AT_LEAST_ONCE", "Account", "Broker", "BrokerLost", "BrokerRefused", "Connection", "Will", "connect"]

KEEP_ALIVE_S: Final = 60
CONNECT_TIMEOUT_S: Final = 10.0
MOST_IN_FLIGHT: Final = 1024  # where the broker sets no lower receive maximum
SESSION_EXPIRY_S: Final = 3600  # a receipt is worth keeping for an hour (design 4.1)
_PINGREQ = mqtt5.PingReqPacket().write()
_PUBACK = 0x40
AT_LEAST_ONCE = mqtt5.QoS.AT_LEAST_ONCE

Will = mqtt5.Will


class BrokerLost(ConnectionError):
    """The broker cannot be reached, or the connection ended: try again later."""


class BrokerRefused(ConnectionError):
    """The broker said no, and will again: mend the account or the certificate."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker listens. ``tls`` is None on a plain listener."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @classmethod
    def parse(cls, url: str, ca: str | None = None) -> "Broker":
        """Read ``mqtt://host[:port]`` or ``mqtts://host[:port]``; ``ca`` is a PEM file to trust for the latter."""
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(f"a broker is mqtt://host:port or mqtts://host:port, not {url!r}")
        if parts.scheme == "mqtt":
            return cls(parts.hostname, parts.port or 1883)
        return cls(parts.hostname, parts.port or 8883, ssl.create_default_context(cafile=ca))


@dataclass(frozen=True, slots=True)
class Account:
    """Who connects. The client id is a secret: drawn once and kept (design 4.1)."""

    client_id: str
    username: str | None = None
    password: str | None = None


def _nothing(*_: object) -> None:
    """The callback of somebody who does not listen."""


OnMessage = Callable[[str, bytes], None]


class Connection(asyncio.Protocol):
    """One live connection. Callbacks run inside the event loop and must not block.

    ``on_message(topic, payload)``; ``on_settled(packet id, reason or None)`` when the broker took a publish
    (``success`` and ``no_matching_subscribers`` are None); ``on_lost()`` once, however it ended.
    """

    def __init__(self, on_message: OnMessage = _nothing) -> None:
        self.on_message = on_message
        self.on_settled: Callable[[int, str | None], None] = _nothing
        self.on_lost: Callable[[], None] = _nothing
        self.receive_maximum = 1
        self.session_present = False
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._granted: deque[asyncio.Future[None]] = deque()
        self._in_flight: set[int] = set()
        self._next_id = 0
        self._rest = b""
        self._transport: asyncio.Transport
        self._paused = False
        self._closed = False
        self._spoke = True
        self._ping: asyncio.TimerHandle | None = None

    @property
    def room(self) -> int:
        """How many more publishes the broker takes now (4.9 flow control)."""
        if self._closed or self._paused:
            return 0
        return self.receive_maximum - len(self._in_flight)

    @property
    def in_flight(self) -> int:
        """Publishes that the broker has not acknowledged."""
        return len(self._in_flight)

    @property
    def is_open(self) -> bool:
        """Whether publishes go anywhere."""
        return not self._closed

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Send one QoS 1 publish and give back its packet id. Ask :attr:`room` first: RuntimeError when full."""
        if self.room <= 0:
            raise RuntimeError("the broker's receive maximum is reached: wait for on_settled")
        packet_id = self._free_id()
        self._in_flight.add(packet_id)
        self._transport.write(
            mqtt5.PublishPacket(topic, payload, qos=AT_LEAST_ONCE, packet_id=packet_id, retain=retain).write()
        )
        self._spoke = True
        return packet_id

    async def subscribe(self, *topics: str) -> None:
        """Subscribe at QoS 1; BrokerRefused where one is not granted."""
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._granted.append(granted)
        filters = [mqtt5.TopicFilter(topic, max_qos=AT_LEAST_ONCE) for topic in topics]
        self._transport.write(mqtt5.SubscribePacket(self._free_id(), filters).write())
        await asyncio.wait_for(granted, CONNECT_TIMEOUT_S)

    def close(self) -> None:
        """Say goodbye (3.14); the last will is not published."""
        if not self._closed:
            self._transport.write(mqtt5.DisconnectPacket().write())
            self._transport.close()

    def drop(self) -> None:
        """Vanish as a device that loses power does: the broker publishes the last will."""
        if not self._closed:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    async def open(self, packet: mqtt5.ConnectPacket) -> None:
        """Send CONNECT and wait for its CONNACK; whatever else comes of it, no socket is left behind."""
        self._transport.write(packet.write())
        try:
            await self._connected
        except BaseException:
            self._transport.abort()
            raise

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.on_settled(0, None)  # no packet id is 0: only says that there is room again

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        if self._ping is not None:
            self._ping.cancel()
        lost = BrokerLost(f"the broker closed the connection{f': {exc}' if exc else ''}")
        for future in (self._connected, *self._granted):
            _fail(future, lost)
        self._granted.clear()
        self.on_lost()

    def data_received(self, data: bytes) -> None:
        buffer = self._rest + data if self._rest else data
        view, at, end = memoryview(buffer), 0, len(buffer)
        while at < end:
            if end - at >= 4 and buffer[at] == _PUBACK and buffer[at + 1] == 2:
                self._settle((buffer[at + 2] << 8) | buffer[at + 3], None)
                at += 4  # the commonest packet, read without an object (3.4: reason 0 may be left out)
                continue
            try:
                packet, size = mqtt5.read(view[at:])
            except IndexError:
                break
            except ValueError as error:
                self._transport.abort()
                _fail(self._connected, BrokerLost(f"the broker speaks no MQTT 5: {error}"))
                return
            at += size
            self._take(packet)
        self._rest = bytes(view[at:])

    def _take(self, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.PublishPacket):
            if packet.packet_id is not None:
                self._transport.write(mqtt5.PubAckPacket(packet.packet_id).write())
            self.on_message(packet.topic, packet.payload)
        elif isinstance(packet, mqtt5.PubAckPacket):
            self._settle(packet.packet_id, _failure(packet.reason_code))
        elif isinstance(packet, mqtt5.ConnAckPacket):
            self._welcome(packet)
        elif isinstance(packet, mqtt5.SubAckPacket):
            self._grant(packet)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            self._transport.abort()

    def _welcome(self, packet: mqtt5.ConnAckPacket) -> None:
        if packet.reason_code != 0:
            _fail(self._connected, _refusal(packet))
            self._transport.abort()
            return
        self.receive_maximum = min(packet.receive_max, MOST_IN_FLIGHT)
        self.session_present = packet.session_present
        self._keep_alive(packet.server_keep_alive or KEEP_ALIVE_S)
        if not self._connected.done():
            self._connected.set_result(None)

    def _grant(self, packet: mqtt5.SubAckPacket) -> None:
        granted = self._granted.popleft()
        refused = [said for said in map(_failure, packet.reason_codes) if said is not None]
        if refused:
            _fail(granted, BrokerRefused(f"the broker refused the subscription: {refused[0]}"))
        elif not granted.done():
            granted.set_result(None)

    def _settle(self, packet_id: int, refusal: str | None) -> None:
        self._in_flight.discard(packet_id)
        self.on_settled(packet_id, refusal)

    def _free_id(self) -> int:
        while True:
            self._next_id = self._next_id % 0xFFFF + 1  # 2.2.1: never 0
            if self._next_id not in self._in_flight:
                return self._next_id

    def _keep_alive(self, interval_s: float) -> None:
        """Ping where nothing was said for half the interval (3.1.2.10)."""
        if self._closed:
            return
        if not self._spoke:
            self._transport.write(_PINGREQ)
        self._spoke = False
        self._ping = asyncio.get_running_loop().call_later(interval_s / 2, self._keep_alive, interval_s)


async def connect(
    broker: Broker, account: Account, will: Will | None = None, on_message: OnMessage = _nothing
) -> Connection:
    """Open a connection with a session that outlives it. Raises BrokerLost or BrokerRefused.

    What a kept session holds comes right behind CONNACK, so ``on_message`` has to be there before it.
    """
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(on_message), broker.host, broker.port, ssl=broker.tls
            )
            await connection.open(_connect_packet(account, will))
    except ssl.SSLError as error:
        raise BrokerRefused(f"{broker.host}:{broker.port}: {error} (give the right --ca)") from error
    except TimeoutError:
        raise BrokerLost(f"no answer from {broker.host}:{broker.port} in {CONNECT_TIMEOUT_S:g} s") from None
    except (BrokerLost, BrokerRefused):
        raise
    except OSError as error:
        raise BrokerLost(f"cannot reach the broker at {broker.host}:{broker.port}: {error}") from error
    return connection


def _connect_packet(account: Account, will: Will | None) -> mqtt5.ConnectPacket:
    return mqtt5.ConnectPacket(
        account.client_id,
        username=account.username,
        password=None if account.password is None else account.password.encode(),
        clean_start=False,
        keep_alive=KEEP_ALIVE_S,
        session_expiry_interval=SESSION_EXPIRY_S,
        will=will,
    )


def _refusal(packet: mqtt5.ConnAckPacket) -> ConnectionError:
    said = _failure(packet.reason_code)
    kind = BrokerLost if said in {"server_busy", "server_unavailable"} else BrokerRefused
    return kind(f"the broker refused the connection: {said}")


def _failure(reason: mqtt5.ConnAckReasonCode | mqtt5.PubAckReasonCode | mqtt5.SubAckReasonCode) -> str | None:
    """The word of a reason code that says no (2.4: 128 and above); the codec's codes compare with nothing."""
    return reason.name.lower() if int(reason) >= 128 else None


def _fail(future: asyncio.Future[None], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # retrieved: nobody may be waiting any more
