"""The gateway program against a real broker, with the least of a platform behind it (SPEC 6, 7, 9)."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from firmware_protocol.frames import LAST_WILL_SEQUENCE, Content, Header, receipts_topic, sign_frame, verify_frame
from firmware_protocol.gateway import main, parse_line
from firmware_protocol.senml import Reading

KEY = bytes(range(32))
FRAMES, STATUS = (f"hydroalert/v1/devices/gauge-1/{channel}" for channel in ("frames", "status"))


Message = tuple[str, Header, Any]


class Seen:
    """What the platform received, each as channel, header and body."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._changed = asyncio.Event()

    def add(self, message: Message) -> None:
        self.messages.append(message)
        self._changed.set()

    async def first(self, matches: Callable[[Any], bool]) -> Message:
        """The first message whose body matches, as soon as there is one."""
        while not (found := [message for message in self.messages if matches(message[2])]):
            self._changed.clear()
            await self._changed.wait()
        return found[0]


@asynccontextmanager
async def _broker(folder: Path, port: int) -> AsyncIterator[None]:
    configuration = folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = await asyncio.create_subprocess_exec("mosquitto", "-c", configuration, stderr=asyncio.subprocess.DEVNULL)
    try:
        await _until_it_answers(port)
        yield
    finally:
        process.terminate()
        await process.wait()


async def _until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    pytest.fail("mosquitto does not answer")


@asynccontextmanager
async def _platform(port: int, seen: Seen) -> AsyncIterator[None]:
    """Verifies what the device publishes, keeps it in ``seen``, and answers with receipts."""
    async with aiomqtt.Client("127.0.0.1", port, identifier="platform") as client:
        await client.subscribe(FRAMES, qos=1)
        await client.subscribe(STATUS, qos=1)
        listening = asyncio.create_task(_listen(client, seen))
        yield
        listening.cancel()


async def _listen(client: aiomqtt.Client, seen: Seen) -> None:
    async for message in client.messages:
        assert isinstance(message.payload, bytes)
        header, body = verify_frame(KEY, str(message.topic), message.payload)
        seen.add((str(message.topic).rpartition("/")[2], header, json.loads(body)))
        if header.flags:
            fields = {"boot": header.boot, "at": 1, "stored": [[header.sequence] * 2], "refused": []}
            receipt = Header(Content.RECEIPT, 0, header.key_id, header.boot, 0)
            signed = sign_frame(KEY, receipts_topic("gauge-1"), receipt, json.dumps(fields).encode())
            await client.publish(receipts_topic("gauge-1"), signed, qos=1)


async def _gateway(folder: Path, port: int, *more: str) -> asyncio.subprocess.Process:
    identity = {"device": "gauge-1", "key_id": 3, "key_hex": KEY.hex(), "mqtt_username": "u", "mqtt_password": "p"}
    (folder / "identity.json").write_text(json.dumps(identity))
    arguments: list[str | Path] = ["--identity", folder / "identity.json", "--broker", f"mqtt://127.0.0.1:{port}"]
    arguments += ["--spool", folder / "spool.db", *more]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "firmware_protocol.gateway", *arguments, stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def test_every_line_is_sent_and_forgotten_once_it_is_receipted(tmp_path: Path, unused_tcp_port: int) -> None:
    seen = Seen()
    async with _broker(tmp_path, unused_tcp_port), _platform(unused_tcp_port, seen):
        gateway = await _gateway(tmp_path, unused_tcp_port)
        await gateway.communicate(b"level 1.25 m 2025-11-28T06:30:00Z\nnonsense\nbattery 12.5 V 2025-11-28T06:30:01Z\n")
    records = [body[0] for channel, _, body in seen.messages if channel == "frames"]
    assert gateway.returncode == 0
    assert sorted(records, key=lambda record: record["t"]) == [
        {"n": "level", "u": "m", "t": 1764311400, "v": 1.25},
        {"n": "battery", "u": "V", "t": 1764311401, "v": 12.5},
    ]
    statuses = [body for channel, _, body in seen.messages if channel == "status"]
    assert [body["status"] for body in statuses] == ["online", "offline"]
    assert statuses[0]["session"] == statuses[1]["session"]


async def test_what_was_read_without_a_network_is_delivered_by_the_next_run(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    alone = await _gateway(tmp_path, unused_tcp_port, "--linger-s", "0")
    await alone.communicate(b"level 1.25 m 2025-11-28T06:30:00Z\nlevel 1.5 m 2025-11-28T06:35:00Z\n")
    assert alone.returncode == 1, "the exit code says that frames wait in the spool"
    seen = Seen()
    async with _broker(tmp_path, unused_tcp_port), _platform(unused_tcp_port, seen):
        connected = await _gateway(tmp_path, unused_tcp_port)
        await connected.communicate(b"")
    assert connected.returncode == 0
    assert [body[0]["v"] for channel, _, body in seen.messages if channel == "frames"] == [1.5, 1.25]


async def test_of_a_gateway_that_is_killed_the_broker_says_offline(tmp_path: Path, unused_tcp_port: int) -> None:
    seen = Seen()
    async with _broker(tmp_path, unused_tcp_port), _platform(unused_tcp_port, seen):
        gateway = await _gateway(tmp_path, unused_tcp_port)
        online = await seen.first(lambda body: body["status"] == "online")
        gateway.send_signal(signal.SIGKILL)
        await gateway.wait()
        offline = await seen.first(lambda body: body["status"] == "offline")
    assert offline[1].sequence == LAST_WILL_SEQUENCE
    assert offline[2]["session"] == online[2]["session"]


def test_a_line_says_code_value_unit_and_time() -> None:
    assert parse_line("level 1.253\n", 5) == Reading("level", 5, 1.253, None)
    assert parse_line(" level 1.253 m ", 5) == Reading("level", 5, 1.253, "m")
    assert parse_line("rain 2 mm 2025-11-28T12:00:00+05:30", 5) == Reading("rain", 1_764_311_400_000, 2.0, "mm")


@pytest.mark.parametrize("line", ["level", "level x", "level 1 m 2025-11-28T06:30:00", "level 1 m now", "a 1 b c d"])
def test_a_line_that_says_less_is_an_error_that_says_why(line: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_line(line, 5)


@pytest.mark.parametrize(
    ("identity", "broker", "says"),
    [
        ('{"device": "gauge-1"}', "mqtt://127.0.0.1", "device register --json"),
        ("[]", "mqtt://127.0.0.1", "device register --json"),
        ("{", "mqtt://127.0.0.1", "cannot start"),
        (None, "http://127.0.0.1", "mqtt://host:port"),
    ],
)
def test_a_gateway_that_cannot_start_says_what_to_do(
    identity: str | None, broker: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = {"device": "gauge-1", "key_id": 3, "key_hex": KEY.hex(), "mqtt_username": "u", "mqtt_password": "p"}
    (tmp_path / "identity.json").write_text(json.dumps(whole) if identity is None else identity)
    arguments = ["--identity", str(tmp_path / "identity.json"), "--broker", broker, "--spool", str(tmp_path / "spool")]
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
