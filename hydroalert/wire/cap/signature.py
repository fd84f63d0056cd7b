"""Signed CAP messages: XML Signature, enveloped, over the whole message (CAP 1.2, 3.3, Digital Signatures)."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def sign_cap(xml: bytes, certificate_pem: str, key_pem: str) -> bytes:
    """The message with its signature (RSA or ECDSA, SHA-256) as the last element, the certificate inside it.

    `xml` is `write_cap`'s, no stranger's. `check_key` says whether they can sign.
    """
    from signxml.algorithms import SignatureMethod  # noqa: PLC0415 - a fifth of a second that few ever need
    from signxml.signer import XMLSigner  # noqa: PLC0415

    key = load_pem_private_key(key_pem.encode(), password=None)
    method = SignatureMethod.ECDSA_SHA256 if isinstance(key, EllipticCurvePrivateKey) else SignatureMethod.RSA_SHA256
    signed = XMLSigner(signature_algorithm=method).sign(
        etree.fromstring(xml, _PARSER), key=key_pem.encode(), cert=certificate_pem
    )
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def check_key(certificate_pem: str, key_pem: str) -> None:
    """Whether the certificate is one, and the key is its own and can sign. Raises ValueError, TypeError."""
    certificate = load_pem_x509_certificate(certificate_pem.encode())
    key = load_pem_private_key(key_pem.encode(), password=None)
    if key.public_key() != certificate.public_key():
        raise ValueError("the key is not the certificate's")
    sign_cap(b"<alert/>", certificate_pem, key_pem)
