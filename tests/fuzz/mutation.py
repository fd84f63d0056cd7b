"""Good frames, and what becomes of them on a bad way: bits turned, bytes lost, doubled, moved, and forged."""

import random
import struct
from collections.abc import Callable

from tests.contract.vectors import collection
from tests.fuzz.comparing import DEVICES, KEYS, NOW_MS
from tests.fuzz.oracle import sign

CONTENTS = {"frames": (0, 1), "status": (2,)}
LONGEST_SEED = 700
TOKENS = (
    b"null", b"true", b"1e400", b"-0", b"0.1", b"1e1", b"NaN", b"Infinity", b"9" * 25, b"9" * 400,
    b"[]", b"{}", b"[", b"]", b"{", b"}", b'"', b",", b":", b"[[[[[[[[", b" ", b"\n",
    b"\\u0000", b"\\ud800", b"\\", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"\x00",
    b'"bver":10,', b'"bver":11,', b'"v":1,', b'"t":1764311400,', b'"x_":1,', b'"vs":"a",',
    b'"u":"cm",', b'"n":"level",', b'"bt":1,', b'"ut":60,',
    b"\xf6", b"\xf5", b"\xf9\x7e\x00", b"\xf9\x7c\x00", b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
    b"\x9f", b"\xbf", b"\xc1", b"\x41a", b"\x61_", b"\x20\x0b", b"\x02\xf4", b"\x00\x61a",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x06\x1a\x69\x29\x41\x68",
)  # fmt: skip

Bodies = dict[int, list[bytes]]


def seed_bodies() -> Bodies:
    """The bodies of the vectors by content, good and bad; the long ones say nothing new."""
    named = {0: "bodies_json", 1: "bodies_cbor", 2: "status"}
    found = {
        content: [bytes.fromhex(case["body"]) for case in collection(name)["cases"]] for content, name in named.items()
    }
    for content, bodies in found.items():
        found[content] = [body for body in bodies if 0 < len(body) <= LONGEST_SEED]
    return found


def turn_bit(body: bytearray, dice: random.Random) -> None:
    """One bit the other way."""
    body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)


def set_byte(body: bytearray, dice: random.Random) -> None:
    """One byte replaced, by a digit or a sign of the grammar or any."""
    body[dice.randrange(len(body))] = dice.choice(
        b'0123456789.eE+-[]{},:"\x00\xff\x81\xa1' + bytes([dice.randrange(256)])
    )


def insert_token(body: bytearray, dice: random.Random) -> None:
    """Something that means something, somewhere."""
    at = dice.randrange(len(body) + 1)
    body[at:at] = dice.choice(TOKENS)


def replace_by_token(body: bytearray, dice: random.Random) -> None:
    """Something that means something, instead of something else."""
    at = dice.randrange(len(body))
    body[at : at + dice.randrange(1, 12)] = dice.choice(TOKENS)


def drop_some(body: bytearray, dice: random.Random) -> None:
    """A few bytes lost."""
    at = dice.randrange(len(body))
    del body[at : at + dice.randrange(1, 9)]


def cut_short(body: bytearray, dice: random.Random) -> None:
    """The end lost."""
    del body[dice.randrange(len(body)) :]


def say_twice(body: bytearray, dice: random.Random) -> None:
    """Some bytes doubled."""
    at = dice.randrange(len(body))
    body[at:at] = body[at : at + dice.randrange(1, 60)]


def nudge_digit(body: bytearray, dice: random.Random) -> None:
    """Another digit: the mutation that keeps a body good."""
    places = [at for at, byte in enumerate(body) if 0x30 <= byte <= 0x39]
    if places:
        body[dice.choice(places)] = 0x30 + dice.randrange(10)


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    turn_bit, set_byte, insert_token, replace_by_token, drop_some, cut_short, say_twice, nudge_digit, nudge_digit,
)  # fmt: skip


class Mutator:
    """An endless source of (device, channel, frame), the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._bodies = seed_bodies()

    def next(self) -> tuple[str, str, bytes]:
        """A good frame with 0 to 4 mutations; every second one is mutated before it is signed, the others after."""
        dice = self._dice
        channel = "status" if dice.random() < 0.1 else "frames"
        device = "gauge-1" if dice.random() < 0.85 else dice.choice(DEVICES)
        content = dice.choice(CONTENTS[channel])
        body = bytearray(dice.choice(self._bodies[content]))
        if dice.random() < 0.5:
            self._mutate(body)
            return device, channel, self._signed(device, channel, content, bytes(body))
        frame = bytearray(self._signed(device, channel, content, bytes(body)))
        self._mutate(frame)
        return device, channel, bytes(frame)

    def _mutate(self, body: bytearray) -> None:
        for _ in range(self._dice.randrange(5)):
            if body:
                self._dice.choice(MUTATIONS)(body, self._dice)

    def _signed(self, device: str, channel: str, content: int, body: bytes) -> bytes:
        dice = self._dice
        key_id = 1 if dice.random() < 0.9 else dice.choice([*KEYS, 4])
        flags = 1 if dice.random() < 0.95 else dice.randrange(256)
        content = content if dice.random() < 0.97 else dice.randrange(256)
        version = 1 if dice.random() < 0.98 else dice.randrange(256)
        head = struct.pack("!BBBBII", version, content, flags, key_id, NOW_MS % 7, dice.randrange(2**32))
        return sign(KEYS.get(key_id, KEYS[0])[0], device, channel, head + body)
