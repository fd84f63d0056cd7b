"""Who may call what: every route, asked by everybody, against the table beside this file."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hydroalert.api.app import application, create_app, declared_routes
from hydroalert.api.callers.declared import may_of
from hydroalert.api.callers.listing import DeclaredRoute, as_markdown
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.store.keys import list_keys, revoke_key
from hydroalert.store.writing import writing
from tests.api.access.asking import Door, Headers, ask, doors
from tests.api.people import logged_in, with_key

TABLE = Path(__file__).with_name("table.txt")
PAGE = Path(__file__).parents[3] / "docs/routes.md"

CALLERS = (
    "nobody",
    "this machine",
    "viewer",
    "operator",
    "admin",
    "admin's key without the scope",
    "admin's key with only the scope",
    "viewer's key with the scope",
    "expired token",
    "forged token",
    "revoked key",
    "logged out",
)


async def people(services: Services, app: Any) -> dict[str, Headers]:
    """Headers of everybody who is the same for each route."""
    revoked = await with_key(services, Role.ADMIN, *Scope)
    now = services.clock()
    async with writing(services.writings) as connection:
        for key in await list_keys(connection, None, now):
            await revoke_key(connection, key.code, None, now)
    an_hour_ago = replace(services, clock=lambda: now - timedelta(hours=1))
    viewer, admin = await logged_in(services, Role.VIEWER), await logged_in(services, Role.ADMIN)
    promoted = admin["Authorization"].rpartition(".")[0] + "." + viewer["Authorization"].rpartition(".")[2]
    gone = await logged_in(services, Role.ADMIN)
    assert await ask(app, ("POST", "", "/api/v1/logout"), gone, "127.0.0.1") == "in"
    return {
        "nobody": {},
        "this machine": {},
        "viewer": viewer,
        "operator": await logged_in(services, Role.OPERATOR),
        "admin": admin,
        "expired token": await logged_in(an_hour_ago, Role.ADMIN),
        "forged token": {"Authorization": promoted},
        "revoked key": revoked,
        "logged out": gone,
    }


async def keys(services: Services) -> dict[Scope | None, dict[str, Headers]]:
    """Headers of keys, for each scope that a route may ask for; for None it is all of them that do not help."""
    found: dict[Scope | None, dict[str, Headers]] = {}
    for scope in (None, *Scope):
        theirs = tuple(Scope) if scope is None else (scope,)
        found[scope] = {
            CALLERS[5]: await with_key(services, Role.ADMIN, *(set(Scope) - {scope})),
            CALLERS[6]: await with_key(services, Role.ADMIN, *theirs),
            CALLERS[7]: await with_key(services, Role.VIEWER, *theirs),
        }
    return found


def scopes_of(app: Any) -> dict[tuple[str, str], Scope | None]:
    """The scope that each route asks of a key."""
    found: dict[tuple[str, str], Scope | None] = {}
    for route in app.routes:
        handlers = [one for one, _ in getattr(route, "route_handler_map", {}).values()] or [route.route_handler]
        for handler in handlers:
            for method in getattr(handler, "http_methods", {"WebSocket"}) - {"OPTIONS"}:
                found[method, route.path_format] = may_of(handler).access.scope
    return found


def rows(text: str) -> dict[str, str]:
    """What each caller gets, by method and path."""
    lines = [line.split("|") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {" ".join(name.split()): " ".join(answers.split()) for name, answers in lines}


def written(door: Door, answers: list[str]) -> str:
    return f"{door[0]:9} {door[1]:70} | {' '.join(f'{one:3}' for one in answers)}".rstrip()


async def test_every_route_lets_in_exactly_whom_the_table_says(services: Services) -> None:
    app, served = application(), create_app(services)
    everybody, with_scopes, scopes = await people(services, served), await keys(services), scopes_of(app)
    found = []
    for door in doors(app):
        callers = everybody | with_scopes[scopes[door[0], door[1]]]
        asked = [ask(served, door, callers[one], "192.0.2.7" if one == "nobody" else "127.0.0.1") for one in CALLERS]
        answers = await asyncio.gather(*asked)
        found.append(written(door, answers))
    promised = rows(TABLE.read_text())
    other = [row for row in found if rows(row).items() - promised.items()]
    assert not other, f"where {TABLE.name} says otherwise, or nothing:\n" + "\n".join(other)
    assert set(promised) == set(rows("\n".join(found))), "the table has rows of routes that are gone"
    paths = app.openapi_schema.to_schema()["paths"]
    assert {f"{method.upper()} {path}" for path, item in paths.items() for method in item} <= set(promised)


@pytest.fixture(scope="module")
def declared() -> list[DeclaredRoute]:
    """Every route with its rule and rate."""
    return declared_routes()


def test_the_page_of_routes_is_what_the_application_declares(declared: list[DeclaredRoute]) -> None:
    assert PAGE.read_text() == as_markdown(declared), "run: hydroalert routes --markdown > docs/routes.md"


def test_every_route_bounds_what_it_reads(declared: list[DeclaredRoute]) -> None:
    assert all(0 <= one.max_body_bytes < 16 * 1024 * 1024 for one in declared)
