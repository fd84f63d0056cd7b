"""The way of a reading, seen from outside: signed into the broker, out again over HTTP and on the retained topic."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiomqtt
import mqtt5
from firmware_protocol.senml import Reading

from tests.journey._gauge import Gauge, now_ms, refused_of
from tests.journey._platform import Platform, wait_until


def _rfc3339(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03}Z"


async def test_a_signed_reading_is_stored_and_read_as_it_was_sent(platform: Platform) -> None:
    gauge = Gauge(platform)
    time_ms = now_ms()
    answers = await gauge.deliver(Reading("level", time_ms, 2.345, "m"))
    assert refused_of(answers) == []
    assert platform.observations(gauge.station) == [(_rfc3339(time_ms), 2.345)]


async def test_a_frame_that_arrives_again_adds_nothing_and_is_told_stored(platform: Platform) -> None:
    gauge = Gauge(platform)
    frame = gauge.frame(Reading("level", now_ms(), 1.5, "m"))
    async with gauge.connected() as client:
        for _ in range(5):
            await client.publish(gauge.device.frames_topic, frame, qos=1)
        async with asyncio.timeout(20):
            await anext(client.messages)
    assert len(platform.observations(gauge.station)) == 1


async def test_centimetres_are_stored_as_the_metres_of_the_datastream(platform: Platform) -> None:
    gauge = Gauge(platform)
    await gauge.deliver(Reading("level", now_ms(), 234.0, "cm"))
    assert [result for _, result in platform.observations(gauge.station)] == [2.34]


async def test_the_newest_value_is_retained_with_its_time_and_an_end(platform: Platform) -> None:
    gauge = Gauge(platform)
    time_ms = now_ms()
    await gauge.deliver(Reading("level", time_ms, 0.75, "m"), Reading("rainfall", time_ms, 3.0, "mm"))
    topic = f"hydroalert/v1/stations/{gauge.station}/latest"
    host, port = platform.mqtt.removeprefix("mqtt://").split(":")
    latest: dict[str, object] = {}
    while not latest:  # published within about a second of the commit
        async with aiomqtt.Client(host, int(port)) as anyone, asyncio.timeout(20):
            await anyone.subscribe(topic)
            message = await anext(anyone.messages)
            assert isinstance(message.payload, bytes)
            latest = json.loads(message.payload)
    assert latest["station"] == gauge.station
    assert latest["datastreams"] == {
        "level": {"time": _rfc3339(time_ms), "result": 0.75, "unit": "m", "quality": 2},
        "rainfall": {"time": _rfc3339(time_ms), "result": 3.0, "unit": "mm", "quality": 2},
    }
    assert datetime.fromisoformat(str(latest["valid_until"])) > datetime.now(UTC)


async def test_a_frame_posted_over_http_is_answered_with_its_signed_receipt(platform: Platform) -> None:
    gauge = Gauge(platform)
    (numbers,) = gauge.device.record([Reading("level", now_ms(), 4.0, "m")])
    (publication,) = gauge.device.publications(now_ms())
    answer = platform.post_frame(gauge.name, publication.payload)
    assert answer.status_code == 200, answer.text
    assert gauge.device.on_receipt(answer.content).settlement.stored == (numbers,)
    assert [result for _, result in platform.observations(gauge.station)] == [4.0]


def test_a_forged_frame_posted_over_http_learns_nothing(platform: Platform) -> None:
    gauge = Gauge(platform)
    forged = gauge.frame(Reading("level", now_ms(), 9.0, "m"), key=bytes(32))
    answers = [platform.post_frame(name, forged) for name in (gauge.name, "nobody-at-all")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() | {"instance": None} == answers[1].json() | {"instance": None}
    assert platform.observations(gauge.station) == []


def test_a_station_is_found_by_box_and_by_distance_and_drawn_as_geojson(platform: Platform) -> None:
    gauge = Gauge(platform)
    here = {"bbox": "80.09,6.89,80.11,6.91"}
    assert gauge.station in [one["code"] for one in platform.get("stations", **here)["stations"]]
    near = platform.get("stations", near="80.1001,6.9001", radius_m="100")["stations"]
    assert gauge.station in [one["code"] for one in near]
    far = platform.get("stations", near="0,0", radius_m="1000")["stations"]
    assert gauge.station not in [one["code"] for one in far]
    drawn = platform.read(f"stations?bbox={here['bbox']}", "application/geo+json").json()
    assert drawn["type"] == "FeatureCollection"
    assert [80.1, 6.9] in [feature["geometry"]["coordinates"] for feature in drawn["features"]]


async def test_a_series_is_read_as_csv_too(platform: Platform) -> None:
    gauge = Gauge(platform)
    time_ms = now_ms()
    await gauge.deliver(Reading("level", time_ms, 1.25, "m"))
    path = f"stations/{gauge.station}/datastreams/level/observations"
    lines = platform.read(path, "text/csv").text.splitlines()
    assert lines[0].split(",")[0] == "time"
    assert [line.split(",")[0] for line in lines[1:]] == [_rfc3339(time_ms)]
    assert "1.25" in lines[1].split(",")


async def test_a_device_is_shown_online_while_it_is_connected_and_offline_after_its_will(platform: Platform) -> None:
    gauge = Gauge(platform)

    def is_online() -> bool:
        devices = platform.get("devices", limit="1000")["devices"]
        return next(one["online"] for one in devices if one["device"] == gauge.name) is True

    async with _unplugged_at_the_end(gauge) as writer:
        online = gauge.device.online(now_ms(), uptime_s=1)
        packet = mqtt5.PublishPacket(
            online.topic, online.payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=1, retain=True
        )
        writer.write(packet.write())
        await asyncio.to_thread(wait_until, is_online)
    await asyncio.to_thread(wait_until, lambda: not is_online())


@asynccontextmanager
async def _unplugged_at_the_end(gauge: Gauge) -> AsyncIterator[asyncio.StreamWriter]:
    """A connection with the gauge's last will that ends without DISCONNECT, as in a power cut."""
    place = urlsplit(gauge.platform.mqtt)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    will = gauge.device.last_will(now_ms())
    packet = mqtt5.ConnectPacket(
        gauge.device.spool.client_id,
        username=gauge.registered["mqtt_username"],
        password=gauge.registered["mqtt_password"].encode(),
        will=mqtt5.Will(will.topic, payload=will.payload, qos=mqtt5.QoS.AT_LEAST_ONCE, retain=will.retain),
    )
    writer.write(packet.write())
    assert await reader.read(1) == b"\x20"  # CONNACK (3.2)
    try:
        yield writer
    finally:
        writer.transport.abort()
