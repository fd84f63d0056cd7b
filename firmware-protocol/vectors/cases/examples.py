"""The example bytes of SPEC.md, each written between two markers of its name."""

import hashlib
import hmac
import re

from cases.common import fixed_part, tag, topic

KEY = bytes(range(32))
READING = b'[{"n":"level","u":"m","t":1764311400.000,"v":1.253}]'
WILL = b'{"status":"offline","session":7340033,"at":1764311400000,"firmware":"1.0.0","uptime_s":60}'
RECEIPT = b'{"boot":7,"at":1764311400321,"stored":[[0,0]],"refused":[]}'
_COLUMN = 50


def insert_into(specification: str) -> str:
    """SPEC.md with its examples renewed. Raises ValueError where a marker is missing."""
    for name, text in _blocks().items():
        block = f"<!-- example {name} -->\n```\n{text}```\n<!-- end -->"
        pattern = rf"<!-- example {name} -->\n.*?<!-- end -->"
        specification, found = re.subn(pattern, lambda _, block=block: block, specification, flags=re.DOTALL)
        if found != 1:
            raise ValueError(f"SPEC.md has {found} markers of example {name}")
    return specification


def _blocks() -> dict[str, str]:
    return {
        "reading": _dump("frames", fixed_part(content=0, flags=1), READING, "SenML JSON", "receipt wanted", "0"),
        "hmac": _hmac_input(),
        "will": _dump(
            "status", fixed_part(content=2, flags=0, sequence=0xFFFFFFFF), WILL, "status", "none", "the last will's"
        ),
        "receipt": _dump("receipts", fixed_part(content=16, flags=0), RECEIPT, "receipt", "none", "0, always"),
    }


def _dump(channel: str, head: bytes, body: bytes, content: str, flags: str, sequence: str) -> str:
    place = topic("gauge-1", channel)
    mac = tag(KEY, place, head + body)
    fields = [
        (head[0:1], "version 1"),
        (head[1:2], f"content: {content}"),
        (head[2:3], f"flags: {flags}"),
        (head[3:4], "key id 1"),
        (head[4:8], "boot 7"),
        (head[8:12], f"sequence: {sequence}"),
        *_body_lines(body),
        (mac, "tag"),
    ]
    lines = [f"{part.hex(' '):<{_COLUMN}}{meaning}" for part, meaning in fields]
    whole = head + body + mac
    title = f"topic  {place.decode()}\nkey    {KEY.hex()}\n"
    return "\n".join([title, *lines, "", f"whole, {len(whole)} bytes:", _wrapped(whole.hex())])


def _body_lines(body: bytes) -> list[tuple[bytes, str]]:
    pieces = [body[at : at + 16] for at in range(0, len(body), 16)]
    first = (pieces[0], f"body, {len(body)} bytes: {pieces[0].decode()}")
    return [first, *((piece, f"  {piece.decode()}") for piece in pieces[1:])]


def _hmac_input() -> str:
    place, signed = topic("gauge-1", "frames"), fixed_part(content=0, flags=1) + READING
    whole = hmac.new(KEY, place + b"\x00" + signed, hashlib.sha256).hexdigest()
    given = place + b"\x00" + signed
    parts = f"the topic ({len(place)}), one zero byte, bytes 0 to {len(signed) - 1} of the frame"
    return (
        f"HMAC input, {len(given)} bytes: {parts}\n{_wrapped(given.hex())}"
        f"HMAC-SHA-256\n{whole}\ntag: its first 16 bytes\n{whole[:32]}\n"
    )


def _wrapped(text: str) -> str:
    return "".join(text[at : at + 96] + "\n" for at in range(0, len(text), 96))
