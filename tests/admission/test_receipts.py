"""Receipts answer what is settled and wanted an answer: one for each boot and key, none of them too long."""

import json
from typing import Any

from hydroalert.admission.decide import Arrival
from hydroalert.admission.receipts import receipts_for
from hydroalert.store import Connection
from hydroalert.wire.frame import body_of, has_good_tag, read_header
from tests.admission.conftest import Settle
from tests.admission.gauges import NOW_MS, Gauge

TOPIC = "hydroalert/v1/devices/gauge-1/receipts"


async def answers(settle: Settle, *arrivals: Arrival) -> list[tuple[str, dict[str, Any]]]:
    """(device, body) of each receipt."""
    receipts = receipts_for(await settle(arrivals), NOW_MS)
    return [(one.device, json.loads(body_of(one.frame))) for one in receipts]


async def test_stored_repeated_and_conflicting_frames_are_answered_as_stored(gauge: Gauge, settle: Settle) -> None:
    frame = gauge.levels((0, 1.0))
    ((device, body),) = await answers(settle, frame, frame, gauge.levels((0, 2.0)))
    assert (device, body) == ("gauge-1", {"boot": 7, "at": NOW_MS, "stored": [[0, 1]], "refused": []})


async def test_a_refused_frame_is_answered_with_its_first_reason(gauge: Gauge, settle: Settle) -> None:
    ((_, body),) = await answers(settle, gauge.frame(b"nonsense"), gauge.levels((0, 1.0)), gauge.levels((400, 1.0)))
    assert (body["stored"], body["refused"]) == ([[1, 1]], [[0, "bad_body"], [2, "time_in_future"]])


async def test_who_wants_no_receipt_gets_none(gauge: Gauge, settle: Settle) -> None:
    assert await answers(settle, gauge.levels((0, 1.0), wanted=False)) == []


async def test_without_a_good_tag_there_is_no_receipt(gauge: Gauge, settle: Settle) -> None:
    assert await answers(settle, Gauge(gauge.code, bytes(32)).levels((0, 1.0))) == []


async def test_each_boot_is_answered_apart_under_the_key_that_signed(gauge: Gauge, settle: Settle) -> None:
    first = gauge.levels((0, 1.0))
    gauge.boot = 8
    second = gauge.levels((60, 1.0))
    receipts = receipts_for(await settle([first, second]), NOW_MS)
    headers = [read_header(one.frame) for one in receipts]
    assert [(one.boot, one.key_id) for one in headers] == [(7, 0), (8, 0)]  # type: ignore[union-attr]
    assert all(has_good_tag(gauge.key, TOPIC, one.frame) for one in receipts)


async def test_many_scattered_sequences_are_split_and_all_answered(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    frames = []
    for step in range(300):
        gauge.sequence = 4_000_000_000 + 2 * step
        frames.append(gauge.levels((step, 1.0)))
    bodies = [body for _, body in await answers(settle, *frames)]
    assert len(bodies) > 1
    assert sorted(first for body in bodies for first, _ in body["stored"]) == [
        4_000_000_000 + 2 * step for step in range(300)
    ]
