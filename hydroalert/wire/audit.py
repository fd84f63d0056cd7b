"""An entry of the audit as both doors show it: a JSON object, a line of NDJSON, a row of CSV (RFC 4180)."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

from hydroalert.domain.audit import Entry
from hydroalert.domain.clock import rfc3339


class ShownEntry(msgspec.Struct, frozen=True):
    """Who did what to what, and from where. `act`: added, changed, removed, or an event's own word; of a change,
    `before` and `after` hold only what changed. Secrets and personal data read `(hidden)`."""

    id: int
    at: str
    actor_kind: str
    actor: str
    account_id: int | None
    address: str | None
    request_id: str | None
    act: str
    thing: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def shown(entry: Entry) -> ShownEntry:
    """An entry as JSON has it."""
    return ShownEntry(**{**msgspec.structs.asdict(entry), "at": rfc3339(entry.at)})


def as_ndjson(entries: Iterable[Entry]) -> bytes:
    """One JSON object a line."""
    return b"".join(msgspec.json.encode(shown(one)) + b"\n" for one in entries)


def as_csv(entries: Iterable[Entry]) -> bytes:
    """One row an entry, without the head; `before` and `after` are JSON, what is absent is empty."""
    return _lines(_cells(one) for one in entries)


def csv_head() -> bytes:
    """The names of the columns."""
    return _lines([ShownEntry.__struct_fields__])


def _cells(entry: Entry) -> list[object]:
    values = msgspec.structs.astuple(shown(entry))
    return [msgspec.json.encode(one).decode() if isinstance(one, dict) else one for one in values]


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
