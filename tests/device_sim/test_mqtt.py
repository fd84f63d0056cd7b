"""The lean MQTT client, against a real broker and against a line that dribbles."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import mqtt5
import pytest
from device_sim.mqtt import AT_LEAST_ONCE, Account, Broker, BrokerLost, BrokerRefused, Will, connect


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about in 10 s")


ACCOUNT = Account("one-client")
PACKETS = {"accept": mqtt5.ConnAckPacket(receive_max=2).write()}


async def test_every_publish_is_acknowledged_and_no_more_are_under_way_than_the_broker_takes(
    anyones_broker: int,
) -> None:
    connection = await connect(Broker("127.0.0.1", anyones_broker), ACCOUNT)
    settled: list[int] = []
    most, sent = 0, 0
    connection.on_settled = lambda number, refusal: settled.append(number)
    while len(settled) < 500:
        while sent < 500 and connection.room > 0:
            connection.publish("a/b", b"x")
            sent += 1
        most = max(most, connection.in_flight)
        await asyncio.sleep(0)
    assert most <= connection.receive_maximum == 20
    for _ in range(20):
        connection.publish("a/b", b"x")
    with pytest.raises(RuntimeError):
        connection.publish("a/b", b"x")
    connection.close()


async def test_what_one_client_publishes_another_receives_whole_and_in_order(anyones_broker: int) -> None:
    broker = Broker("127.0.0.1", anyones_broker)
    reader, writer = await connect(broker, Account("reader")), await connect(broker, Account("writer"))
    heard: list[bytes] = []
    reader.on_message = lambda topic, payload: heard.append(payload)
    await reader.subscribe("a/b")
    bodies = [bytes([number]) * size for number, size in enumerate((1, 127, 128, 4124, 70_000))]
    for body in bodies:
        writer.publish("a/b", body)
    await until(lambda: len(heard) == len(bodies))
    assert heard == bodies
    reader.close()
    writer.close()


@asynccontextmanager
async def dribbling(answer: bytes, port: int) -> AsyncIterator[None]:
    """A broker that sends its answer to CONNECT one byte at a time, then acknowledges packet 1 the same way."""
    served = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read(1000)
            for byte in answer + mqtt5.PubAckPacket(1).write():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.001)
            await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        served.set()

    async with await asyncio.start_server(handle, "127.0.0.1", port):
        yield
        await served.wait()


async def test_packets_that_come_byte_by_byte_are_read(unused_tcp_port: int) -> None:
    async with dribbling(PACKETS["accept"], unused_tcp_port):
        connection = await connect(Broker("127.0.0.1", unused_tcp_port), ACCOUNT)
        settled: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        connection.on_settled = lambda number, refusal: settled.set_result(number)
        assert connection.publish("a/b", b"x") == 1
        assert await asyncio.wait_for(settled, 5) == 1
        assert connection.receive_maximum == 2
        connection.close()


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (mqtt5.ConnAckReasonCode.NOT_AUTHORIZED, BrokerRefused),
        (mqtt5.ConnAckReasonCode.SERVER_BUSY, BrokerLost),
    ],
)
async def test_a_broker_that_says_no_for_good_is_told_from_one_that_is_busy(
    unused_tcp_port: int, reason: mqtt5.ConnAckReasonCode, error: type[Exception]
) -> None:
    async with dribbling(mqtt5.ConnAckPacket(reason_code=reason).write(), unused_tcp_port):
        with pytest.raises(error):
            await connect(Broker("127.0.0.1", unused_tcp_port), ACCOUNT)


async def test_nobody_there_is_a_lost_broker(unused_tcp_port: int) -> None:
    with pytest.raises(BrokerLost, match="cannot reach"):
        await connect(Broker("127.0.0.1", unused_tcp_port), ACCOUNT)


async def test_what_is_no_mqtt_ends_the_connection(unused_tcp_port: int) -> None:
    async with dribbling(b"\x00\xff\xff\xff\xff\xff\xff", unused_tcp_port):
        with pytest.raises(BrokerLost):
            await connect(Broker("127.0.0.1", unused_tcp_port), ACCOUNT)


async def test_a_client_that_vanishes_leaves_its_will_and_one_that_says_goodbye_does_not(anyones_broker: int) -> None:
    broker = Broker("127.0.0.1", anyones_broker)
    reader = await connect(broker, Account("reader"))
    heard: list[bytes] = []
    reader.on_message = lambda topic, payload: heard.append(payload)
    await reader.subscribe("wills")
    for name, leave in (("polite", "close"), ("dead", "drop")):
        mortal = await connect(broker, Account(name), Will("wills", payload=name.encode(), qos=AT_LEAST_ONCE))
        gone = asyncio.Event()
        mortal.on_lost = gone.set
        getattr(mortal, leave)()
        await gone.wait()
    await until(lambda: bool(heard))
    assert heard == [b"dead"]
    reader.close()


@pytest.mark.parametrize("url", ["127.0.0.1:1883", "http://x", "mqtt://"])
def test_an_address_that_is_no_brokers_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="mqtt://host:port"):
        Broker.parse(url)


async def test_what_a_kept_session_delivers_right_behind_connack_is_heard(anyones_broker: int) -> None:
    broker = Broker("127.0.0.1", anyones_broker)
    first, writer = await connect(broker, Account("sleeper")), await connect(broker, Account("writer"))
    await first.subscribe("a/b")
    first.drop()
    for number in range(15):
        writer.publish("a/b", bytes([number]))
    await until(lambda: writer.in_flight == 0)
    heard: list[bytes] = []
    second = await connect(broker, Account("sleeper"), None, lambda topic, payload: heard.append(payload))
    await until(lambda: len(heard) == 15)
    assert second.session_present
    writer.close()
    second.close()
