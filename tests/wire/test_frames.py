"""The layout and the tag of frames, judged by the vectors."""

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.domain.refusals import Reason
from hydroalert.wire.frame import Header, body_of, has_good_tag, header_fault, read_header, sign_frame, tag_of
from hydroalert.wire.topics import Channel, device_topic, split_device_topic
from tests.contract.vectors import cases, collection

KEY = bytes(range(32))
TOPIC = "hydroalert/v1/devices/gauge-1/frames"
LAYOUT_WORDS = ("unsupported_version", "malformed", "unsupported_content")

headers = st.builds(
    Header,
    content=st.sampled_from([0, 1, 2]),
    flags=st.sampled_from([0, 1]),
    key_id=st.integers(0, 255),
    boot=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**32 - 1),
)


def layout(case: dict[str, Any]) -> Header | Reason:
    """What the fixed part is judged to be."""
    header = read_header(bytes.fromhex(case["frame"]))
    return header if isinstance(header, Reason) else header_fault(header, Channel(case["channel"])) or header


def published(flag: str) -> list[Any]:
    """Cases on the channels that a device publishes on: a lane hears no others."""
    return [case for case in cases("frames", flag) if case.values[0]["channel"] in ("frames", "status")]  # type: ignore[index]


@pytest.mark.parametrize("case", [case for word in LAYOUT_WORDS for case in published(word)])
def test_a_fixed_part_is_refused_with_the_word_of_its_vector(case: dict[str, Any]) -> None:
    assert layout(case) == case["result"]["refused"]


@pytest.mark.parametrize("case", published("good"))
def test_a_good_frame_is_read_verified_and_signed_again_to_the_byte(case: dict[str, Any]) -> None:
    frame, topic = bytes.fromhex(case["frame"]), device_topic(case["device"], Channel(case["channel"]))
    header = Header(**case["result"]["header"])
    key = bytes.fromhex(collection("frames")["devices"][case["device"]]["keys"][str(header.key_id)]["hex"])
    assert layout(case) == header
    assert body_of(frame).hex() == case["result"]["body"]
    assert has_good_tag(key, topic, frame)
    assert sign_frame(key, topic, header, body_of(frame)) == frame


@given(headers, st.binary(min_size=1, max_size=200))
def test_what_is_signed_is_read_back_and_verifies(header: Header, body: bytes) -> None:
    frame = sign_frame(KEY, TOPIC, header, body)
    assert (read_header(frame), body_of(frame)) == (header, body)
    assert has_good_tag(KEY, TOPIC, frame)


@given(headers, st.binary(min_size=1, max_size=40), st.data())
def test_no_frame_verifies_with_any_one_bit_turned(header: Header, body: bytes, data: st.DataObject) -> None:
    frame = bytearray(sign_frame(KEY, TOPIC, header, body))
    bit = data.draw(st.integers(0, 8 * len(frame) - 1))
    frame[bit // 8] ^= 1 << bit % 8
    assert not has_good_tag(KEY, TOPIC, bytes(frame))


@pytest.mark.parametrize(
    "topic", [TOPIC[:-1], TOPIC + "\0", TOPIC.replace("-1", "-2"), TOPIC.replace("frames", "status")]
)
def test_a_frame_does_not_verify_on_another_topic(topic: str) -> None:
    assert not has_good_tag(KEY, topic, sign_frame(KEY, TOPIC, Header(0, 0, 0, 0, 0), b"[]"))


def test_the_tag_is_the_last_sixteen_bytes() -> None:
    frame = sign_frame(KEY, TOPIC, Header(0, 0, 0, 0, 0), b"[]")
    assert (len(tag_of(frame)), frame.endswith(tag_of(frame))) == (16, True)


@pytest.mark.parametrize(
    ("topic", "place"),
    [
        (TOPIC, ("gauge-1", Channel.FRAMES)),
        ("hydroalert/v1/devices/gauge-1/status", ("gauge-1", Channel.STATUS)),
        ("hydroalert/v1/devices/gauge-1/receipts", None),
        ("hydroalert/v1/devices/gauge-1/frames/more", None),
        ("hydroalert/v1/devices/frames", None),
        ("hydroalert/v2/devices/gauge-1/frames", None),
        ("", None),
    ],
)
def test_a_topic_names_its_device_and_channel_or_nothing(topic: str, place: tuple[str, Channel] | None) -> None:
    assert split_device_topic(topic) == place


@pytest.mark.parametrize("case", cases("hmac_rfc4231"))
def test_the_hmac_under_the_tag_is_that_of_rfc_4231(case: dict[str, Any]) -> None:
    expected = case["result"]["mac"]
    assert hmac.digest(bytes.fromhex(case["key"]), bytes.fromhex(case["data"]), "sha256").hex().startswith(expected)
