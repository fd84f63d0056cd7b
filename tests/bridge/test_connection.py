"""One connection, against a broker that the test plays: what it acknowledges, what it bounds, when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import mqtt5
import pytest

from hydroalert.bridge.connection import MAX_OUTGOING, BrokerLost, Connection, connected, subscribe
from hydroalert.bridge.session import Publication, Session
from hydroalert.wire.frame import MAX_FRAME_BYTES

TOPIC = "hydroalert/v1/devices/gauge-1/frames"
PATIENCE_S = 10
PLENTY = 1_000_000


class Played:
    """A broker's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer, self._unread = reader, writer, b""

    async def hears(self) -> mqtt5.Packet:
        """The next packet but pings."""
        while True:
            try:
                packet, size = mqtt5.read(memoryview(self._unread))
            except IndexError:
                async with asyncio.timeout(PATIENCE_S):
                    more = await self._reader.read(65_536)
                assert more, "the connection was closed"
                self._unread += more
                continue
            self._unread = self._unread[size:]
            if not isinstance(packet, mqtt5.PingReqPacket):
                return packet

    def says(self, *packets: object) -> None:
        """Send packets, or raw bytes."""
        self.writer.write(b"".join(one if isinstance(one, bytes) else one.write() for one in packets))  # type: ignore[attr-defined]

    async def is_left(self) -> bool:
        """Whether the other end closes."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._reader.read(65_536):
                pass
        return True


@asynccontextmanager
async def playing(*first: object) -> AsyncIterator[tuple[Session, "asyncio.Queue[Played]"]]:
    """A broker on a free port, which answers each CONNECT with `first`."""
    arrived: asyncio.Queue[Played] = asyncio.Queue()
    everybody: list[Played] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        played = Played(reader, writer)
        everybody.append(played)
        assert isinstance(await played.hears(), mqtt5.ConnectPacket)
        played.says(*first)
        arrived.put_nowait(played)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    session = Session(f"mqtt://127.0.0.1:{port}", "_bridge", "secret", "lane", receive_maximum=10, persistent=True)
    try:
        yield session, arrived
    finally:
        server.close()
        for played in everybody:
            played.writer.close()
            with suppress(OSError):
                await played.writer.wait_closed()


@asynccontextmanager
async def meeting(**connack: object) -> AsyncIterator[tuple[Connection, Played]]:
    """A connection and its broker's end."""
    async with playing(mqtt5.ConnAckPacket(**connack)) as (session, arrived), connected(session) as connection:  # type: ignore[arg-type]
        played = await arrived.get()
        yield connection, played


def frame(packet_id: int, payload: bytes = b"frame") -> mqtt5.PublishPacket:
    """A frame on its way to a lane."""
    return mqtt5.PublishPacket(TOPIC, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id)


async def test_nothing_is_acknowledged_before_its_taker_says_so() -> None:
    async with meeting() as (connection, played):
        played.says(frame(1), frame(2))
        first, second = [*await connection.take(1, PLENTY), *await connection.take(1, PLENTY)]
        connection.acknowledge([second])
        answer = await played.hears()
        assert (first.payload, connection.waiting) == (b"frame", 0)
        assert isinstance(answer, mqtt5.PubAckPacket)
        assert answer.packet_id == 2


async def test_no_acknowledgement_crosses_a_reconnect() -> None:
    async with playing(mqtt5.ConnAckPacket()) as (session, arrived):
        async with connected(session) as former:
            played = await arrived.get()
            played.says(frame(7))
            taken = await former.take(1, PLENTY)
            played.writer.close()
            await former.lost.wait()
        async with connected(session) as later:
            played = await arrived.get()
            played.says(frame(7, b"another"))
            (fresh,) = await later.take(1, PLENTY)
            former.acknowledge(taken)
            later.publish([Publication("mark", b"")])
            mark = await played.hears()
        assert fresh.payload == b"another"
        assert isinstance(mark, mqtt5.PublishPacket), "the old acknowledgement named another frame"


async def test_of_an_oversized_payload_no_more_is_kept_than_tells_that_it_is_one() -> None:
    async with meeting() as (connection, played):
        played.says(frame(1, bytes(200_000)))
        (taken,) = await connection.take(1, PLENTY)
        assert len(taken.payload) == MAX_FRAME_BYTES + 1


async def test_packets_are_read_whole_however_the_network_cuts_them() -> None:
    async with meeting() as (connection, played):
        for byte in b"".join(frame(number, bytes([number]) * 50).write() for number in range(1, 5)):
            played.says(bytes([byte]))
            await played.writer.drain()
            await asyncio.sleep(0)
        taken: list[bytes] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(taken) < 4:
                taken += [one.payload for one in await connection.take(10, PLENTY)]
        assert taken == [bytes([number]) * 50 for number in range(1, 5)]


async def test_no_more_is_taken_at_once_than_the_bytes_that_were_asked_for() -> None:
    async with meeting() as (connection, played):
        played.says(*(frame(number, bytes(40)) for number in range(1, 6)))
        first = await connection.take(5, 1)
        async with asyncio.timeout(PATIENCE_S):
            while connection.waiting < 4:  # noqa: ASYNC110 - it sets no event
                await asyncio.sleep(0.005)
        assert [len(first), len(await connection.take(5, 81)), len(await connection.take(5, 80))] == [1, 3, 1]


async def test_what_came_at_most_once_is_dropped_and_counted() -> None:
    """The receive maximum does not bound it, and nothing acknowledges it: whoever publishes so floods nobody."""
    careless = mqtt5.PublishPacket(TOPIC, b"careless", qos=mqtt5.QoS.AT_MOST_ONCE)
    async with meeting() as (connection, played):
        played.says(careless, careless, frame(1))
        (only,) = await connection.take(10, PLENTY)
        assert (only.payload, connection.waiting, connection.unacknowledgeable) == (b"frame", 0, 2)


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 40, b"\xff" * 40, b"HTTP/1.1 400 Bad Request\r\n" * 6, b"\x30\xff\xff\xff\xff"]
)
async def test_garbage_ends_the_connection(garbage: bytes) -> None:
    async with meeting() as (connection, played):
        played.says(garbage)
        with pytest.raises(BrokerLost, match="ended"):
            async with asyncio.timeout(PATIENCE_S):
                await connection.take(1, PLENTY)
        assert await played.is_left()


async def test_who_waits_for_frames_is_told_when_the_broker_goes() -> None:
    async with meeting() as (connection, played):
        played.says(mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SERVER_SHUTTING_DOWN))
        with pytest.raises(BrokerLost, match="server_shutting_down"):
            async with asyncio.timeout(PATIENCE_S):
                await connection.take(1, PLENTY)


@pytest.mark.parametrize(
    "answer",
    [
        mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD),
        mqtt5.SubAckPacket(1, []),
        b"\x00" * 10,
    ],
    ids=["refusal", "another packet", "garbage"],
)
async def test_only_a_connack_of_success_lets_in(answer: object) -> None:
    async with playing(answer) as (session, _):
        with pytest.raises(BrokerLost):
            async with connected(session):
                pass


async def test_a_broker_that_is_not_there_is_lost(unused_tcp_port: int) -> None:
    session = Session(f"mqtt://127.0.0.1:{unused_tcp_port}", "_bridge", "", "lane", receive_maximum=1, persistent=True)
    with pytest.raises(BrokerLost, match="no broker at"):
        async with connected(session):
            pass


@pytest.mark.parametrize(
    "code", [mqtt5.SubAckReasonCode.NOT_AUTHORIZED, mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE]
)
async def test_a_subscription_that_is_not_granted_whole_is_none(code: mqtt5.SubAckReasonCode) -> None:
    async with meeting() as (connection, played):
        asking = asyncio.create_task(subscribe(connection, ["a", "b"]))
        assert isinstance(await played.hears(), mqtt5.SubscribePacket)
        played.says(mqtt5.SubAckPacket(1, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE, code]))
        with pytest.raises(BrokerLost, match="broker sync"):
            await asking


async def test_no_more_is_under_way_than_the_brokers_receive_maximum_allows() -> None:
    async with meeting(receive_max=2) as (connection, played):
        connection.publish(Publication("receipts", bytes([number]), at_least_once=True) for number in range(5))
        under_way = [await played.hears(), await played.hears()]
        connection.acknowledge([])
        played.says(mqtt5.PubAckPacket(under_way[1].packet_id))  # type: ignore[union-attr]
        third = await played.hears()
        assert [one.payload for one in (*under_way, third)] == [b"\0", b"\1", b"\2"]  # type: ignore[union-attr]
        assert third.packet_id != under_way[0].packet_id  # type: ignore[union-attr]


async def test_what_waits_for_the_broker_is_bounded_and_what_is_dropped_is_counted() -> None:
    async with meeting(receive_max=1) as (connection, played):
        assert played is not None
        connection.publish(Publication("receipts", b"", at_least_once=True) for _ in range(MAX_OUTGOING + 8))
        connection.publish([Publication("receipts", b"", at_least_once=True)] * 3)
        assert connection.dropped in (10, 11)
