"""SPEC.md says what the code does."""

import json
import random
import re
from collections import Counter

import pytest
from firmware_protocol.device import Device, KeyRing
from firmware_protocol.frames import sign_frame, verify_frame
from firmware_protocol.memory_spool import MemorySpool

from tests.contract.spools import continue_at
from tests.contract.vectors import VECTORS

SPECIFICATION = (VECTORS.parent / "SPEC.md").read_text()
_EXAMPLE = re.compile(r"topic  (\S+)\nkey    (\S+)\n.*?whole, \d+ bytes:\n([0-9a-f\n]+)```", re.DOTALL)
EXAMPLES = {topic.rpartition("/")[2]: (topic, key, whole) for topic, key, whole in _EXAMPLE.findall(SPECIFICATION)}


@pytest.mark.parametrize("channel", ["frames", "status", "receipts"])
def test_its_example_bytes_verify_and_are_what_the_library_signs(channel: str) -> None:
    topic, key, whole = EXAMPLES[channel]
    frame = bytes.fromhex(whole.replace("\n", ""))
    header, body = verify_frame(bytes.fromhex(key), topic, frame)
    assert isinstance(json.loads(body), dict | list)
    assert sign_frame(bytes.fromhex(key), topic, header, body) == frame


def test_its_example_receipt_settles_its_example_reading() -> None:
    spool = MemorySpool()
    continue_at(spool, 7, 0)
    device = Device("gauge-1", KeyRing({1: bytes(range(32))}, 1), spool, rng=random.Random(1))
    spool.append(b"[]", 0, 1_764_311_400_000)
    device.publications(1_764_311_400_000)
    receipt = bytes.fromhex(EXAMPLES["receipts"][2].replace("\n", ""))
    assert device.on_receipt(receipt).settlement.stored == ((7, 0),)


def test_no_rule_has_the_number_of_another() -> None:
    numbers = Counter(re.findall(r"^\*\*(\d+\.\d+)", SPECIFICATION, re.MULTILINE))
    assert [number for number, times in numbers.items() if times > 1] == []


def test_the_rules_of_each_chapter_are_numbered_without_a_gap() -> None:
    rules = [tuple(map(int, rule.split("."))) for rule in re.findall(r"^\*\*(\d+\.\d+)", SPECIFICATION, re.MULTILINE)]
    chapters = {chapter: [rule for c, rule in rules if c == chapter] for chapter, _ in rules}
    assert list(chapters) == list(range(1, 14))
    for numbers in chapters.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_rule_that_it_refers_to_exists() -> None:
    rules = set(re.findall(r"^\*\*(\d+\.\d+)", SPECIFICATION, re.MULTILINE))
    referred = set(re.findall(r"\((\d{1,2}\.\d{1,2})\)", SPECIFICATION))
    assert referred - rules == set()


def test_every_refusal_word_stands_in_it() -> None:
    words = json.loads((VECTORS / "schema.json").read_text())["$defs"]["word"]["enum"]
    assert [word for word in words if f"`{word}`" not in SPECIFICATION] == []
