"""The Python device library, judged by the vectors."""

import contextlib
import hmac
import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from firmware_protocol.device import Device, KeyRing
from firmware_protocol.errors import FrameError, PackError
from firmware_protocol.frames import Header, parse_receipt, sign_frame, verify_frame
from firmware_protocol.senml import MAX_RECORDS, Reading, encode_pack, split_packs
from firmware_protocol.store import SpoolStore
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.cbor_reader import read_cbor
from tests.contract.spools import both_kinds, continue_at, open_spool
from tests.contract.vectors import cases, collection

NOW_MS = 1_764_311_400_000


@pytest.mark.parametrize("case", cases("hmac_rfc4231"))
def test_the_hmac_under_it_is_that_of_rfc_4231(case: dict[str, Any]) -> None:
    expected = case["result"]["mac"]
    mac = hmac.digest(bytes.fromhex(case["key"]), bytes.fromhex(case["data"]), "sha256")
    assert mac.hex()[: len(expected)] == expected


def _key(case: dict[str, Any]) -> bytes:
    frame = bytes.fromhex(case["frame"])
    keys = collection("frames")["devices"]["gauge-1"]["keys"]
    return bytes.fromhex(keys.get(str(frame[3]) if len(frame) > 3 else "1", keys["1"])["hex"])


def _topic(case: dict[str, Any]) -> str:
    return f"hydroalert/v1/devices/{case['device']}/{case['channel']}"


@pytest.mark.parametrize("case", cases("frames", "good"))
def test_it_signs_a_good_frame_to_the_byte(case: dict[str, Any]) -> None:
    header = Header(**case["result"]["header"])
    body = bytes.fromhex(case["result"]["body"])
    assert sign_frame(_key(case), _topic(case), header, body).hex() == case["frame"]


@pytest.mark.parametrize("case", cases("frames", "good"))
def test_it_opens_a_good_frame(case: dict[str, Any]) -> None:
    header, body = verify_frame(_key(case), _topic(case), bytes.fromhex(case["frame"]))
    assert (header, body.hex()) == (Header(**case["result"]["header"]), case["result"]["body"])


@pytest.mark.parametrize(
    "case", [*cases("frames", "unsupported_version"), *cases("frames", "malformed"), *cases("frames", "bad_tag")]
)
def test_it_refuses_a_bad_frame_for_the_same_reason(case: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as refusal:
        verify_frame(_key(case), _topic(case), bytes.fromhex(case["frame"]))
    assert refusal.value.reason == case["result"]["refused"]


@both_kinds
@pytest.mark.parametrize("case", cases("receipts"))
def test_it_settles_what_a_receipt_answers_and_drops_what_is_none(
    case: dict[str, Any], kind: str, tmp_path: Path
) -> None:
    spool = open_spool(kind, tmp_path)
    before = _fill(spool)
    keys = {int(key_id): bytes.fromhex(key) for key_id, key in collection("receipts")["keys"].items()}
    device = Device(collection("receipts")["device"], KeyRing(keys, 1), spool, rng=random.Random(1))
    answer = _answer(device, bytes.fromhex(case["frame"]))
    assert answer == case["result"]
    assert len(spool) == before - len(answer.get("stored", ())) - ("stored" in answer and len(answer["refused"]))
    spool.close()


def _answer(device: Device, message: bytes) -> dict[str, Any]:
    try:
        settlement = device.on_receipt(message).settlement
    except FrameError as drop:
        return {"refused": drop.reason}
    refused = [[*numbers, reason] for numbers, reason in settlement.refused]
    return {"stored": [list(numbers) for numbers in settlement.stored], "refused": refused}


def _fill(spool: SpoolStore) -> int:
    for frame in collection("receipts")["spool"]:
        continue_at(spool, frame["boot"], frame["sequence"])  # type: ignore[arg-type]
        numbers = spool.append(b"[]", 0, NOW_MS)
        for key_id in frame["key_ids"]:
            spool.mark_sent(numbers, key_id, NOW_MS, NOW_MS + 60_000)
    return len(spool)


readings = st.builds(
    Reading,
    code=st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True),
    time_ms=st.integers(2**28 * 1000, 2**41),
    value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
    unit=st.none() | st.sampled_from(["m", "cm", "m3/s", "μm"]),
)


@given(st.lists(readings, min_size=1, max_size=40), st.booleans(), st.booleans())
def test_a_pack_says_exactly_the_readings_that_went_in(
    given_readings: list[Reading], compact: bool, cbor: bool
) -> None:
    body = encode_pack(given_readings, compact=compact, cbor=cbor)
    assert _read(body, cbor=cbor) == given_readings


@settings(max_examples=40)
@given(st.lists(readings, min_size=1, max_size=5), st.integers(1, 1200), st.booleans())
def test_packs_fit_a_frame_and_hold_every_reading_in_order(some: list[Reading], count: int, cbor: bool) -> None:
    given_readings = [some[n % len(some)] for n in range(count)]
    packs = list(split_packs(given_readings, cbor=cbor))
    assert [reading for _, packed in packs for reading in packed] == given_readings
    for body, packed in packs:
        assert len(body) <= 4096
        assert len(packed) <= MAX_RECORDS
        assert _read(body, cbor=cbor) == list(packed)


def _read(body: bytes, *, cbor: bool) -> list[Reading]:
    """A reader of its own, after RFC 8428 and SPEC 5.5."""
    names = {-2: "bn", -3: "bt", -4: "bu", 0: "n", 1: "u", 2: "v", 6: "t"}
    pack = [{names[k]: v for k, v in r.items()} for r in read_cbor(body)] if cbor else json.loads(body.decode())
    base: dict[str, Any] = {"bn": "", "bt": 0, "bu": None}
    found = []
    for record in pack:
        base |= {name: record[name] for name in base if name in record}
        time_ms = math.floor(1000.0 * (float(base["bt"]) + record.get("t", 0)) + 0.5)
        unit = record.get("u", base["bu"])
        found.append(Reading(base["bn"] + record.get("n", ""), time_ms, record["v"], unit))
    return found


@pytest.mark.parametrize(
    "reading",
    [
        Reading("Level", NOW_MS, 1.0),
        Reading("", NOW_MS, 1.0),
        Reading("a" * 33, NOW_MS, 1.0),
        Reading("level", 2**28 * 1000 - 1, 1.0),
        Reading("level", NOW_MS, math.nan),
        Reading("level", NOW_MS, math.inf),
        Reading("level", NOW_MS, 1.0, ""),
        Reading("level", 2**60 + 1, 1.0),
    ],
)
def test_no_reading_is_packed_that_would_be_refused(reading: Reading) -> None:
    with pytest.raises(PackError):
        encode_pack([reading])


@pytest.mark.parametrize("size", [0, 513])
def test_a_pack_holds_1_to_512_readings(size: int) -> None:
    with pytest.raises(PackError):
        encode_pack([Reading("a", NOW_MS, 1.0)] * size)


@pytest.mark.parametrize(
    ("header", "body", "key"),
    [
        (Header(0, 0, 0, 0, 0), b"", bytes(32)),
        (Header(0, 0, 0, 0, 0), bytes(4097), bytes(32)),
        (Header(0, 2, 0, 0, 0), b"x", bytes(32)),
        (Header(256, 0, 0, 0, 0), b"x", bytes(32)),
        (Header(0, 0, 0, 2**32, 0), b"x", bytes(32)),
        (Header(0, 0, 0, 0, -1), b"x", bytes(32)),
        (Header(0, 0, 0, 0, 0), b"x", bytes(31)),
    ],
)
def test_no_frame_is_signed_that_would_be_refused(header: Header, body: bytes, key: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        sign_frame(key, "t", header, body)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_receipt_or_a_frame_error(body: bytes) -> None:
    with contextlib.suppress(FrameError):
        parse_receipt(body)
