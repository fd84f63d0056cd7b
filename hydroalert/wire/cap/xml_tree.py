"""XML from a stranger: nothing is fetched, no entity is resolved, a document type is refused where it begins."""

from typing import NoReturn
from xml.parsers import expat

import msgspec

from hydroalert.wire.cap.message import BadCap

MAX_BYTES = 2_000_000
MAX_DEPTH = 16
MAX_ELEMENTS = 50_000


class Node(msgspec.Struct):
    """An element: its name (namespace, blank, local name; or the name alone), what stands in it, and all its text."""

    name: str
    attributes: dict[str, str]
    children: "list[Node]" = []
    text: str = ""


def read_tree(body: bytes) -> Node:
    """The root of a document in UTF-8, UTF-16, ISO 8859-1 or ASCII. Raises BadCap.

    At most MAX_BYTES, MAX_DEPTH levels and MAX_ELEMENTS elements. Comments and instructions are passed over.
    """
    if len(body) > MAX_BYTES:
        raise BadCap(f"it is longer than {MAX_BYTES:,} bytes")
    growing = _Growing()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype  # before any entity of it is declared
    parser.XmlDeclHandler = _refuse_version
    parser.StartElementHandler = growing.start
    parser.EndElementHandler = growing.end
    parser.CharacterDataHandler = growing.say
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: of its encoding
        raise BadCap(f"it is no well-formed XML: {error}") from None
    assert growing.root is not None
    return growing.root


class _Growing:
    """The tree so far. What has begun and not ended is the path from the root."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._path: list[Node] = []
        self._texts: list[list[str]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._path) >= MAX_DEPTH:
            raise BadCap(f"it has more than {MAX_ELEMENTS:,} elements or {MAX_DEPTH} levels")
        node = Node(name, attributes)
        if self._path:
            self._path[-1].children.append(node)
        else:
            self.root = node
        self._path.append(node)
        self._texts.append([])

    def end(self, _: str) -> None:
        """The innermost element ends."""
        self._path.pop().text = "".join(self._texts.pop())

    def say(self, text: str) -> None:
        """Text within the innermost element."""
        self._texts[-1].append(text)


def _refuse_doctype(*_: object) -> NoReturn:
    raise BadCap("it declares a document type: CAP has none, and entities are not resolved")


def _refuse_version(version: str, *_: object) -> None:
    if version != "1.0":
        raise BadCap(f"it is XML {version}, not 1.0")
