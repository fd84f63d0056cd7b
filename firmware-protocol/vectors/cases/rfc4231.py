"""HMAC-SHA-256 as RFC 4231, section 4, has it: the anchor of the tag."""

from cases.common import Case, case

_CASES = [
    ("1", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", b"\x0b" * 20, b"Hi There"),
    ("2", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", b"Jefe", b"what do ya want for nothing?"),
    ("3", "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", b"\xaa" * 20, b"\xdd" * 50),
    ("4", "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", bytes(range(1, 26)), b"\xcd" * 50),
    ("5", "a3b6167473100ee06e0c796c2955552b", b"\x0c" * 20, b"Test With Truncation"),
    (
        "6",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
    ),
    (
        "7",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
            b"hashed before being used by the HMAC algorithm."
        ),
    ),
]


def build() -> Case:
    """The seven test cases of the RFC; the fifth is cut to 16 bytes, as the tag is."""
    return {
        "description": "HMAC-SHA-256 test cases of RFC 4231, section 4. A `mac` is the MAC's first bytes.",
        "rules": ["3.1"],
        "cases": [
            case(
                f"rfc4231-{number}",
                f"RFC 4231, test case {number}",
                "3.1",
                flags=["good"],
                key=key.hex(),
                data=data.hex(),
                result={"mac": mac},
            )
            for number, mac, key, data in _CASES
        ],
    }
