"""Reading CAP 1.2: any bytes to a message, or BadCap that says what is wrong with them."""

from typing import Any

from hydroalert.wire.cap.message import Area, Info, Message, Pair, Resource
from hydroalert.wire.cap.structure import check_structure, is_signature
from hydroalert.wire.cap.values import read_time
from hydroalert.wire.cap.xml_tree import Node, read_tree


def read_cap(body: bytes) -> Message:
    """The message in `body`, which has the structure of section 3.2 to the letter. Raises BadCap.

    A signature is noted and not verified (3.3, Digital Signatures: none may be refused for that alone).
    """
    root = read_tree(body)
    check_structure(root)
    return _message(_Fields(root), signed=any(is_signature(child) for child in root.children))


class _Fields:
    """The children of a checked element by their names."""

    def __init__(self, node: Node) -> None:
        self._nodes = node.children

    def all(self, name: str) -> list[Node]:
        """The elements of that name."""
        return [node for node in self._nodes if node.name.endswith(f" {name}")]

    def texts(self, name: str) -> tuple[Any, ...]:
        """Their texts; which words they may be, `check_structure` has seen to."""
        return tuple(node.text for node in self.all(name))

    def text(self, name: str) -> Any:
        """The one text, or None."""
        return next((node.text for node in self.all(name)), None)

    def time(self, name: str) -> Any:
        """The one time, or None."""
        text = self.text(name)
        return None if text is None else read_time(text)

    def pairs(self, name: str) -> tuple[Pair, ...]:
        """Names with their values."""
        return tuple(Pair(pair.text("valueName"), pair.text("value")) for pair in map(_Fields, self.all(name)))


def _message(alert: _Fields, *, signed: bool) -> Message:
    """3.2.1."""
    return Message(
        identifier=alert.text("identifier"),
        sender=alert.text("sender"),
        sent=alert.time("sent"),
        status=alert.text("status"),
        message_type=alert.text("msgType"),
        source=alert.text("source"),
        scope=alert.text("scope"),
        restriction=alert.text("restriction"),
        addresses=alert.text("addresses"),
        codes=alert.texts("code"),
        note=alert.text("note"),
        references=alert.text("references"),
        incidents=alert.text("incidents"),
        infos=tuple(_info(_Fields(node)) for node in alert.all("info")),
        signed=signed,
    )


def _info(info: _Fields) -> Info:
    """3.2.2."""
    return Info(
        language=info.text("language"),
        categories=info.texts("category"),
        event=info.text("event"),
        response_types=info.texts("responseType"),
        urgency=info.text("urgency"),
        severity=info.text("severity"),
        certainty=info.text("certainty"),
        audience=info.text("audience"),
        event_codes=info.pairs("eventCode"),
        effective=info.time("effective"),
        onset=info.time("onset"),
        expires=info.time("expires"),
        sender_name=info.text("senderName"),
        headline=info.text("headline"),
        description=info.text("description"),
        instruction=info.text("instruction"),
        web=info.text("web"),
        contact=info.text("contact"),
        parameters=info.pairs("parameter"),
        resources=tuple(_resource(_Fields(node)) for node in info.all("resource")),
        areas=tuple(_area(_Fields(node)) for node in info.all("area")),
    )


def _resource(resource: _Fields) -> Resource:
    """3.2.3."""
    size = resource.text("size")
    return Resource(
        description=resource.text("resourceDesc"),
        mime_type=resource.text("mimeType"),
        size=None if size is None else int(size),
        uri=resource.text("uri"),
        deref_uri=resource.text("derefUri"),
        digest=resource.text("digest"),
    )


def _area(area: _Fields) -> Area:
    """3.2.4."""
    return Area(
        description=area.text("areaDesc"),
        polygons=area.texts("polygon"),
        circles=area.texts("circle"),
        geocodes=area.pairs("geocode"),
        altitude=area.text("altitude"),
        ceiling=area.text("ceiling"),
    )
