"""Writing CAP 1.2: a message to the bytes of its XML, element by element in the order of section 3.2."""

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from hydroalert.domain.plain_text import without_unfit
from hydroalert.wire.cap.message import NAMESPACE, Area, Info, Message, Pair, Resource
from hydroalert.wire.cap.values import time_text


def write_cap(message: Message) -> bytes:
    """The message as XML in UTF-8 (3.2.1). Signs that XML cannot carry are left out; `signed` says nothing here."""
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    _add(alert, "identifier", message.identifier)
    _add(alert, "sender", message.sender)
    _add_time(alert, "sent", message.sent)
    _add(alert, "status", message.status)
    _add(alert, "msgType", message.message_type)
    _add(alert, "source", message.source)
    _add(alert, "scope", message.scope)
    _add(alert, "restriction", message.restriction)
    _add(alert, "addresses", message.addresses)
    _add(alert, "code", *message.codes)
    _add(alert, "note", message.note)
    _add(alert, "references", message.references)
    _add(alert, "incidents", message.incidents)
    for info in message.infos:
        _add_info(_under(alert, "info"), info)
    return etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_info(element: etree._Element, info: Info) -> None:
    """3.2.2."""
    _add(element, "language", info.language)
    _add(element, "category", *info.categories)
    _add(element, "event", info.event)
    _add(element, "responseType", *info.response_types)
    _add(element, "urgency", info.urgency)
    _add(element, "severity", info.severity)
    _add(element, "certainty", info.certainty)
    _add(element, "audience", info.audience)
    _add_pairs(element, "eventCode", info.event_codes)
    _add_time(element, "effective", info.effective)
    _add_time(element, "onset", info.onset)
    _add_time(element, "expires", info.expires)
    _add(element, "senderName", info.sender_name)
    _add(element, "headline", info.headline)
    _add(element, "description", info.description)
    _add(element, "instruction", info.instruction)
    _add(element, "web", info.web)
    _add(element, "contact", info.contact)
    _add_pairs(element, "parameter", info.parameters)
    for resource in info.resources:
        _add_resource(_under(element, "resource"), resource)
    for area in info.areas:
        _add_area(_under(element, "area"), area)


def _add_resource(element: etree._Element, resource: Resource) -> None:
    """3.2.3."""
    _add(element, "resourceDesc", resource.description)
    _add(element, "mimeType", resource.mime_type)
    _add(element, "size", None if resource.size is None else str(resource.size))
    _add(element, "uri", resource.uri)
    _add(element, "derefUri", resource.deref_uri)
    _add(element, "digest", resource.digest)


def _add_area(element: etree._Element, area: Area) -> None:
    """3.2.4."""
    _add(element, "areaDesc", area.description)
    _add(element, "polygon", *area.polygons)
    _add(element, "circle", *area.circles)
    _add_pairs(element, "geocode", area.geocodes)
    _add(element, "altitude", area.altitude)
    _add(element, "ceiling", area.ceiling)


def _add_pairs(parent: etree._Element, name: str, pairs: Iterable[Pair]) -> None:
    """3.2.2 and 3.2.4: `valueName`, then `value`."""
    for pair in pairs:
        element = _under(parent, name)
        _add(element, "valueName", pair.name)
        _add(element, "value", pair.value)


def _add_time(parent: etree._Element, name: str, moment: datetime | None) -> None:
    """3.3, DateTime."""
    _add(parent, name, None if moment is None else time_text(moment))


def _add(parent: etree._Element, name: str, *texts: str | None) -> None:
    """3.2: one element for each text; none for None. lxml escapes what must be (3.3, Character Entity References)."""
    for text in texts:
        if text is not None:
            _under(parent, name).text = without_unfit(text)


def _under(parent: etree._Element, name: str) -> etree._Element:
    """3.1: every element is of the namespace of CAP 1.2."""
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
