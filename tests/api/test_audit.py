"""The audit over HTTP: for administrators, page by page or all of it, and exporting it is recorded too."""

import csv
import io

import httpx
import msgspec

from hydroalert.api.services import Services
from hydroalert.domain.actors import Actor, Role, Scope
from hydroalert.store.writing import writing
from tests.api.people import logged_in, with_key
from tests.api.walking import collect

AUDIT = "/api/v1/audit"
LOOKED = "SELECT count(add_audit('looked', 'drill', $1, NULL, $2)) FROM generate_series(1, $3)"
NOTE = '{"text": "a \\"quoted\\", line\\nand another"}'


async def done(services: Services, name: str, target: str, count: int = 1) -> None:
    """Let somebody do something a few times."""
    async with writing(services.writings, Actor("account", name, 7, "192.0.2.7", f"drill-{name}")) as connection:
        await connection.execute(LOOKED, target, NOTE, count)


async def test_the_audit_is_read_page_by_page_the_newest_first_and_by_its_filters(
    services: Services, client: httpx.AsyncClient
) -> None:
    client.headers = httpx.Headers(await logged_in(services, Role.ADMIN))
    await done(services, "ana", "avon", 3)
    await done(services, "ben", "severn", 2)
    found = await collect(client, AUDIT, "entries", thing="drill", limit=2)
    assert [one["actor"] for one in found] == ["ben", "ben", "ana", "ana", "ana"]
    assert [one["id"] for one in found] == sorted((one["id"] for one in found), reverse=True)
    newest = found[0]
    assert {"actor_kind": "account", "account_id": 7, "address": "192.0.2.7", "act": "looked"}.items() <= newest.items()
    assert newest["at"].endswith("Z")
    for filters, count in (
        ({"actor": "ana"}, 3),
        ({"target": "severn"}, 2),
        ({"request_id": "drill-ana"}, 3),
        ({"act": "looked", "since": found[1]["at"]}, 2),
        ({"act": "looked", "until": "2026-01-01T00:00:00Z"}, 0),
        ({"actor": "ana", "target": "severn"}, 0),
    ):
        assert len((await client.get(AUDIT, params=filters)).json()["entries"]) == count
    checks = (await client.get("/health/detailed")).json()["checks"]
    assert {"name": "audit", "verdict": "ok", "detail": "append-only"} in checks
    cursor = (await client.get(AUDIT, params={"limit": 1})).json()["next"]
    for wrong in ({"since": "yesterday"}, {"limit": "0"}, {"actor": "a\0"}, {"cursor": cursor, "actor": "ana"}):
        assert (await client.get(AUDIT, params=wrong)).status_code == 400


async def test_an_export_holds_all_that_matches_and_is_an_entry_itself(
    services: Services, client: httpx.AsyncClient
) -> None:
    client.headers = httpx.Headers(await with_key(services, Role.ADMIN, Scope.AUDIT_READ))
    await done(services, "ana", "avon", 1_234)
    as_csv = await client.get(AUDIT, params={"target": "avon"}, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(as_csv.text, newline="")))
    as_ndjson = await client.get(AUDIT, params={"target": "avon", "format": "ndjson"})
    objects = [msgspec.json.decode(line) for line in as_ndjson.text.splitlines()]
    assert as_csv.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert [int(row["id"]) for row in rows] == [one["id"] for one in objects]
    assert len(rows) == 1_234
    assert msgspec.json.decode(rows[0]["after"]) == objects[0]["after"] == msgspec.json.decode(NOTE)
    exported = (await client.get(AUDIT, params={"act": "exported"})).json()["entries"]
    assert [(one["thing"], one["actor_kind"], one["after"]) for one in exported] == [
        ("audit", "key", {"target": "avon"})
    ] * 2
