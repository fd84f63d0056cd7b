"""Which elements a CAP 1.2 message has, in which order, how often, and what each may hold (section 3.2)."""

import math
from typing import get_args

import msgspec

from hydroalert.wire.cap import message as cap
from hydroalert.wire.cap.message import NAMESPACE, SIGNATURES, BadCap
from hydroalert.wire.cap.values import Check, any_text, decimal_number, language, time, uri, whole_number, word_of
from hydroalert.wire.cap.xml_tree import Node

_HINTS = frozenset(f"http://www.w3.org/2001/XMLSchema-instance {name}" for name in
                   ("schemaLocation", "noNamespaceSchemaLocation"))  # fmt: skip
_MANY = math.inf


class Part(msgspec.Struct, frozen=True):
    """An element within its parent: at least `least` and at most `most` times, holding a value or other elements."""

    name: str
    holds: "Check | tuple[Part, ...]" = any_text
    least: int = 1
    most: float = 1


def _optional(name: str, holds: "Check | tuple[Part, ...]" = any_text) -> Part:
    return Part(name, holds, least=0)


def _any_number(name: str, holds: "Check | tuple[Part, ...]" = any_text) -> Part:
    return Part(name, holds, least=0, most=_MANY)


_PAIR = (Part("valueName"), Part("value"))
_RESOURCE = (
    Part("resourceDesc"),
    Part("mimeType"),
    _optional("size", whole_number),
    _optional("uri", uri),
    _optional("derefUri"),
    _optional("digest"),
)
_AREA = (
    Part("areaDesc"),
    _any_number("polygon"),
    _any_number("circle"),
    _any_number("geocode", _PAIR),
    _optional("altitude", decimal_number),
    _optional("ceiling", decimal_number),
)
_INFO = (
    _optional("language", language),
    Part("category", word_of(get_args(cap.Category)), most=_MANY),
    Part("event"),
    _any_number("responseType", word_of(get_args(cap.ResponseType))),
    Part("urgency", word_of(get_args(cap.Urgency))),
    Part("severity", word_of(get_args(cap.Severity))),
    Part("certainty", word_of(get_args(cap.Certainty))),
    _optional("audience"),
    _any_number("eventCode", _PAIR),
    _optional("effective", time),
    _optional("onset", time),
    _optional("expires", time),
    _optional("senderName"),
    _optional("headline"),
    _optional("description"),
    _optional("instruction"),
    _optional("web", uri),
    _optional("contact"),
    _any_number("parameter", _PAIR),
    _any_number("resource", _RESOURCE),
    _any_number("area", _AREA),
)
_ALERT = (
    Part("identifier"),
    Part("sender"),
    Part("sent", time),
    Part("status", word_of(get_args(cap.Status))),
    Part("msgType", word_of(get_args(cap.MessageType))),
    _optional("source"),
    Part("scope", word_of(get_args(cap.Scope))),
    _optional("restriction"),
    _optional("addresses"),
    _any_number("code"),
    _optional("note"),
    _optional("references"),
    _optional("incidents"),
    _any_number("info", _INFO),
)


def check_structure(root: Node) -> None:
    """Whether it is an `alert` and everything in it where it may stand. Raises BadCap that names the place."""
    if root.name != f"{NAMESPACE} alert":
        raise BadCap(f"it is no alert of {NAMESPACE}")
    elements = [child for child in root.children if not is_signature(child)]
    if root.children[: len(elements)] != elements:
        raise BadCap("alert: a signature stands before other elements")
    _check(msgspec.structs.replace(root, children=elements), Part("alert", _ALERT), "alert")


def is_signature(node: Node) -> bool:
    """Whether it belongs to XML Signature, which alone may follow what CAP defines."""
    return node.name.startswith(f"{SIGNATURES} ")


def _check(node: Node, part: Part, path: str) -> None:
    if not node.attributes.keys() <= _HINTS:
        raise BadCap(f"{path}: CAP has no attributes")
    if isinstance(part.holds, tuple):
        _check_sequence(node, part.holds, path)
    elif node.children:
        raise BadCap(f"{path}: holds elements instead of a value")
    else:
        _check_value(part.holds, node.text, path)


def _check_value(check: Check, text: str, path: str) -> None:
    try:
        check(text)
    except BadCap as error:
        raise BadCap(f"{path}: {error}") from None


def _check_sequence(node: Node, parts: tuple[Part, ...], path: str) -> None:
    if node.text.strip(" \t\n\r"):
        raise BadCap(f"{path}: text stands between its elements")
    at = 0
    for part in parts:
        first = at
        while at < len(node.children) and at - first < part.most and _is(node.children[at], part):
            _check(node.children[at], part, f"{path}/{part.name}")
            at += 1
        if at - first < part.least:
            raise BadCap(f"{path}: {part.name} is missing, or does not stand in its place")
    if at < len(node.children):
        name = node.children[at].name.rpartition(" ")[2]
        raise BadCap(f"{path}: {name} does not belong there, or not so often")


def _is(node: Node, part: Part) -> bool:
    return node.name == f"{NAMESPACE} {part.name}"
