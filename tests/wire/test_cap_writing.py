"""Laws of writing CAP: what is written is valid and reads back as it was, whatever it says; and of signing it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.exceptions import InvalidDigest
from signxml.verifier import XMLVerifier

from hydroalert.domain.clock import EPOCH
from hydroalert.domain.plain_text import without_unfit
from hydroalert.wire.cap.message import Area, Info, Message, Pair, Resource
from hydroalert.wire.cap.read import read_cap
from hydroalert.wire.cap.signature import check_key, sign_cap
from hydroalert.wire.cap.values import polygon_text, time_text
from hydroalert.wire.cap.write import write_cap
from tests.cap_files import Schema

NOW = datetime(2025, 11, 28, 6, 30, tzinfo=UTC)

wild = st.text(max_size=30) | st.sampled_from(
    ["<&>\"'", "]]>", "<!--", "&amp;", "\x00\x01\x1f", "\ud800", "\ufffe", "\u202eabc", "عربى", "👩\u200d👧", " \r\n\t"]
)
times = st.integers(-(10**10), 10**11).map(lambda unix_s: EPOCH + timedelta(seconds=unix_s))
pairs = st.lists(st.builds(Pair, wild, wild), max_size=2).map(tuple)
texts = st.lists(wild, max_size=2).map(tuple)
areas = st.builds(Area, description=wild, polygons=texts, circles=texts, geocodes=pairs)
resources = st.builds(Resource, description=wild, mime_type=wild, size=st.none() | st.integers(0, 10**9))
infos = st.builds(
    Info,
    language=st.sampled_from([None, "en", "es-419"]),
    categories=st.sampled_from([("Met",), ("Geo", "Safety")]),
    event=wild,
    response_types=st.sampled_from([(), ("Prepare", "Avoid")]),
    urgency=st.just("Immediate"),
    severity=st.just("Severe"),
    certainty=st.just("Likely"),
    event_codes=pairs,
    onset=st.none() | times,
    headline=st.none() | wild,
    description=st.none() | wild,
    web=st.sampled_from([None, "https://example.org/a?b#c"]),
    parameters=pairs,
    resources=st.lists(resources, max_size=2).map(tuple),
    areas=st.lists(areas, max_size=2).map(tuple),
)
messages = st.builds(
    Message,
    identifier=wild,
    sender=wild,
    sent=times,
    status=st.sampled_from(["Actual", "Exercise"]),
    message_type=st.sampled_from(["Alert", "Update", "Cancel"]),
    scope=st.just("Public"),
    codes=texts,
    note=st.none() | wild,
    references=st.none() | wild,
    infos=st.lists(infos, max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def schema() -> Schema:
    """The schema of OASIS."""
    return Schema()


def fit(value: object) -> object:
    """The same without the signs that XML cannot carry."""
    if isinstance(value, str):
        return without_unfit(value)
    if isinstance(value, tuple):
        return tuple(map(fit, value))
    fields = getattr(value, "__struct_fields__", ())
    return type(value)(**{name: fit(getattr(value, name)) for name in fields}) if fields else value


@settings(max_examples=60, deadline=None)
@given(message=messages)
def test_what_is_written_is_valid_and_reads_back_as_it_was(schema: Schema, message: Message) -> None:
    body = write_cap(message)
    assert schema.accepts(body)
    assert read_cap(body) == fit(message)


def test_a_name_that_is_hostile_to_xml_stays_a_name() -> None:
    name = "</areaDesc><!--]]>&xxe; \"'<script>"
    info = Info(categories=("Met",), event="e", urgency="Past", severity="Minor", certainty="Observed",
                areas=(Area(description=name),))  # fmt: skip
    message = Message(identifier="i", sender="s", sent=NOW, status="Actual", message_type="Alert", scope="Public",
                      infos=(info,))  # fmt: skip
    assert read_cap(write_cap(message)).infos[0].areas[0].description == name


@pytest.mark.parametrize("offset_h", [0, 5.5, -9])
def test_a_time_is_written_in_utc_with_minus_zero(offset_h: float) -> None:
    moment = NOW.astimezone(timezone(timedelta(hours=offset_h))) + timedelta(milliseconds=999)
    assert time_text(moment) == "2025-11-28T06:30:00-00:00"


def test_a_polygon_is_written_latitude_first() -> None:
    ring = ((-2.0, 53.75), (-1.99, 53.75), (-1.99, 53.741234567), (-2.0, 53.75))
    assert polygon_text(ring) == "53.75,-2 53.75,-1.99 53.74123,-1.99 53.75,-2"


def key_and_certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    """The certificate that a key gives itself, and the key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "warnings.example.org")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
def test_a_signed_message_is_valid_read_and_verified_and_a_changed_one_is_not(
    schema: Schema, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    certificate_pem, key_pem = key_and_certificate(key)
    check_key(certificate_pem, key_pem)
    plain = Message(identifier="i", sender="s", sent=NOW, status="Actual", message_type="Alert", scope="Public",
                    note="keep out of the water")  # fmt: skip
    signed = sign_cap(write_cap(plain), certificate_pem, key_pem)
    assert schema.accepts(signed)
    assert read_cap(signed).signed
    assert read_cap(signed).note == plain.note
    verified = XMLVerifier().verify(signed, x509_cert=certificate_pem).signed_xml
    assert verified is not None
    assert b"keep out of the water" in etree.tostring(verified)
    with pytest.raises(InvalidDigest):
        XMLVerifier().verify(signed.replace(b"keep out of", b"go into"), x509_cert=certificate_pem)


def test_a_key_that_is_not_the_certificates_is_refused_before_anything_is_signed() -> None:
    certificate_pem, _ = key_and_certificate(RSA_KEY)
    _, other_key_pem = key_and_certificate(EC_KEY)
    for bad in ((certificate_pem, other_key_pem), ("no certificate", other_key_pem), (certificate_pem, "no key")):
        with pytest.raises(ValueError):
            check_key(*bad)
