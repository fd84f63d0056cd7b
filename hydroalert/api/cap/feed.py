"""Messages as an Atom feed (RFC 4287), each entry pointing to its CAP message. Pure."""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from lxml import etree

from hydroalert.domain.clock import EPOCH, rfc3339
from hydroalert.store.reading_cap import StoredMessage
from hydroalert.wire.cap.message import MEDIA_TYPE as CAP
from hydroalert.wire.cap.message import Info, Message
from hydroalert.wire.cap.read import read_cap

MEDIA_TYPE = "application/atom+xml"
PATH = "/api/v1/cap"
_KEPT = 512
_ATOM = "http://www.w3.org/2005/Atom"


class Selection(msgspec.Struct, frozen=True):
    """Which messages are asked for; what a cursor is bound to. `drill`: the exercises, which never mix with the rest.

    `area`: one area's; None for all.
    """

    drill: bool
    area: str | None


def atom_feed(messages: Sequence[StoredMessage], selection: Selection, key: bytes, cursor: str | None) -> bytes:
    """The feed of one page, the newest first; `cursor` leads to the next page.

    `key` names this platform: the feed's id is the same wherever it is read, and another platform's is another.
    """
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]
    _add(feed, "id", _feed_id(selection, key).urn)
    _add(feed, "title", _title(selection))
    _add(feed, "updated", rfc3339(messages[0].sent if messages else EPOCH))
    _add(_add(feed, "author"), "name", "HydroAlert")
    _add(feed, "link", rel="self", type=MEDIA_TYPE, href=_address(selection, None))
    if cursor is not None:
        _add(feed, "link", rel="next", type=MEDIA_TYPE, href=_address(selection, cursor))
    for message in messages:
        _add_entry(feed, message, _read(message.xml))
    return etree.tostring(feed, xml_declaration=True, encoding="UTF-8")


@lru_cache(maxsize=_KEPT)
def _read(xml: str) -> Message:
    """A message never changes, and whoever follows the feed asks for the same few again and again."""
    return read_cap(xml.encode())


def _feed_id(selection: Selection, key: bytes) -> UUID:
    question = msgspec.json.encode(("cap feed", selection))
    return UUID(bytes=hmac.digest(key, question, "sha256")[:16], version=4)


def _title(selection: Selection) -> str:
    return (
        ("EXERCISE, not real: " if selection.drill else "")
        + "Warnings"
        + ("" if selection.area is None else f" for {selection.area}")
    )


def _address(selection: Selection, cursor: str | None) -> str:
    """Relative to whatever address the feed was read at: a proxy may have given it another."""
    asked = {"area": selection.area, "drill": "true" if selection.drill else None, "cursor": cursor}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{PATH}?{query}" if query else PATH


def _add_entry(feed: etree._Element, stored: StoredMessage, message: Message) -> None:
    """RFC 4287, 4.1.2. Its id is what makes a CAP message unique: sender, identifier, sent (CAP 1.2, 3.2.1)."""
    info = message.infos[0]
    entry = _add(feed, "entry")
    unique = f"{message.sender},{message.identifier},{rfc3339(message.sent)}"
    _add(entry, "id", uuid5(NAMESPACE_URL, unique).urn)
    _add(entry, "title", info.headline or info.event)
    _add(entry, "updated", rfc3339(message.sent))
    _add(entry, "published", rfc3339(message.sent))
    _add(_add(entry, "author"), "name", info.sender_name or message.sender)
    for term in _terms(stored, message, info):
        _add(entry, "category", term=term)
    _add(entry, "summary", info.description)
    _add(entry, "link", rel="alternate", type=CAP, href=f"{PATH}/{quote(message.identifier)}")


def _terms(stored: StoredMessage, message: Message, info: Info) -> tuple[str, ...]:
    return message.status, message.message_type, info.severity, info.urgency, info.certainty, stored.area


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element
