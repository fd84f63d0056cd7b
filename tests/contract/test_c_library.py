"""The C99 library, built with the sanitizers, judged by the vectors and against the Python one."""

import math
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from firmware_protocol.frames import FrameError, Header, parse_receipt, receipts_topic, sign_frame, status_topic

from tests.contract.vectors import VECTORS, cases, collection

C = VECTORS.parent / "c"
Answer = Callable[..., str]


def _built(folder: Path, *variables: str) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler: install gcc and libc6-dev")
    target = folder / "test_vectors"
    build = subprocess.run(
        ["make", "-C", C, "-s", f"OUT={folder}", target, *variables], capture_output=True, text=True, check=False
    )
    assert build.returncode == 0, build.stderr
    return target


def _asking(program: Path) -> Iterator[Answer]:
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        to_program, from_program = process.stdin, process.stdout

        def ask(*words: object) -> str:
            to_program.write(" ".join(str(word) or "-" for word in words) + "\n")
            to_program.flush()
            answered = from_program.readline()
            assert answered, "the library stopped: see the sanitizer's report on standard error"
            return answered.rstrip("\n")

        yield ask
        to_program.close()
        assert process.wait(10) == 0, "the sanitizers found something at the end"


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """Ask the host test one line, get one line."""
    yield from _asking(_built(tmp_path_factory.mktemp("c")))


@pytest.mark.parametrize("case", cases("hmac_rfc4231"))
def test_its_hmac_is_that_of_rfc_4231(ask: Answer, case: dict[str, Any]) -> None:
    expected = case["result"]["mac"]
    assert ask("hmac", case["key"], case["data"])[: len(expected)] == expected


@pytest.mark.parametrize("case", cases("frames", "good"))
def test_it_signs_a_good_frame_to_the_byte(ask: Answer, case: dict[str, Any]) -> None:
    header = case["result"]["header"]
    signed = ask("sign", case["device"], case["channel"], _key(case), *header.values(), case["result"]["body"])
    assert signed == case["frame"]


@pytest.mark.parametrize("case", cases("frames"))
def test_it_opens_a_good_frame_and_refuses_a_bad_one_for_the_same_reason(ask: Answer, case: dict[str, Any]) -> None:
    opened = ask("open", case["device"], case["channel"], _key(case), case["frame"])
    assert opened == _as_key_holder(case["result"], opened)


def _as_key_holder(result: dict[str, Any], opened: str) -> str:
    """What is expected of one who has the key, and judges neither devices nor channels nor quotas."""
    if "header" in result:
        return " ".join(map(str, [*result["header"].values(), result["body"]]))
    if result["refused"] in ("unsupported_version", "malformed", "bad_tag"):
        return str(result["refused"])
    return opened


def _key(case: dict[str, Any]) -> str:
    frame = bytes.fromhex(case["frame"])
    keys = collection("frames")["devices"]["gauge-1"]["keys"]
    key_id = str(frame[3]) if len(frame) > 3 else "1"
    return str(keys.get(key_id, keys["1"])["hex"])


@pytest.mark.parametrize("case", cases("receipts"))
def test_it_settles_what_a_receipt_answers_and_drops_what_is_none(ask: Answer, case: dict[str, Any]) -> None:
    receipts = collection("receipts")
    key_id = ask("header", case["frame"] or "-")
    if key_id.isdigit() and key_id not in receipts["keys"]:
        assert case["result"] == {"refused": "unknown_key"}
        return
    key = receipts["keys"].get(key_id, receipts["keys"]["1"])
    answered = ask("receipt", receipts["device"], key, case["frame"] or "-")
    assert _pruned(answered, key_id, receipts["spool"]) == case["result"]


def _pruned(answered: str, key_id: str, spool: list[dict[str, Any]]) -> dict[str, Any]:
    words = answered.split()
    if len(words) == 1:
        return {"refused": words[0]}
    boot, items = int(words[0]), words[2:]
    sent = {f["sequence"] for f in spool if f["boot"] == boot and int(key_id) in f["key_ids"]}
    ranges = [(int(items[i + 1]), int(items[i + 2])) for i in range(0, len(items), 3) if items[i] == "stored"]
    refusals = [(int(items[i + 1]), items[i + 2]) for i in range(0, len(items), 3) if items[i] == "refused"]
    stored = sorted(n for n in sent if any(first <= n <= last for first, last in ranges))
    refused = [[boot, n, word] for n, word in refusals if n in sent and n not in stored]
    return {"stored": [[boot, n] for n in stored], "refused": refused}


def test_its_frames_are_byte_identical_to_pythons(ask: Answer) -> None:
    dice = random.Random(4231)
    for _ in range(300):
        header = Header(2, dice.getrandbits(1), dice.getrandbits(8), dice.getrandbits(32), dice.getrandbits(32))
        body, key = dice.randbytes(dice.randint(1, 4096)), dice.randbytes(32)
        numbers = (header.content, header.flags, header.key_id, header.boot, header.sequence)
        signed = ask("sign", "gauge-1", "status", key.hex(), *numbers, body.hex())
        assert signed == sign_frame(key, status_topic("gauge-1"), header, body).hex()


@pytest.mark.parametrize("device", ["-a", "A", "a_b", "a/b", "a" * 64, "a+", "é"])
def test_it_signs_for_no_device_code_that_the_contract_does_not_allow(ask: Answer, device: str) -> None:
    assert ask("sign", device, "frames", "00" * 32, 0, 0, 0, 0, 0, "5b5d") == "bad_argument"


def test_its_packs_say_decimals_and_times_exactly(ask: Answer) -> None:
    rows = [
        ("level", "m", 1764311400123, 1253, 3),
        ("battery", "-", 1764311400000, -5, 2),
        ("a", "cm", 268435456000, -(2**63), 0),
        ("flow", "m3/s", 1764311400999, 2**63 - 1, 9),
        ("rainfall", "mm", 1764311400001, 0, 1),
    ]
    body, records = ask("pack", 4096, *(word for row in rows for word in row)).split()
    assert records == "5"
    assert bytes.fromhex(body).decode() == (
        '[{"n":"level","u":"m","t":1764311400.123,"v":1.253},{"n":"battery","t":1764311400.000,"v":-0.05},'
        '{"n":"a","u":"cm","t":268435456.000,"v":-9223372036854775808},'
        '{"n":"flow","u":"m3/s","t":1764311400.999,"v":9223372036.854775807},'
        '{"n":"rainfall","u":"mm","t":1764311400.001,"v":0.0}]'
    )


def test_its_times_come_back_to_the_millisecond(ask: Answer) -> None:
    dice = random.Random(28)
    for _ in range(500):
        time_ms = dice.randint(2**28 * 1000, 2**42)
        body = bytes.fromhex(ask("pack", 100, "a", "-", time_ms, 0, 0).split()[0]).decode()
        seconds = float(body.split('"t":')[1].split(",")[0])
        assert math.floor(1000.0 * seconds + 0.5) == time_ms


@pytest.mark.parametrize("room", range(120))
def test_a_pack_that_is_full_stays_as_it_was(ask: Answer, room: int) -> None:
    one = ("level", "m", 1764311400123, 1253, 3)
    body, records = ask("pack", room, *one, *one).split()
    whole = '{"n":"level","u":"m","t":1764311400.123,"v":1.253}'
    fit = min(2, (room - 1) // (len(whole) + 1)) if room else 0
    expected = f"[{','.join([whole] * fit)}]" if fit else ""
    assert (bytes.fromhex(body.strip("-")).decode(), records) == (expected, str(fit))


@pytest.mark.parametrize(
    "row",
    [
        ("Level", "m", 1764311400000, 1, 0),
        ("1a", "m", 1764311400000, 1, 0),
        ("a" * 33, "m", 1764311400000, 1, 0),
        ("level", 'm"', 1764311400000, 1, 0),
        ("level", "m\\", 1764311400000, 1, 0),
        ("level", "m", 2**28 * 1000 - 1, 1, 0),
        ("level", "m", 2**53, 1, 0),
        ("level", "m", 1764311400000, 1, 10),
    ],
)
def test_it_writes_no_record_that_would_be_refused(ask: Answer, row: tuple[object, ...]) -> None:
    assert ask("pack", 4096, *row) == "bad_argument"


def test_its_status_is_the_one_of_the_contract(ask: Answer) -> None:
    body = bytes.fromhex(ask("status", 200, 1, 7, 1764311400000, "1.2.3", 86400)).decode()
    assert body == '{"status":"online","session":7,"at":1764311400000,"firmware":"1.2.3","uptime_s":86400}'
    assert ask("status", len(body) - 1, 1, 7, 1764311400000, "1.2.3", 86400) == "no_room"


_PIECES = [
    *(b'"', b"[", b"]", b"{", b"}", b",", b":", b" ", b"\n", b"\x00", b"\\u0000", b"\\ud83d"),
    *(b"\xc3\xa9", b"\xff", b"\xed\xa0\x80", b"null", b'"boot":7,', b'"at":'),
    *(b"1e5", b"-0", b".5", b"01", b"4294967295", b"4294967296"),
]


def test_mutated_receipts_are_read_alike_by_c_and_python(ask: Answer) -> None:
    dice = random.Random(7)
    receipts = collection("receipts")
    bodies = [bytes.fromhex(case["frame"])[12:-16] for case in receipts["cases"] if "good" in case["flags"]]
    key = bytes.fromhex(receipts["keys"]["1"])
    for _ in range(3000):
        body = _mutated(dice.choice(bodies), dice)
        expected, boot = _as_python_reads(body)
        frame = sign_frame(key, receipts_topic("gauge-1"), Header(16, 0, 1, boot, 0), body)
        answered = ask("receipt", "gauge-1", key.hex(), frame.hex())
        assert answered.partition(" refused ")[0] == expected, body


def _mutated(body: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randint(0, 2)):
        at, gone = dice.randrange(len(body)), dice.choice([0, 0, 1, 2, 5])
        body = body[:at] + dice.choice([*_PIECES, b""]) + body[at + gone :]
    return body[:4096] or b"x"


def _as_python_reads(body: bytes) -> tuple[str, int]:
    try:
        receipt = parse_receipt(body)
    except FrameError as error:
        return error.reason, 7
    ranges = "".join(f" stored {first} {last}" for first, last in receipt.stored)
    return f"{receipt.boot} {receipt.at_ms}{ranges}", receipt.boot


@pytest.mark.parametrize(("first_word", "is_right"), [("0x6a09e667u", True), ("0x6a09e666u", False)])
def test_the_hash_that_a_header_names_is_the_one_that_is_used(tmp_path: Path, first_word: str, is_right: bool) -> None:
    header = tmp_path / "hardware_sha256.h"
    header.write_text(
        '#include "sha256.h"\n'
        "static void hardware_begin(ha_sha256 *hash)\n"
        f"{{ ha_sha256_begin(hash); hash->state[0] = {first_word}; }}\n"
        "#define ha_sha256_begin hardware_begin\n"
    )
    program = _built(tmp_path, f"EXTRA=-DHA_SHA256_HEADER='\"{header}\"'")
    case = collection("hmac_rfc4231")["cases"][0]
    for ask in _asking(program):
        assert (ask("hmac", case["key"], case["data"]) == case["result"]["mac"]) is is_right


def test_the_example_prints_a_frame_that_verifies(ask: Answer, tmp_path: Path) -> None:
    subprocess.run(["make", "-C", C, "-s", f"OUT={tmp_path}", "all"], check=True)
    printed = subprocess.run([tmp_path / "example"], capture_output=True, text=True, check=True).stdout.splitlines()
    key = bytes(range(32)).hex()
    assert ask("open", "gauge-1", "frames", key, printed[2]).startswith("0 1 1 7 0 ")
    assert ask("open", "gauge-1", "status", key, printed[5]).startswith("2 0 1 7 4294967295 ")
