"""`/api/v1/audit`: page by page as JSON, or all of it at once as CSV or NDJSON."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.response import Stream

from hydroalert.api import cursors
from hydroalert.api.callers.may import may
from hydroalert.api.documenting import AuditToo
from hydroalert.api.formats import CSV, JSON, NDJSON, choose_format
from hydroalert.api.parameters import parse_optional_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.audit import Filter
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.audit import record
from hydroalert.store.reading import reading
from hydroalert.store.reading_audit import all_entries, list_entries
from hydroalert.store.writing import writing
from hydroalert.wire.audit import ShownEntry, as_csv, as_ndjson, csv_head, shown

_FORMATS = {"json": JSON, "csv": CSV, "ndjson": NDJSON}
_LONGEST_WORD = 200

Word = Annotated[str | None, QueryParameter(description="Exactly that", max_length=_LONGEST_WORD)]


class AuditPage(msgspec.Struct, frozen=True):
    """Entries, the newest first; `next` is the cursor of the next page, null on the last."""

    entries: list[ShownEntry]
    next: str | None


def parse_filter(  # noqa: PLR0913 - one for each part of the query
    actor: Word = None,
    thing: Word = None,
    target: Word = None,
    act: Word = None,
    request_id: Word = None,
    since: Annotated[str | None, QueryParameter(description="This time or later")] = None,
    until: Annotated[str | None, QueryParameter(description="Earlier than this")] = None,
) -> Filter:
    """Which entries; times are RFC 3339 with an offset."""
    if any("\0" in word for word in (actor, thing, target, act, request_id) if word):
        raise InvalidInput("no entry holds a zero byte")
    times = parse_optional_time(since, "since"), parse_optional_time(until, "until")
    return Filter(actor, thing, target, act, request_id, *times)


@get(
    "/api/v1/audit",
    tags=["audit"],
    summary="Who did what to what, from where, before and after",
    guards=[may(Role.ADMIN, Scope.AUDIT_READ)],
    dependencies={"wanted": Provide(parse_filter, sync_to_thread=False)},
    operation_class=AuditToo,
    responses=documented(400),
)
async def read_audit(  # noqa: PLR0913 - one for each part of the query
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
    wanted: NamedDependency[Filter],
    limit: Annotated[int, QueryParameter(description="Entries a page of JSON", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    format_: Annotated[str | None, QueryParameter(name="format", description="json, csv or ndjson")] = None,
) -> Response[AuditPage]:
    """The newest first. CSV and NDJSON hold all that match, streamed; that it was exported is an entry itself."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    if media_type != JSON:
        return await _export(services, caller, wanted, media_type)
    after = None if cursor is None else cursors.unseal(services.cursor_key, wanted, cursor, int)
    async with reading(services.readings) as connection:
        found = await list_entries(connection, wanted, after, limit + 1)
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, wanted, found[limit - 1].id)
    headers = {"Vary": "Accept"} | cursors.next_link(request, following)
    return Response(AuditPage([shown(one) for one in found[:limit]], following), media_type=JSON, headers=headers)


async def _export(services: Services, caller: Caller, wanted: Filter, media_type: str) -> Response[Any]:
    async with writing(services.writings, caller.actor) as connection:
        await record(connection, "exported", "audit", "", wanted)
    name = "audit.csv" if media_type == CSV else "audit.ndjson"
    headers = {"Vary": "Accept", "Content-Disposition": f'attachment; filename="{name}"'}
    full_type = f"{CSV}; header=present" if media_type == CSV else NDJSON
    return Stream(_pieces(services, wanted, media_type), media_type=full_type, headers=headers)


async def _pieces(services: Services, wanted: Filter, media_type: str) -> AsyncIterator[bytes]:
    if media_type == CSV:
        yield csv_head()
    written = as_csv if media_type == CSV else as_ndjson
    async for entries in all_entries(services.readings, wanted):
        yield written(entries)
