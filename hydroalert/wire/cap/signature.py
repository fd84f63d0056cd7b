"""Signed CAP messages: XML Signature, enveloped, over the whole message (CAP 1.2, 3.3, Digital Signatures)."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def sign_cap(xml: bytes, certificate_pem: str, key_pem: str) -> bytes:
    """The message with its signature (RSA or ECDSA, SHA-256) as the last element, the certificate inside it.

    `xml` is `write_cap`'s, no stranger's. Raises ValueError for a key or certificate that is none.
    """
    key = load_pem_private_key(key_pem.encode(), password=None)
    method = SignatureMethod.ECDSA_SHA256 if isinstance(key, EllipticCurvePrivateKey) else SignatureMethod.RSA_SHA256
    signed = XMLSigner(signature_algorithm=method).sign(
        etree.fromstring(xml, _PARSER), key=key_pem.encode(), cert=certificate_pem
    )
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
