"""The server agrees with the oracle on every message: no exception, no false acceptance, no good frame refused.

`python -m tests.fuzz --frames 1000000` runs the mutator for longer; HYDROALERT_FUZZ_EXAMPLES=20000 the grammar.
"""

import json
import os
import secrets
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.contract.vectors import VECTORS, collection
from tests.fuzz.comparing import KEYS, of_oracle, of_server
from tests.fuzz.grammar import as_cbor, as_json, packs
from tests.fuzz.oracle import Bad, Known, Series, Verdict, cbor_of, judge_body, sign
from tests.fuzz.running import run

FRAMES = 15_000
WORDS = set(json.loads((VECTORS / "schema.json").read_text())["$defs"]["word"]["enum"])
patient = settings(
    max_examples=int(os.environ.get("HYDROALERT_FUZZ_EXAMPLES", "600")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def test_the_server_agrees_with_the_oracle_on_mutated_frames_of_a_fixed_seed() -> None:
    assert set(run(FRAMES, 20261121).kinds) == WORDS | {"admitted"}


def test_the_server_agrees_with_the_oracle_on_mutated_frames_of_a_random_seed() -> None:
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}")
    assert run(FRAMES, seed).frames == FRAMES


def both(content: int, body: bytes) -> tuple[Verdict, Verdict]:
    """Server and oracle on a well signed body."""
    frame = sign(KEYS[0][0], "gauge-1", "frames", bytes([1, content, 1, 0, 0, 0, 0, 7, 0, 0, 0, 9]) + body[:4096])
    return of_server("gauge-1", "frames", frame), of_oracle("gauge-1", "frames", frame)


@patient
@given(packs, st.booleans(), st.booleans())
@example([{"n": "level", "t": 1764311400, "v": 1.25}], True, False)
def test_the_server_agrees_with_the_oracle_on_json_packs(pack: Any, compact: bool, escaped: bool) -> None:
    found, expected = both(0, as_json(pack, compact, escaped))
    assert found == expected


@patient
@given(packs, st.booleans())
@example([{"n": "level", "t": 1764311400, "v": 1.25}], True)
def test_the_server_agrees_with_the_oracle_on_cbor_packs(pack: Any, wide: bool) -> None:
    found, expected = both(1, as_cbor(pack, wide))
    assert found == expected


@patient
@given(st.binary(min_size=1, max_size=60), st.sampled_from([0, 1]))
def test_the_server_agrees_with_the_oracle_on_any_bytes(body: bytes, content: int) -> None:
    found, expected = both(content, body)
    assert found == expected


@pytest.mark.parametrize(("name", "content"), [("bodies_json", 0), ("bodies_cbor", 1)])
def test_the_oracle_itself_agrees_with_the_vectors(name: str, content: int) -> None:
    series = {
        code: [Series(number, one["unit"])]
        for number, (code, one) in enumerate(collection(name)["datastreams"].items())
    }
    device = Known({}, series)
    for case in collection(name)["cases"]:
        verdict = judge_body(device, content, bytes.fromhex(case["body"]), case["now_ms"], case["retention_ms"])
        expected = case["result"].get("records", [])
        assert verdict.reason == case["result"].get("refused"), case["id"]
        assert [row[1:] for row in verdict.rows] == [(o["time_ms"], o["value_hex"]) for o in expected if "code" in o]
        assert verdict.refused == [one["refused"] for one in expected if "refused" in one], case["id"]


def test_the_oracle_reads_nested_and_empty_containers() -> None:
    assert cbor_of(b"\x82\x80\xa1\x61a\xa0") == [[], {"a": {}}]
    with pytest.raises(Bad):
        cbor_of(b"\x80\x80")
