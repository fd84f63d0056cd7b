"""Laws of `POST /api/v1/frames/{device}`."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from firmware_protocol.frames import (
    MAX_FRAME_BYTES,
    Content,
    Header,
    frames_topic,
    parse_receipt,
    receipts_topic,
    sign_frame,
    status_topic,
    verify_frame,
)

from hydroalert.admission.service import Admission
from hydroalert.api.limiter import Limiter
from hydroalert.api.services import Services
from hydroalert.domain.registry import Device as Known
from hydroalert.store.devices import NewDatastream, NewDevice, register_device, revoke_device, rotate_key
from hydroalert.store.refused import KEPT_PER_DEVICE
from hydroalert.store.sealing import Sealer
from tests.api.conftest import MASTER_KEY
from tests.api.world import World

URL = "/api/v1/frames/avon-1"
SEALER = Sealer(MASTER_KEY)
OBSERVATIONS = "/api/v1/stations/avon/datastreams/level/observations"


@dataclass
class Device:
    """A registered device, its key, and how it signs."""

    key: bytes
    key_id: int = 0
    code: str = "avon-1"

    def sign(
        self, body: bytes, sequence: int = 0, *, content: int = 0, flags: int = 0, topic: str | None = None
    ) -> bytes:
        channel = status_topic(self.code) if content == Content.STATUS else frames_topic(self.code)
        return sign_frame(self.key, topic or channel, Header(content, flags, self.key_id, 7, sequence), body)

    def read(self, receipt: bytes) -> tuple[Header, dict[str, object]]:
        header, body = verify_frame(self.key, receipts_topic(self.code), receipt)
        parse_receipt(body)
        return header, json.loads(body)


def pack(*readings: tuple[datetime, float], name: str = "level") -> bytes:
    return json.dumps([{"n": name, "t": time.timestamp(), "v": value} for time, value in readings]).encode()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def admission_of(services: Services) -> Admission:
    assert isinstance(services.admission, Admission)
    return services.admission


@pytest.fixture
async def device(world: World, services: Services) -> Device:
    """A registered device that the api already knows."""
    await world.add_station("avon")
    async with world.connection.transaction():
        new = NewDevice("avon-1", "avon", (NewDatastream("level", "m"),))
        registered = await register_device(world.connection, SEALER, new, now())
    await until_known(services, "avon-1", lambda known: known is not None)
    return Device(bytes.fromhex(registered.key_hex))


async def until_known(services: Services, code: str, holds: Callable[[Known | None], bool]) -> None:
    """The registry is told of changes by the database: wait until it heard of this one."""
    async with asyncio.timeout(30):
        while not holds(admission_of(services).registry.get(code)):  # noqa: ASYNC110 - it has no event for this
            await asyncio.sleep(0.02)


async def test_a_good_frame_is_stored_and_its_answer_is_its_receipt(device: Device, client: httpx.AsyncClient) -> None:
    time = now()
    answer = await client.post(URL, content=device.sign(pack((time, 1.25), (time - timedelta(hours=1), 1.5)), 41))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    header, receipt = device.read(answer.content)
    assert (header.content, header.flags, header.key_id, header.boot, header.sequence) == (16, 0, 0, 7, 0)
    assert (receipt["boot"], receipt["stored"], receipt["refused"]) == (7, [[41, 41]], [])
    stored = (await client.get(OBSERVATIONS)).json()["observations"]
    assert [one["result"] for one in stored] == [1.5, 1.25]


async def test_a_replayed_frame_is_kept_once_and_answered_again(device: Device, client: httpx.AsyncClient) -> None:
    frame = device.sign(pack((now(), 1.25)), 3)
    for _ in range(3):
        answer = await client.post(URL, content=frame)
        assert device.read(answer.content)[1]["stored"] == [[3, 3]]
    assert len((await client.get(OBSERVATIONS)).json()["observations"]) == 1


async def test_a_refused_record_is_said_in_the_receipt(device: Device, client: httpx.AsyncClient) -> None:
    answer = await client.post(URL, content=device.sign(pack((now(), 1.0), name="flow"), 9))
    assert device.read(answer.content)[1]["refused"] == [[9, "unknown_datastream"]]
    answer = await client.post(URL, content=device.sign(b"no json", 10))
    assert device.read(answer.content)[1]["refused"] == [[10, "bad_body"]]


async def test_a_status_is_judged_under_the_status_topic(
    world: World, device: Device, client: httpx.AsyncClient
) -> None:
    at = int(now().timestamp() * 1000)
    body = json.dumps({"status": "online", "session": 5, "at": at, "firmware": "1.2", "uptime_s": 3}).encode()
    answer = await client.post(URL, content=device.sign(body, 1, content=Content.STATUS, flags=1))
    assert device.read(answer.content)[1]["stored"] == [[1, 1]]
    shown = (await client.get("/api/v1/devices/avon-1")).json()
    assert (shown["online"], shown["status"]["firmware"]) == (True, "1.2")
    moved = device.sign(body, 2, content=Content.STATUS, topic=frames_topic("avon-1"))
    assert (await client.post(URL, content=moved)).status_code == 401


async def test_whoever_is_not_proven_gets_one_and_the_same_answer_and_writes_nothing(
    world: World, device: Device, services: Services, client: httpx.AsyncClient
) -> None:
    good = device.sign(pack((now(), 1.0)))
    stranger, forged = Device(bytes(32)), Device(bytes(32)).sign(b"x")
    unknown_key = Device(device.key, key_id=9).sign(pack((now(), 1.0)))
    async with world.connection.transaction():
        new = NewDevice("avon-2", "avon", (NewDatastream("level_b", "m"),))
        revoked = await register_device(world.connection, SEALER, new, now())
        await revoke_device(world.connection, "avon-2", now())
    await until_known(services, "avon-2", lambda known: known is not None and known.revoked)
    second = Device(bytes.fromhex(revoked.key_hex), code="avon-2")
    answers = [
        await client.post(URL, content=forged),
        await client.post(URL, content=good[:-1] + bytes([good[-1] ^ 1])),
        await client.post(URL, content=unknown_key),
        await client.post("/api/v1/frames/nobody", content=stranger.sign(b"x")),
        await client.post("/api/v1/frames/no%00body%20AT%20ALL", content=stranger.sign(b"x")),
        await client.post("/api/v1/frames/avon-2", content=second.sign(pack((now(), 1.0), name="level_b"))),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    varying = {"x-request-id", "date"}
    heads = {tuple(sorted((k, v) for k, v in one.headers.items() if k not in varying)) for one in answers}
    assert len(heads) == 1
    for table in ("settlement", "refused_frame", "refusal_tally", "observation"):
        assert await world.connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    metrics = (await client.get("/metrics")).text
    assert 'hydroalert_http_frames_total{outcome="unknown_device"} 2.0' in metrics
    assert 'hydroalert_http_frames_total{outcome="bad_tag"} 2.0' in metrics


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "malformed"),
        (b"\x01", "malformed"),
        (b"\x01" + bytes(27), "malformed"),
        (b"\x02" + bytes(40), "unsupported_version"),
        (b"\x01\x63" + bytes(40), "unsupported_content"),
        (b"\x01\x00\x80" + bytes(40), "malformed"),
    ],
)
async def test_what_is_no_frame_and_not_proven_is_refused_with_its_word(
    device: Device, client: httpx.AsyncClient, frame: bytes, reason: str
) -> None:
    answer = await client.post(URL, content=frame)
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    assert answer.json()["type"] == "urn:hydroalert:problem:refused-frame"


async def test_the_largest_frame_is_taken_and_one_byte_more_is_not_read(
    device: Device, client: httpx.AsyncClient
) -> None:
    body = pack((now(), 1.0))
    largest = device.sign(body + b" " * (4096 - len(body)))
    assert len(largest) == MAX_FRAME_BYTES
    assert (await client.post(URL, content=largest)).status_code == 200
    answer = await client.post(URL, content=largest + b"\0")
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:hydroalert:problem:too-large")


async def test_a_body_without_an_announced_length_is_bounded_too(device: Device, client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 4096
            yield bytes(4096)
            await asyncio.sleep(0)

    try:
        answer = await client.post(URL, content=endless())
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # it closed the connection while the client was still sending
    assert sent < 50_000_000


async def test_a_refused_frame_that_cannot_be_kept_gets_no_receipt(
    world: World, device: Device, client: httpx.AsyncClient
) -> None:
    await world.connection.execute(
        "INSERT INTO refused_frame (device_id, channel, reason, authentic, tag, frame, received_at) "
        "SELECT device.id, 'frames', 'bad_body', true, int4send(number), ''::bytea, now() "
        "FROM device, generate_series(1, $1::int) AS number",
        KEPT_PER_DEVICE,
    )
    answer = await client.post(URL, content=device.sign(b"no json"))
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:hydroalert:problem:refused-frames-full"
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.post(URL, content=device.sign(pack((now(), 1.0)), 2))).status_code == 200


async def test_both_keys_are_good_while_they_overlap(
    world: World, device: Device, services: Services, client: httpx.AsyncClient
) -> None:
    async with world.connection.transaction():
        rotated = await rotate_key(world.connection, SEALER, "avon-1", now(), timedelta(hours=1))
    await until_known(services, "avon-1", lambda known: known is not None and len(known.keys) == 2)
    newer = Device(bytes.fromhex(rotated.key_hex), rotated.key_id)
    for sequence, signer in enumerate((device, newer)):
        answer = await client.post(URL, content=signer.sign(pack((now(), 1.0)), sequence))
        assert signer.read(answer.content)[0].key_id == signer.key_id
    keys = (await client.get("/api/v1/devices/avon-1")).json()["keys"]
    assert [(key["key_id"], key["expires_at"] is None) for key in keys] == [(0, False), (1, True)]
    assert device.key.hex() not in (await client.get("/api/v1/devices")).text


async def test_an_address_that_sends_too_often_is_told_when_to_come_back(
    device: Device, services: Services, client: httpx.AsyncClient
) -> None:
    object.__setattr__(services, "limiter", Limiter(rate_per_s=0.1, burst=2))
    answers = [await client.post(URL, content=b"") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 11


async def test_a_doubted_clock_or_a_database_that_is_away_takes_no_frame(
    device: Device, services: Services, client: httpx.AsyncClient
) -> None:
    admission = admission_of(services)
    admission.clock_is_good = False
    doubted = await client.post(URL, content=device.sign(pack((now(), 1.0))))
    admission.clock_is_good = True
    await admission._pool.close()
    away = await client.post(URL, content=device.sign(pack((now(), 1.0))))
    for answer in (doubted, away):
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:hydroalert:problem:unavailable")
        assert int(answer.headers["retry-after"]) > 0
