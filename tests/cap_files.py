"""Real CAP messages, good and bad, and the schema of OASIS as a second judge; all beside the repository."""

from pathlib import Path

import pytest
from lxml import etree

FOLDER = Path(__file__).resolve().parents[1] / "../shared/data/cap"


def files(kind: str) -> list[Path]:
    """The messages in `valid` or `bad`; skips the test where there are none."""
    found = sorted(path for path in (FOLDER / kind).glob("*") if path.suffix in (".cap", ".xml"))
    if not found:
        pytest.skip("the CAP files are not beside the repository (../shared/data/cap)")
    return found


class Schema:
    """What the schema says of a document, whatever else it is: nothing is fetched, no entity is resolved."""

    def __init__(self) -> None:
        path = FOLDER / "CAP-v1.2.xsd"
        if not path.exists():
            pytest.skip("the CAP schema is not beside the repository (../shared/data/cap)")
        self._schema = etree.XMLSchema(etree.parse(str(path)))
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True)

    def accepts(self, body: bytes) -> bool:
        """Whether it is well-formed and valid."""
        try:
            document = etree.fromstring(body, self._parser)
        except (etree.XMLSyntaxError, ValueError):
            return False
        return document.getroottree().docinfo.internalDTD is None and self._schema.validate(document)
