"""The server's decisions, judged by the same vectors as firmware's."""

from typing import Any

import pytest

from hydroalert.admission.decide import Arrival, Decision, Rules, decide, decide_record
from hydroalert.domain.refusals import Reason
from hydroalert.domain.registry import Device, Key
from hydroalert.domain.units import divisor
from hydroalert.wire.frame import Header, body_of, sign_frame
from hydroalert.wire.senml import read_cbor, read_json
from hydroalert.wire.strict_json import BadBody
from hydroalert.wire.topics import Channel, device_topic
from tests.admission.registries import ALWAYS, datastreams_of, registry_of, spent_of
from tests.contract.vectors import cases, collection

MAX_AHEAD_MS = 300_000
BODIES = {"bodies_json": (0, read_json), "bodies_cbor": (1, read_cbor)}


def judged_frame(case: dict[str, Any]) -> Decision:
    file = collection("frames")
    now_ms = case.get("now_ms", file["now_ms"])
    rules = Rules(now_ms, now_ms - file["retention_ms"], now_ms + MAX_AHEAD_MS, spent_of(file["devices"]))
    arrival = Arrival(case["device"], Channel(case["channel"]), bytes.fromhex(case["frame"]))
    return decide(arrival, registry_of(file["devices"]), rules)


FRAME_CASES = [case for case in cases("frames") if case.values[0]["channel"] in ("frames", "status")]  # type: ignore[index]


@pytest.mark.parametrize("case", [case for case in FRAME_CASES if "good" not in case.values[0]["flags"]])  # type: ignore[index]
def test_a_frame_is_refused_with_the_word_of_its_vector(case: dict[str, Any]) -> None:
    assert judged_frame(case).reason == case["result"]["refused"]


@pytest.mark.parametrize("case", [case for case in FRAME_CASES if "good" in case.values[0]["flags"]])  # type: ignore[index]
def test_a_good_frame_reaches_its_body(case: dict[str, Any]) -> None:
    decision = judged_frame(case)
    assert decision.authentic
    assert decision.reason in (None, Reason.BAD_BODY)
    assert decision.header == Header(**case["result"]["header"])
    assert body_of(decision.arrival.frame).hex() == case["result"]["body"]


def device_for(name: str) -> Device:
    """One device that fills every datastream of a bodies file."""
    key = Key(bytes(32), ALWAYS[1])
    return Device(1, "gauge-1", "station", False, 1000, {0: key}, datastreams_of(collection(name)["datastreams"]))


def rules_of(case: dict[str, Any], name: str) -> Rules:
    file = collection(name)
    now_ms, retention_ms = (case.get(key, file.get(key)) for key in ("now_ms", "retention_ms"))
    return Rules(now_ms, now_ms - retention_ms, now_ms + MAX_AHEAD_MS)


def judged_body(name: str, case: dict[str, Any]) -> dict[str, Any]:
    """What admission makes of a body, in the words of the vectors."""
    device, body = device_for(name), bytes.fromhex(case["body"])
    try:
        records = BODIES[name][1](body)
    except BadBody:
        return {"refused": "bad_body"}
    codes = {series[0].id: (code, series[0].unit) for code, series in device.datastreams.items()}
    decided = [decide_record(record, device, rules_of(case, name)) for record in records]
    return {
        "records": [
            {"refused": one.value}
            if isinstance(one, Reason)
            else {
                "code": codes[one.datastream_id][0],
                "time_ms": one.time_ms,
                "value": one.result,
                "value_hex": one.result.hex(),
                "unit": codes[one.datastream_id][1],
            }
            for one in decided
        ]
    }


@pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(name, case.values[0], id=f"{name}-{case.id}") for name in BODIES for case in cases(name)],
)
def test_a_body_becomes_what_its_vector_says_record_by_record(name: str, case: dict[str, Any]) -> None:
    assert judged_body(name, case) == case["result"]


@pytest.mark.parametrize("name", BODIES)
def test_a_signed_body_is_decided_as_its_records_are(name: str) -> None:
    device, content = device_for(name), BODIES[name][0]
    topic = device_topic("gauge-1", Channel.FRAMES)
    for case in collection(name)["cases"]:
        body = bytes.fromhex(case["body"])
        if not 0 < len(body) <= 4096:
            continue
        frame = sign_frame(bytes(32), topic, Header(content, 0, 0, 1, 2), body)
        decision = decide(Arrival("gauge-1", Channel.FRAMES, frame), {"gauge-1": device}, rules_of(case, name))
        expected = case["result"].get("records", [])
        assert decision.reason == case["result"].get("refused"), case["id"]
        assert [row.result.hex() for row in decision.rows] == [one["value_hex"] for one in expected if "code" in one]
        assert [*decision.refused] == [one["refused"] for one in expected if "refused" in one], case["id"]


@pytest.mark.parametrize("case", cases("units"))
def test_a_unit_converts_by_one_division_or_is_wrong(case: dict[str, Any]) -> None:
    factor = divisor(case["given"], case["own"])
    if factor is None:
        assert case["result"] == {"refused": "wrong_unit"}
    else:
        assert (float.fromhex(case["value_hex"]) / factor).hex() == case["result"]["value_hex"]
