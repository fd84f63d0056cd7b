"""The laws of a device without a socket (SPEC 6, 9 to 11)."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from firmware_protocol.device import Device, KeyRing, Options
from firmware_protocol.errors import FrameError
from firmware_protocol.frames import (
    FLAG_RECEIPT_WANTED,
    LAST_WILL_SEQUENCE,
    Content,
    Header,
    receipts_topic,
    sign_frame,
    verify_frame,
)
from firmware_protocol.memory_spool import MemorySpool
from firmware_protocol.senml import Reading
from firmware_protocol.store import SpoolStore

from tests.contract.spools import open_spool

NOW_MS = 1_764_311_400_000
OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def _device(spool: SpoolStore | None = None, **options: Any) -> Device:
    kept = MemorySpool(boot=7) if spool is None else spool
    return Device("gauge-1", KeyRing({1: OLD}, 1), kept, rng=random.Random(1), options=Options(**options))


def _measure(device: Device, count: int, first_ms: int = NOW_MS) -> None:
    for n in range(count):
        device.record([Reading("level", first_ms + n * 1000, 1.25, "m")])


def _receipt(key: bytes, key_id: int, stored: list[list[int]], *, boot: int = 7, at_ms: int = NOW_MS) -> bytes:
    body = json.dumps({"boot": boot, "at": at_ms, "stored": stored, "refused": []}).encode()
    return sign_frame(key, receipts_topic("gauge-1"), Header(Content.RECEIPT, 0, key_id, boot, 0), body)


def _opened(device: Device, payload: bytes, topic: str, key: bytes = OLD) -> tuple[Header, Any]:
    header, body = verify_frame(key, topic, payload)
    return header, json.loads(body)


def test_at_most_a_window_is_sent_and_every_receipt_makes_room_for_one_more() -> None:
    device = _device(window=4)
    _measure(device, 10)
    assert [len(device.publications(NOW_MS)) for _ in range(2)] == [4, 0]
    device.on_receipt(_receipt(OLD, 1, [[9, 9]]))
    assert len(device.publications(NOW_MS)) == 1
    assert len(device.spool) == 9


def test_a_new_reading_goes_out_at_once_before_the_backlog() -> None:
    device = _device(window=2)
    _measure(device, 10, NOW_MS - 86_400_000)
    device.publications(NOW_MS)
    _measure(device, 1)
    device.on_receipt(_receipt(OLD, 1, [[0, 9]]))
    sent = [verify_frame(OLD, device.frames_topic, p.payload)[0].sequence for p in device.publications(NOW_MS)]
    assert sent == [10, 7]


def test_a_new_reading_waits_a_minute_at_most_where_no_receipt_ever_comes() -> None:
    device = _device(window=2)
    _measure(device, 2, NOW_MS - 5000)
    for minute in range(60):
        device.publications(NOW_MS + minute * 60_000)
    hour_ms = NOW_MS + 3_600_000
    _measure(device, 1, hour_ms)
    sent = [
        verify_frame(OLD, device.frames_topic, p.payload)[0].sequence for p in device.publications(hour_ms + 60_000)
    ]
    assert sent[0] == 2


def test_a_resend_is_the_same_frame_to_the_byte() -> None:
    device = _device()
    _measure(device, 1)
    first = device.publications(NOW_MS)
    assert device.publications(NOW_MS + 80_000) == first


def test_a_resend_after_a_rotation_keeps_body_and_numbers_and_is_signed_with_the_new_key() -> None:
    device = _device()
    _measure(device, 1)
    old = verify_frame(OLD, device.frames_topic, device.publications(NOW_MS)[0].payload)
    device.keys = device.keys.rotated(2, NEW)
    new = verify_frame(NEW, device.frames_topic, device.publications(NOW_MS + 80_000)[0].payload)
    assert new[1] == old[1]
    assert (new[0].key_id, new[0].boot, new[0].sequence) == (2, old[0].boot, old[0].sequence)


@pytest.mark.parametrize(("key", "key_id"), [(OLD, 1), (NEW, 2)])
def test_in_the_middle_of_a_rotation_a_receipt_by_either_key_counts(key: bytes, key_id: int) -> None:
    device = _device()
    _measure(device, 1)
    device.publications(NOW_MS)
    device.keys = device.keys.rotated(2, NEW)
    device.publications(NOW_MS + 80_000)
    assert len(device.on_receipt(_receipt(key, key_id, [[0, 0]])).settlement) == 1


def test_a_receipt_by_the_new_key_does_not_count_for_what_only_the_old_one_signed() -> None:
    device = _device()
    _measure(device, 1)
    device.publications(NOW_MS)
    device.keys = device.keys.rotated(2, NEW)
    assert len(device.on_receipt(_receipt(NEW, 2, [[0, 0]])).settlement) == 0


def test_the_will_and_the_online_of_a_connection_name_one_session_and_the_next_another() -> None:
    device = _device()
    sessions = []
    for _ in range(2):
        will = _opened(device, device.last_will(NOW_MS).payload, device.status_topic)
        online = _opened(device, device.online(NOW_MS, uptime_s=5).payload, device.status_topic)
        assert will[1]["session"] == online[1]["session"]
        sessions.append(will[1]["session"])
    assert sessions == [(7 << 20) + 1, (7 << 20) + 2]


def test_the_will_is_retained_signed_before_connecting_and_takes_no_number() -> None:
    device = _device(firmware="1.2.3")
    will = device.last_will(NOW_MS)
    header, body = _opened(device, will.payload, device.status_topic)
    assert header == Header(Content.STATUS, 0, 1, 7, LAST_WILL_SEQUENCE)
    assert body == {"status": "offline", "session": (7 << 20) + 1, "at": NOW_MS, "firmware": "1.2.3"}
    assert will.retain
    assert device.spool.next_numbers() == (7, 0)


def test_a_spool_that_gave_frames_up_says_so_in_its_status(tmp_path: Path) -> None:
    spool = open_spool("memory", tmp_path)
    assert isinstance(spool, MemorySpool)
    spool.dropped = 3
    device = _device(spool)
    assert _opened(device, device.online(NOW_MS, uptime_s=0).payload, device.status_topic)[1]["dropped"] == 3


def test_the_answer_to_a_question_for_the_time_gives_it_within_half_the_round_trip() -> None:
    device = _device()
    header, _ = _opened(
        device, device.online(0, uptime_s=0, ask_time=True, monotonic_ms=500).payload, device.status_topic
    )
    assert header.flags == FLAG_RECEIPT_WANTED
    answer = device.on_receipt(_receipt(OLD, 1, [[0, 0]], at_ms=NOW_MS), monotonic_ms=900)
    assert (answer.platform_ms, answer.error_ms) == (NOW_MS + 200, 200)


@pytest.mark.parametrize(("arrival_ms", "is_time"), [(500, True), (10_500, True), (10_501, False), (499, False)])
def test_an_answer_that_took_too_long_sets_no_clock(arrival_ms: int, is_time: bool) -> None:
    device = _device()
    device.online(0, uptime_s=0, ask_time=True, monotonic_ms=500)
    answer = device.on_receipt(_receipt(OLD, 1, [[0, 0]]), monotonic_ms=arrival_ms)
    assert (answer.platform_ms is not None) is is_time


def test_a_receipt_that_is_replayed_sets_no_clock() -> None:
    device = _device()
    device.online(0, uptime_s=0, ask_time=True, monotonic_ms=0)
    captured = _receipt(OLD, 1, [[0, 0]])
    assert device.on_receipt(captured, monotonic_ms=10).platform_ms is not None
    device.online(0, uptime_s=0, ask_time=True, monotonic_ms=1000)
    assert device.on_receipt(captured, monotonic_ms=1010).platform_ms is None


def test_of_questions_for_the_time_only_the_latest_eight_are_remembered() -> None:
    device = _device()
    for asked_ms in range(9):
        device.online(0, uptime_s=0, ask_time=True, monotonic_ms=asked_ms)
    assert device.on_receipt(_receipt(OLD, 1, [[0, 0]]), monotonic_ms=10).platform_ms is None
    assert device.on_receipt(_receipt(OLD, 1, [[1, 1]]), monotonic_ms=10).platform_ms is not None


def test_a_receipt_for_readings_sets_no_clock() -> None:
    device = _device()
    _measure(device, 1)
    device.publications(NOW_MS)
    assert device.on_receipt(_receipt(OLD, 1, [[0, 0]])).platform_ms is None


@pytest.mark.parametrize("payload", [b"", b"\x01", bytes(40), b"\x01" * 4125, b'{"boot":7}'])
def test_junk_on_the_receipts_topic_is_dropped(payload: bytes) -> None:
    with pytest.raises(FrameError):
        _device().on_receipt(payload)


def test_keys_do_not_appear_where_a_device_is_logged() -> None:
    assert OLD.hex() not in repr(KeyRing({1: OLD}, 1))
    assert repr(OLD) not in repr(KeyRing({1: OLD}, 1))
