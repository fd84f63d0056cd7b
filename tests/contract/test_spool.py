"""The laws of the spool, whatever it is kept in (SPEC 4, 7.5, 9)."""

import random
from pathlib import Path

import pytest
from firmware_protocol.errors import SpoolError
from firmware_protocol.frames import LAST_WILL_SEQUENCE
from firmware_protocol.memory_spool import MemorySpool
from firmware_protocol.receipts import Receipt
from firmware_protocol.spool import Spool
from firmware_protocol.store import Bounds, Numbers

from tests.contract.spools import AnySpool, both_kinds, continue_at, open_spool

NOW_MS = 1_764_311_400_000


def _receipt(numbers: Numbers) -> Receipt:
    return Receipt(numbers[0], NOW_MS, ((numbers[1], numbers[1]),), ())


def _due(spool: AnySpool, now_ms: int = NOW_MS, left: int = 100) -> list[Numbers]:
    return [(frame.boot, frame.sequence) for frame in spool.due(now_ms, left)]


def _send(spool: AnySpool, numbers: Numbers, key_id: int = 1, now_ms: int = NOW_MS) -> None:
    spool.mark_sent(numbers, key_id, now_ms, now_ms + 60_000)


@both_kinds
def test_the_newest_reading_goes_first_whatever_was_appended_first(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    old, newest, middle = (spool.append(b"x", 0, NOW_MS + offset) for offset in (-9000, 0, -5000))
    assert _due(spool) == [newest, middle, old]
    assert _due(spool, left=1) == [newest]


@both_kinds
def test_a_frame_that_was_sent_is_not_due_until_its_time_and_then_again(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    numbers = spool.append(b"x", 0, NOW_MS)
    _send(spool, numbers)
    assert _due(spool, NOW_MS + 59_999) == []
    assert _due(spool, NOW_MS + 60_000) == [numbers]
    assert spool.due(NOW_MS + 60_000, 1)[0].sendings == 1


@both_kinds
def test_a_frame_is_under_way_for_sixty_seconds_or_until_its_receipt(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    first, second = spool.append(b"x", 0, NOW_MS), spool.append(b"y", 0, NOW_MS)
    assert spool.under_way(NOW_MS) == 0
    _send(spool, first)
    _send(spool, second)
    spool.settle(_receipt(first), 1)
    assert [spool.under_way(NOW_MS + after_ms) for after_ms in (0, 59_999, 60_000)] == [1, 1, 0]


@both_kinds
def test_only_a_receipt_for_what_was_sent_with_its_key_prunes(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    numbers = spool.append(b"x", 0, NOW_MS)
    assert len(spool.settle(_receipt(numbers), 1)) == 0
    _send(spool, numbers, key_id=2)
    assert len(spool.settle(_receipt(numbers), 1)) == 0
    assert spool.settle(_receipt(numbers), 2).stored == (numbers,)
    assert len(spool) == 0


@both_kinds
def test_every_key_that_signed_a_frame_may_answer_it(kind: str, tmp_path: Path) -> None:
    for last in (0, 65, 128, 255):
        spool = open_spool(kind, tmp_path)
        numbers = spool.append(b"x", 0, NOW_MS)
        for key_id in (0, 65, 0, 128, 255):
            _send(spool, numbers, key_id)
        assert spool.settle(_receipt(numbers), last).stored == (numbers,)
        spool.close()


@both_kinds
def test_time_alone_prunes_nothing(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    numbers = spool.append(b"x", 0, NOW_MS)
    for day in range(30):
        _send(spool, numbers, now_ms=NOW_MS + day * 86_400_000)
    assert _due(spool, NOW_MS + 40 * 86_400_000) == [numbers]


@both_kinds
def test_a_clock_set_back_makes_frames_due_and_holds_no_window(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    numbers = spool.append(b"x", 0, NOW_MS)
    _send(spool, numbers)
    assert spool.due(NOW_MS, 1) == []
    a_year_back = NOW_MS - 365 * 86_400_000
    assert spool.under_way(a_year_back) == 0
    assert _due(spool, a_year_back) == [numbers]


@both_kinds
def test_a_full_spool_gives_up_what_was_sent_first_and_then_the_oldest(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path, Bounds(max_frames=3))
    oldest, sent, newest = (spool.append(b"x", 0, NOW_MS + offset) for offset in (0, 1, 2))
    _send(spool, sent)
    fourth = spool.append(b"x", 0, NOW_MS + 3)
    assert _due(spool, NOW_MS + 60_000) == [fourth, newest, oldest]
    fifth = spool.append(b"x", 0, NOW_MS + 4)
    assert _due(spool, NOW_MS + 60_000) == [fifth, fourth, newest]
    assert (len(spool), spool.dropped) == (3, 2)


@both_kinds
def test_a_bound_in_bytes_counts_bodies(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path, Bounds(max_bytes=1000))
    for n in range(10):
        spool.append(bytes(100), 0, NOW_MS + n)
    assert (len(spool), spool.dropped) == (10, 0)
    spool.append(bytes(201), 0, NOW_MS + 10)
    assert (len(spool), spool.dropped) == (8, 3)


@both_kinds
def test_room_that_receipts_made_is_used_again(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path, Bounds(max_frames=2, max_bytes=200))
    for n in range(20):
        numbers = spool.append(bytes(100), 0, NOW_MS + n)
        _send(spool, numbers)
        spool.settle(_receipt(numbers), 1)
    assert (len(spool), spool.dropped) == (0, 0)


@both_kinds
def test_no_frame_gets_the_number_of_the_last_will(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    continue_at(spool, 0xFFFFFFFF, LAST_WILL_SEQUENCE - 1)
    numbers = [spool.append(b"x", 0, NOW_MS) for _ in range(2)]
    assert numbers == [(0xFFFFFFFF, LAST_WILL_SEQUENCE - 1), (0, 0)]


@both_kinds
def test_statuses_and_bodies_share_one_sequence(kind: str, tmp_path: Path) -> None:
    spool = open_spool(kind, tmp_path)
    numbers = [spool.next_numbers(), spool.append(b"x", 0, NOW_MS), spool.next_numbers()]
    assert numbers == [(spool.boot, 0), (spool.boot, 1), (spool.boot, 2)]


@both_kinds
def test_two_spools_draw_two_boots_and_two_client_ids(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = open_spool(kind, tmp_path / "a"), open_spool(kind, tmp_path / "b")
    assert one.boot != other.boot
    assert one.client_id != other.client_id
    assert len(bytes.fromhex(one.client_id)) == 16


def test_opening_again_begins_the_next_boot_and_keeps_everything_else(tmp_path: Path) -> None:
    spool = open_spool("durable", tmp_path)
    boot, client_id = spool.boot, spool.client_id
    numbers = [spool.append(b"body %d" % n, n % 2, NOW_MS + n) for n in range(3)]
    _send(spool, numbers[0])
    spool.close()
    again = open_spool("durable", tmp_path)
    assert (again.boot, again.client_id, len(again)) == ((boot + 1) % 2**32, client_id, 3)
    assert _due(again) == [numbers[2], numbers[1]]
    assert again.under_way(NOW_MS) == 1
    assert again.settle(_receipt(numbers[0]), 1).stored == (numbers[0],)
    assert again.append(b"x", 0, NOW_MS) == (again.boot, 0)


def test_the_boot_after_the_last_is_zero(tmp_path: Path) -> None:
    ones = Spool(tmp_path / "spool", random_bits=lambda bits: 2**bits - 1)
    assert ones.boot == 0xFFFFFFFF
    ones.close()
    assert Spool(tmp_path / "spool").boot == 0


def test_a_spool_that_another_process_holds_is_refused_with_what_to_do(tmp_path: Path) -> None:
    holder = open_spool("durable", tmp_path)
    with pytest.raises(SpoolError, match="another process"):
        Spool(tmp_path / "spool")
    holder.close()


def test_a_file_that_is_no_spool_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(SpoolError, match="Move a broken one away"):
        Spool(tmp_path / "spool")


def test_both_kinds_of_spool_answer_alike_whatever_happens(tmp_path: Path) -> None:
    for seed in range(4):
        dice = random.Random(seed)
        (tmp_path / str(seed)).mkdir()
        bounds = Bounds(max_frames=25, max_bytes=3000)
        durable = Spool(tmp_path / str(seed) / "spool", bounds=bounds, random_bits=lambda bits: bits)
        memory = MemorySpool(bounds=bounds, random_bits=lambda bits: bits)
        now_ms = latest_ms = NOW_MS
        for _ in range(150):
            now_ms += dice.choice([0, 1, 1000, 30_000, 60_000, -3, -10_000_000, 4_000_000])
            step = dice.randrange(2**31)
            assert _one_step(durable, random.Random(step), now_ms) == _one_step(memory, random.Random(step), now_ms)
            latest_ms = max(latest_ms, now_ms)
            assert durable.under_way(latest_ms) == memory.under_way(latest_ms)
        durable.close()


def _one_step(spool: AnySpool, dice: random.Random, now_ms: int) -> object:
    for _ in range(dice.randrange(4)):
        spool.append(bytes(dice.randint(1, 300)), 0, now_ms - dice.randrange(100_000))
    due = spool.due(now_ms, dice.randrange(8))
    for frame in due[: dice.randrange(9)]:
        spool.mark_sent(
            (frame.boot, frame.sequence), dice.randrange(2), now_ms, now_ms + dice.randint(60_000, 4_500_000)
        )
    first = dice.randrange(200)
    stored = ((first, first + dice.choice([0, 2, 2**31])),) if dice.random() < 0.3 else ()
    refused = ((dice.randrange(200), "bad_body"),)
    settled = spool.settle(Receipt(spool.boot, now_ms, stored, refused), dice.randrange(2))
    return due, settled, len(spool), spool.dropped, spool.next_due_ms()
