"""Laws of reading CAP: what the schema of OASIS refuses is refused, what it accepts is read, and nothing is fetched."""

import random
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hydroalert.wire.cap.message import BadCap
from hydroalert.wire.cap.read import read_cap
from hydroalert.wire.cap.values import read_time
from hydroalert.wire.cap.xml_tree import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS
from tests.cap_files import Schema, files
from tests.wire.cap_mutation import mutated

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>i</identifier><sender>s</sender>
<sent>2025-11-28T06:30:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>{}</alert>"""
SIGNATURE = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>x</SignatureValue></Signature>'


@pytest.fixture(scope="module")
def schema() -> Schema:
    """The schema of OASIS."""
    return Schema()


@pytest.fixture(scope="module")
def seeds() -> list[bytes]:
    """What real agencies sent."""
    return [path.read_bytes() for path in files("valid")]


def refusal(body: bytes) -> str | None:
    """Why it is refused; None if it is read."""
    try:
        read_cap(body)
    except BadCap as error:
        return str(error)
    return None


def test_what_real_agencies_sent_is_read() -> None:
    read = {path.stem: read_cap(path.read_bytes()) for path in files("valid")}
    assert len(read) == 5
    assert read["mexico"].message_type == "Update"
    assert read["mexico"].infos[0].language == "es-419"
    assert read["taiwan"].sent.isoformat() == "2014-05-14T12:10:00+00:00"
    assert len(read["australia_bom"].infos[0].areas[0].geocodes) == 7
    assert all(message.infos for message in read.values())


@pytest.mark.parametrize(
    ("name", "why"),
    [("invalid", "scope is missing"), ("sweden", "senderName does not belong there"), ("xee", "document type")],
)
def test_what_is_bad_is_refused_and_the_place_is_named(name: str, why: str) -> None:
    (body,) = (path.read_bytes() for path in files("bad") if path.stem == name)
    assert why in (refusal(body) or "")


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_the_reader_and_the_schema_agree_on_mutated_messages(schema: Schema, seeds: list[bytes], seed: int) -> None:
    """But for one place: libxml2 lets a signature stand before other elements, where the schema has it last."""
    body = mutated(seeds, random.Random(seed))
    why = refusal(body)
    if schema.accepts(body):
        assert why is None or "a signature stands before" in why, body
    else:
        assert why is not None, body


@given(st.binary(max_size=300))
def test_bytes_that_are_no_message_are_refused_and_nothing_else_happens(body: bytes) -> None:
    assert refusal(body) is not None


def test_no_entity_is_opened_neither_over_the_network_nor_on_the_disk(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        web = f"http://127.0.0.1:{listening.getsockname()[1]}"
        bait = f'<!DOCTYPE alert SYSTEM "{web}/dtd" [<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY b SYSTEM "{web}">]>'
        body = bait.encode() + GOOD.format("<note>&a;&b;</note>").partition("?>")[2].encode()
        assert b"secret" in etree.tostring(trusting(body))  # the bait is good
        assert "document type" in (refusal(body) or "")
        with pytest.raises(BlockingIOError):
            listening.accept()


def trusting(body: bytes) -> etree._Element:
    """What a parser makes of it that resolves entities on the disk."""
    parser = etree.XMLParser(resolve_entities=True, no_network=True)
    return etree.fromstring(body.replace(b"&b;", b""), parser)


def test_entities_that_grow_are_refused_before_they_are_declared() -> None:
    declared = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE alert [<!ENTITY l0 "lol">{declared}]>' + GOOD.format("<note>&l9;</note>").partition("?>")[2]
    assert "document type" in (refusal(body.encode()) or "")


@pytest.mark.parametrize(
    "body",
    [
        GOOD.format(f"<note>{'x' * MAX_BYTES}</note>"),
        GOOD.format("<info>" * MAX_DEPTH + "</info>" * MAX_DEPTH),
        GOOD.format("<code/>" * MAX_ELEMENTS),
    ],
    ids=["long", "deep", "many"],
)
def test_what_is_too_long_too_deep_or_too_much_is_refused(body: str) -> None:
    assert any(word in (refusal(body.encode()) or "") for word in ("longer", "elements or"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("<code>1</code>", None),
        (SIGNATURE, None),
        (SIGNATURE + "<code>1</code>", "a signature stands before"),
        ("<note>1</note><code>1</code>", "code does not belong there"),
        ("<note/><note/>", "note does not belong there"),
        ("words", "text stands between"),
        ("<note><b>x</b></note>", "elements instead of a value"),
        ("<note kind='x'/>", "no attributes"),
        ("<other xmlns='urn:other'/>", "other does not belong there"),
        ("<info><event>e</event></info>", "alert/info: category is missing"),
        ("<info><category>met</category></info>", "alert/info/category: 'met' is none of"),
        ("&nbsp;", "no well-formed XML"),
        ("\x00", "no well-formed XML"),
    ],
)
def test_order_number_and_words_are_those_of_the_standard(more: str, why: str | None) -> None:
    found = refusal(GOOD.format(more).encode())
    assert found is None if why is None else why in (found or "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_message_is_the_same_in_each_encoding(encoding: str) -> None:
    body = GOOD.replace("UTF-8", encoding).format("<note>Überschwemmung 🌊</note>").encode(encoding)
    assert read_cap(body).note == "Überschwemmung 🌊"


def test_what_only_looks_like_version_1_0_is_refused() -> None:
    assert "not 1.0" in (refusal(GOOD.replace("1.0", "1.1", 1).format("").encode()) or "")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-11-28T06:30:00-00:00", "2025-11-28T06:30:00+00:00"),
        ("2025-11-28T06:30:00+05:30", "2025-11-28T01:00:00+00:00"),
        (" 2025-11-28T06:30:00-14:00\n", "2025-11-28T20:30:00+00:00"),
        ("2025-11-30T24:00:00+00:00", "2025-12-01T00:00:00+00:00"),
    ],
)
def test_a_time_is_read_as_utc(text: str, utc: str) -> None:
    assert read_time(text).isoformat() == utc


@pytest.mark.parametrize(
    "text",
    ["2025-11-28T06:30:00Z", "2025-11-28T06:30:00", "2025-11-28T06:30:00.5-00:00", "2025-02-29T00:00:00-00:00",
     "2025-11-28T24:00:01-00:00", "2025-11-28T06:30:60-00:00", "2025-11-28T06:30:00+14:01", "2025-11-28T06:30:00,05:00",
     "0000-11-28T06:30:00-00:00", "٢٠٢٥-11-28T06:30:00-00:00", ""],
)  # fmt: skip
def test_what_is_no_cap_time_is_refused(text: str) -> None:
    with pytest.raises(BadCap):
        read_time(text)
