"""Mutates real CAP messages where it matters: elements left out, doubled, exchanged; times and values bent."""

import random
import re
from collections.abc import Callable, Sequence

TOKENS = (
    b"<value>x</value>", b"<info/>", b"<language/>", b"<note/>", b"<code>1</code>", b"<circle/>", b"<size>12</size>",
    b"<size>-5</size>", b"<altitude>1.5</altitude>", b"<altitude>1e5</altitude>", b"<ceiling>+.5</ceiling>",
    b"<web>http://a b/</web>", b"<web>%zz</web>", b"<web>1:2</web>", b"<web>http://[::1]:80/x?y#z</web>",
    b"<resource><resourceDesc/><mimeType/></resource>", b"<!-- c -->", b"<?pi x?>", b"<![CDATA[x]]>", b"&amp;", b"&#9;",
    b"&#0;", b"&x;", b" xml:lang='en'", b" xsi:type='x'", b"Z", b"-00:00", b"+14:00", b"+14:01", b"24:00:00",
    b"2019-02-29", b"0000-01-01", b"Actual", b" Actual", b"Met", b"\n", b" ", b"\xc3\xa9", b"\xff", b"http://",
    b"mailto:a@b", b"//", b":", b"?", b"%20",
)  # fmt: skip
_ELEMENT = re.compile(rb"<(?:\w+:)?\w+>[^<]*</(?:\w+:)?\w+>")
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT[^<\s]+")


def pieces(body: bytes) -> list[bytes]:
    """Tags, and what stands between them."""
    return re.findall(rb"<[^>]*>|[^<]+", body)


def set_byte(body: bytes, dice: random.Random) -> bytes:
    """One byte replaced by a sign of the grammar."""
    at = dice.randrange(len(body))
    return body[:at] + bytes([dice.choice(b"<>/&;'\"=: -+.,0123456789abcZT\x00\n\x85\xc2?%")]) + body[at + 1 :]


def insert_token(body: bytes, dice: random.Random) -> bytes:
    """Something that means something, between two pieces."""
    found = pieces(body)
    found.insert(dice.randrange(len(found) + 1), dice.choice(TOKENS))
    return b"".join(found)


def drop_piece(body: bytes, dice: random.Random) -> bytes:
    """A tag or a text lost."""
    found = pieces(body)
    del found[dice.randrange(len(found))]
    return b"".join(found)


def exchange_pieces(body: bytes, dice: random.Random) -> bytes:
    """Two pieces in each other's place."""
    found = pieces(body)
    one, other = dice.randrange(len(found)), dice.randrange(len(found))
    found[one], found[other] = found[other], found[one]
    return b"".join(found)


def change_element(body: bytes, dice: random.Random) -> bytes:
    """A whole element left out, doubled, or another put in its place: mostly well-formed still."""
    found = _ELEMENT.findall(body)
    if not found:
        return body
    one, other = dice.choice(found), dice.choice(found)
    return body.replace(one, dice.choice([b"", one + one, other, other + one]), 1)


def change_text(body: bytes, dice: random.Random) -> bytes:
    """Another text in an element."""
    found = re.findall(rb">([^<]+)<", body)
    if not found:
        return body
    one = dice.choice(found)
    new = dice.choice([dice.choice(found), b"", b" " + one + b" ", dice.choice(TOKENS)])
    return body.replace(b">" + one + b"<", b">" + new + b"<", 1)


def bend_time(body: bytes, dice: random.Random) -> bytes:
    """One sign of a time replaced."""
    found = _TIME.findall(body)
    if not found:
        return body
    one = dice.choice(found)
    bent = bytearray(one)
    bent[dice.randrange(len(bent))] = dice.choice(b"0123456789-+,:TZ ")
    return body.replace(one, bytes(bent), 1)


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    set_byte, insert_token, drop_piece, exchange_pieces, change_element, change_element, change_text, bend_time,
)  # fmt: skip


def mutated(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """One of the messages with one to three mutations."""
    body = dice.choice(seeds)
    for _ in range(dice.randrange(1, 4)):
        body = dice.choice(MUTATIONS)(body, dice) or body
    return body
