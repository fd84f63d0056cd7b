"""Messages on the receipts topic, as a device judges them (SPEC 7)."""

import json
from collections.abc import Iterator
from typing import Any

from cases.common import KEYS, NOW_MS, Case, case, frame, refused, tag, topic

_SENT = [
    *({"boot": 7, "sequence": sequence, "key_ids": [1]} for sequence in range(5)),
    {"boot": 7, "sequence": 5, "key_ids": [1, 254]},
    {"boot": 7, "sequence": 6, "key_ids": [254]},
    {"boot": 7, "sequence": 7, "key_ids": []},
    {"boot": 7, "sequence": 0xFFFFFFFE, "key_ids": [1]},
    {"boot": 8, "sequence": 0, "key_ids": [1]},
    {"boot": 8, "sequence": 1, "key_ids": [1]},
]
_KNOWN = (1, 254)
_MOST = 2**53 - 1


def build() -> Case:
    """What is dropped, and what the rest prunes."""
    return {
        "description": "Messages on `receipts`. Before each, the spool holds `spool`, each frame sent as often as it "
        "has key ids, signed with these. The device knows the keys of `keys`. Result: why the message is dropped, or "
        "what is pruned.",
        "rules": ["7.4", "7.5"],
        "device": "gauge-1",
        "keys": {str(key_id): KEYS[key_id].hex() for key_id in _KNOWN},
        "spool": _SENT,
        "cases": [*_settling(), *_dropped_bodies(), *_dropped_frames()],
    }


def _body(**fields: Any) -> bytes:
    whole = {"boot": 7, "at": NOW_MS, "stored": [], "refused": [], **fields}
    return json.dumps(whole, separators=(",", ":")).encode()


def _message(body: bytes, **fields: int) -> bytes:
    return frame(body, channel="receipts", **{"content": 16, "flags": 0, **fields})


def _settles(case_id: str, comment: str, message: bytes, stored: list[Any], refusals: list[Any] | None = None) -> Case:
    result = {"stored": stored, "refused": refusals or []}
    return case(case_id, comment, "7.5 7.6", flags=["good"], frame=message.hex(), result=result)


def _settling() -> Iterator[Case]:
    def of(**fields: Any) -> bytes:
        return _message(_body(**fields))

    yield _settles("one", "one frame", of(stored=[[0, 0]]), [[7, 0]])
    yield _settles("range", "a range, both ends in it", of(stored=[[1, 3]]), [[7, 1], [7, 2], [7, 3]])
    yield _settles("ranges", "two ranges", of(stored=[[0, 0], [2, 3]]), [[7, 0], [7, 2], [7, 3]])
    yield _settles("refused", "a frame that was refused", of(refused=[[2, "bad_body"]]), [], [[7, 2, "bad_body"]])
    both = of(stored=[[0, 1]], refused=[[2, "wrong_unit"]])
    yield _settles("both", "stored and refused", both, [[7, 0], [7, 1]], [[7, 2, "wrong_unit"]])
    unknown = of(refused=[[2, "a_word_of_tomorrow"]])
    yield _settles("unknown-word", "a word of tomorrow", unknown, [], [[7, 2, "a_word_of_tomorrow"]])
    yield _settles("nothing", "nothing is answered", of(), [])
    yield _settles("not-in-spool", "forgotten already", of(stored=[[100, 200]]), [])
    yield _settles("never-sent", "in the spool, never sent", of(stored=[[7, 7]], refused=[[7, "bad_body"]]), [])
    yield _settles("other-key", "6 was signed with another key", of(stored=[[4, 6]]), [[7, 4], [7, 5]])
    by_254 = _message(_body(stored=[[0, 6]]), key_id=254)
    yield _settles("key-254", "only what key 254 signed", by_254, [[7, 5], [7, 6]])
    everything = of(stored=[[0, 0xFFFFFFFF]])
    all_of_7 = [[7, n] for n in (0, 1, 2, 3, 4, 5, 0xFFFFFFFE)]
    yield _settles("widest", "the widest range prunes no other boot's", everything, all_of_7)
    boot_8 = _message(_body(boot=8, stored=[[0, 1]]), boot=8)
    yield _settles("other-boot", "frames of another boot", boot_8, [[8, 0], [8, 1]])
    empty_boot = _message(_body(boot=9, stored=[[0, 7]]), boot=9)
    yield _settles("unused-boot", "a boot of which nothing waits", empty_boot, [])
    again = of(stored=[[0, 0], [0, 0]], refused=[[0, "bad_body"]])
    yield _settles("twice", "named twice: pruned once, as stored", again, [[7, 0]])
    yield _settles("at-0", "a platform whose clock is at the beginning", of(at=0, stored=[[0, 0]]), [[7, 0]])
    yield _settles("at-most", "the latest time", of(at=_MOST, stored=[[0, 0]]), [[7, 0]])
    more = of(stored=[[0, 0]], later={"a": [1]})
    yield _settles("unknown-field", "a field of tomorrow", more, [[7, 0]])
    yield _settles("deep-63", "one below the limit", _message(_deep(63)), [[7, 0]])
    yield _settles("deep-64", "as deep as allowed", _message(_deep(64)), [[7, 0]])
    last = _message(b'{"boot":8,"boot":7,"at":1,"stored":5,"stored":[[0,0]],"refused":[]}')
    yield _settles("duplicate", "of a duplicate name the last counts", last, [[7, 0]])
    escaped = _message(b'{"b\\u006fot":7,"\\u0061t":1,"stored":[[0,0]],"refused":[[1,"bad\\u005fbody"]]}')
    yield _settles("escaped", "an escape is the letter", escaped, [[7, 0]], [[7, 1, "bad_body"]])
    spaced = _message(b" " + _body(stored=[[0, 0]]) + b"\n")
    yield _settles("white-space", "around the body", spaced, [[7, 0]])
    long = _message(_body(stored=[[0, 0]]) + b" " * (4096 - len(_body(stored=[[0, 0]]))))
    yield _settles("body-4096", "a full body", long, [[7, 0]])


def _dropped(case_id: str, comment: str, rules: str, word: str, message: bytes) -> Case:
    return case(case_id, comment, rules, flags=[word], frame=message.hex(), result=refused(word))


def _dropped_bodies() -> Iterator[Case]:
    good = _body(stored=[[0, 0]])
    boot_0 = b'{"boot":%s,"at":1,"stored":[[0,0]],"refused":[]}'
    at_1 = b'{"boot":7,"at":%s,"stored":[[0,0]],"refused":[]}'
    ranges = b'{"boot":7,"at":1,"stored":%s,"refused":[]}'
    refusals = b'{"boot":7,"at":1,"stored":[[0,0]],"refused":%s}'
    bodies = {
        "text": b"stored", "array": b"[]", "null": b"null", "empty": b"{}", "cut": good[:-1],
        "duplicate": good[:-1] + b',"stored":5}', "after": good + b"x",
        "twice": good * 2, "deep-65": _deep(65), "deep-500": _deep(500),
        "never-closed": b'{"boot":' + b"[" * 4000, "bom": b"\xef\xbb\xbf" + good,
        "utf-16": good.decode().encode("utf-16"),
        "bad-utf-8": good[:-1] + b',"x":"\xff"}', "comma": good[:-1] + b",}", "nan": good[:-1] + b',"x":NaN}',
        **{f"no-{name}": _without(name) for name in ("boot", "at", "stored", "refused")},
        **{f"boot-{n}": boot_0 % v for n, v in enumerate((b"-1", b"7.0", b'"7"', b"null", b"true", b"4294967296"))},
        **{f"at-{n}": at_1 % v for n, v in enumerate((b"-1", b"1.5", b'"1"', b"null", b"true", b"9007199254740992"))},
        **{f"stored-{n}": ranges % v for n, v in enumerate((
            b"null", b"{}", b"0", b"[0]", b"[[0]]", b"[[0,0,0]]", b"[[]]", b"[[0,null]]", b'[["0","0"]]', b"[[0.0,0]]",
            b"[[-1,0]]", b"[[1,0]]", b"[[0,4294967296]]", b"[[0,true]]", b"[[0,0],[3,2]]", b"[[[0],0]]"))},
        **{f"refused-{n}": refusals % v for n, v in enumerate((
            b"null", b"{}", b"[0]", b"[[0]]", b'[["bad_body",0]]', b"[[0,null]]", b"[[0,1]]", b'[[-1,"bad_body"]]',
            b'[[4294967296,"bad_body"]]', b'[[0,"bad_body",1]]', b'[[0.0,"bad_body"]]', b'["bad_body"]',
            b'[[true,"bad_body"]]'))},
    }  # fmt: skip
    for what, body in bodies.items():
        yield _dropped(f"body-{what}", "a good tag over no receipt", "7.2 7.4", "bad_body", _message(body))
    other = _message(_body(boot=8, stored=[[0, 0]]), boot=7)
    yield _dropped("boot-differs", "the fixed part names another boot", "7.3 7.4", "bad_body", other)
    for name, value in (("sequence", 1), ("sequence", 0xFFFFFFFF), ("flags", 1)):
        message = _message(good, **{name: value})
        yield _dropped(f"{name}-{value}", f"{name} is {value}", "7.3 7.4", "bad_body", message)


def _deep(levels: int) -> bytes:
    return _body(stored=[[0, 0]])[:-1] + b',"x":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def _without(name: str) -> bytes:
    fields = json.loads(_body(stored=[[0, 0]]))
    del fields[name]
    return json.dumps(fields).encode()


def _dropped_frames() -> Iterator[Case]:
    good = _message(_body(stored=[[0, 0]]))
    body = _body(stored=[[0, 0]])
    yield _dropped("empty", "no byte", "7.4", "malformed", b"")
    yield _dropped("version-2", "version 2", "7.4", "unsupported_version", _message(body, version=2))
    yield _dropped("short", "28 bytes", "7.4", "malformed", good[:28])
    yield _dropped("long", "a body of 4097 bytes", "7.4", "malformed", _message(b" " * 4097))
    yield _dropped("flags-2", "an unknown flag", "7.4", "malformed", _message(body, flags=2))
    for key_id in (0, 2, 255):
        yield _dropped(f"key-{key_id}", "not a key of the device", "7.4", "unknown_key", _message(body, key_id=key_id))
    for content in (0, 1, 2, 15, 17, 255):
        message = _message(body, content=content)
        yield _dropped(f"content-{content}", "not a receipt", "7.4", "unsupported_content", message)
    for at in (1, 3, 4, 8, 12, len(good) - 17, len(good) - 16, len(good) - 1):
        flipped = bytearray(good)
        flipped[at] ^= 0xFF if at == 3 else 0x10  # 1 becomes 254, which is known too
        yield _dropped(f"flipped-{at}", f"byte {at} changed on the way", "7.4", "bad_tag", bytes(flipped))
    yield _dropped("cut", "the last byte is missing", "7.4", "bad_tag", good[:-1])
    elsewhere = frame(body, device="gauge-2", channel="receipts", content=16, flags=0)
    yield _dropped("other-device", "another device's receipt, same key", "7.4", "bad_tag", elsewhere)
    yield _dropped("other-channel", "signed for frames", "7.4", "bad_tag", frame(body, content=16, flags=0))
    zero = good[:-16] + tag(bytes(32), topic("gauge-1", "receipts"), good[:-16])
    yield _dropped("zero-key", "signed with a key of zeros", "7.4", "bad_tag", zero)
    yield _dropped("tag-before-body", "no parser sees what nobody signed", "7.4", "bad_tag", good[:12] + b"{" * 40)
