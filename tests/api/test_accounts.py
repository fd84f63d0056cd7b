"""Laws of accounts over HTTP: what is answered, what is not, and to whom."""

import base64
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hydroalert.accounts.administration import add_person
from hydroalert.accounts.totp import code_at
from hydroalert.api.app import create_app
from hydroalert.api.services import Services
from hydroalert.api.settings import HttpSettings
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.clock import EPOCH, rfc3339
from hydroalert.store.writing import writing
from tests.accounts.conftest import cheap_hasher
from tests.api.people import bearing, logged_in, with_key
from tests.api.world import World

NEW = "eight maids a-milking"
LOGIN, REFRESH, OWN = "/api/v1/login", "/api/v1/login/refresh", "/api/v1/account"


@pytest.fixture
def services(services: Services) -> Services:
    """The same, but passwords cost nothing, and no code's time is over in the middle of a test."""
    now = services.clock()
    return replace(services, hasher=cheap_hasher(), clock=lambda: now)


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def person(services: Services, name: str, role: Role) -> str:
    """A new account; returns its first password."""
    async with writing(services.writings) as connection:
        return await add_person(connection, services.hasher, name, role, secrets.token_bytes)


async def log_in(client: httpx.AsyncClient, name: str, password: str, **more: Any) -> Any:
    answer = await client.post(LOGIN, json={"name": name, "password": password, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_a_person_logs_in_changes_the_first_password_goes_on_and_logs_out(
    services: Services, client: httpx.AsyncClient
) -> None:
    first = await person(services, "ben", Role.VIEWER)
    tokens = await log_in(client, "ben", first)
    assert tokens.keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "role",
        "must_change_password",
    }
    assert (tokens["role"], tokens["must_change_password"], tokens["expires_in"]) == ("viewer", True, 600)
    me = bearing(tokens["access_token"])
    assert kind(await client.get("/api/v1/subscriptions", headers=me)) == (403, "change-password")
    assert (await client.get(OWN, headers=me)).json()["must"] == "change-password"
    change = {"current": first, "new": NEW}
    assert kind(await client.post(f"{OWN}/password", json=change | {"new": "short"}, headers=me))[0] == 400
    assert kind(await client.post(f"{OWN}/password", json=change | {"current": "no"}, headers=me)) == (
        403,
        "wrong-password",
    )
    assert (await client.post(f"{OWN}/password", json=change, headers=me)).status_code == 204
    assert (await client.get("/api/v1/subscriptions", headers=me)).status_code == 200
    after = (await client.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})).json()
    me = bearing(after["access_token"])
    (login,) = (await client.get(f"{OWN}/logins", headers=me)).json()["logins"]
    assert (login["current"], login["address"]) == (True, "127.0.0.1")
    assert (await client.post("/api/v1/logout", headers=me)).status_code == 204
    assert kind(await client.get(OWN, headers=me)) == (401, "invalid-token")
    ended = await client.post(REFRESH, json={"refresh_token": after["refresh_token"]})
    assert (*kind(ended), "WWW-Authenticate" in ended.headers) == (401, "login-ended", True)


async def test_wrong_names_and_passwords_are_answered_alike_until_it_is_too_soon(
    services: Services, client: httpx.AsyncClient
) -> None:
    await person(services, "ben", Role.VIEWER)

    async def tried(name: str) -> list[tuple[int, str, bool]]:
        answers = [await client.post(LOGIN, json={"name": name, "password": "wrong"}) for _ in range(6)]
        return [(one.status_code, one.text, "retry-after" in one.headers) for one in answers]

    known, unknown = await tried("ben"), await tried("ken")
    assert known == unknown
    assert [(status, waits) for status, _, waits in known] == [(401, False)] * 5 + [(429, True)]


async def test_what_is_no_login_is_refused_with_words(client: httpx.AsyncClient) -> None:
    bodies = [
        b"",
        b"{}",
        b"[]",
        b'{"name":"a","password":"b","role":"admin"}',
        b'{"name":1,"password":"b"}',
        b'{"name":"a","password":"' + b"x" * 1025 + b'"}',
        b'{"name":"\\u0000","password":"b"}',
    ]
    answers = [await client.post(LOGIN, content=body) for body in bodies]
    assert [kind(one) for one in answers] == [(400, "invalid-input")] * len(bodies)


async def test_a_second_factor_is_set_up_asked_for_and_taken_away_by_an_administrator(
    services: Services, client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    first = await person(services, "ben", Role.OPERATOR)
    me = bearing((await log_in(client, "ben", first))["access_token"])
    begun = (await client.post(f"{OWN}/second-factor", headers=me)).json()
    assert begun.keys() == {"secret", "uri", "qr_svg"}
    secret = base64.b32decode(begun["secret"])
    step = (services.clock() - EPOCH) // timedelta(seconds=30)
    shown = [code_at(secret, step + off).decode() for off in (-1, 0, 1)]
    wrong = next(code for code in ("000000", "111111", "222222", "333333") if code not in shown)
    confirm = f"{OWN}/second-factor/confirm"
    assert kind(await client.post(confirm, json={"code": wrong, "password": first}, headers=me))[0] == 400
    found_unlocked = await client.post(confirm, json={"code": shown[0], "password": "a guess of mine"}, headers=me)
    assert kind(found_unlocked) == (403, "wrong-password")
    confirmed = await client.post(confirm, json={"code": shown[0], "password": first}, headers=me)
    recovery = confirmed.json()["recovery_codes"]
    assert len(set(recovery)) == 10
    given = {"name": "ben", "password": first}
    assert kind(await client.post(LOGIN, json=given)) == (401, "second-factor-needed")
    assert kind(await client.post(LOGIN, json=given | {"code": wrong})) == (401, "wrong-code")
    await log_in(client, "ben", first, code=shown[2])
    await log_in(client, "ben", first, code=recovery[3])
    assert (await admin.delete("/api/v1/accounts/ben/second-factor")).status_code == 204
    await log_in(client, "ben", first)


async def test_operators_without_a_second_factor_do_nothing_where_one_is_required(services: Services) -> None:
    strict = replace(services, settings=HttpSettings(require_second_factor=True))
    transport = httpx.ASGITransport(create_app(strict), client=("198.51.100.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for role, expected in ((Role.VIEWER, 200), (Role.OPERATOR, 403)):
            me = await logged_in(services, role)
            assert (await client.get("/api/v1/subscriptions", headers=me)).status_code == expected
        assert (await client.get(OWN, headers=me)).json()["must"] == "second-factor"


async def test_administrators_run_accounts_and_there_is_always_one(
    services: Services, client: httpx.AsyncClient, admin: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    accounts = "/api/v1/accounts"
    added = await admin.post(accounts, json={"name": "cem", "role": "viewer"})
    assert (added.status_code, added.json()["account"]["must_change_password"]) == (201, True)
    assert kind(await admin.post(accounts, json={"name": "cem", "role": "viewer"})) == (409, "conflict")
    assert kind(await admin.post(accounts, json={"name": "Cem!", "role": "viewer"})) == (400, "invalid-input")
    cem = await log_in(client, "cem", added.json()["password"])
    assert (await admin.patch(f"{accounts}/cem", json={"role": "operator"})).json()["role"] == "operator"
    assert kind(await admin.patch(f"{accounts}/ann", json={"role": "operator"})) == (409, "conflict")
    assert kind(await admin.patch(f"{accounts}/ann", json={"enabled": False})) == (409, "conflict")
    assert kind(await admin.delete(f"{accounts}/ann")) == (409, "conflict")
    assert (await admin.post(f"{accounts}/cem/logout")).json() == {"ended": 1}
    assert kind(await client.get(OWN, headers=bearing(cem["access_token"]))) == (401, "invalid-token")
    reset = (await admin.post(f"{accounts}/cem/password")).json()["password"]
    assert reset != added.json()["password"]
    await log_in(client, "cem", reset)
    shown = (await admin.get(f"{accounts}/cem")).json()
    assert (shown["logins"], shown["keys"], shown["enabled"]) == (1, 0, True)
    assert (await admin.delete(f"{accounts}/cem")).status_code == 204
    assert kind(await admin.get(f"{accounts}/cem")) == (404, "not-found")
    assert [one["name"] for one in (await admin.get(accounts)).json()["accounts"]] == ["ann", "asha"]
    assert kind(await operator.get(accounts)) == (403, "not-allowed")


async def test_a_key_is_shown_once_does_what_it_may_and_is_seen_by_its_owner(
    services: Services, client: httpx.AsyncClient, admin: httpx.AsyncClient, operator: httpx.AsyncClient, world: World
) -> None:
    keys = "/api/v1/keys"
    wanted = {"name": "prometheus", "scopes": ["metrics"], "expires_at": rfc3339(services.clock() + timedelta(days=90))}
    made = await operator.post(keys, json=wanted)
    assert made.status_code == 201
    machine = bearing(made.json()["key"])
    assert (await client.get("/metrics", headers=machine)).status_code == 200
    assert kind(await client.get("/api/v1/subscriptions", headers=machine)) == (403, "not-allowed")
    assert kind(await client.get(OWN, headers=machine)) == (403, "not-allowed")
    assert kind(await client.post(keys, json=wanted, headers=machine)) == (403, "not-allowed")
    assert kind(await operator.post(keys, json=wanted | {"account": "ann"})) == (403, "not-allowed")
    assert kind(await operator.post(keys, json=wanted | {"scopes": ["audit:read"]})) == (400, "invalid-input")
    assert kind(await operator.post(keys, json=wanted | {"expires_at": "2030-01-01"})) == (400, "invalid-input")
    await admin.post(keys, json=wanted | {"name": "export"})
    (seen,) = (await operator.get(keys)).json()["keys"]
    assert (seen["account"], seen["used_at"] is not None, seen["in_force"]) == ("asha", True, True)
    everything = await admin.get(keys)
    assert [one["name"] for one in everything.json()["keys"]] == ["export", "prometheus"]
    assert made.json()["key"].rpartition("_")[2] not in everything.text
    now, last_used = services.clock(), "SELECT max(used_at) FROM api_key"
    for later_s, kept_s in ((59, 0), (61, 61), (119, 61)):
        await services.key_uses.note(services.writings, seen["code"], now + timedelta(seconds=later_s))
        assert await world.connection.fetchval(last_used) == now + timedelta(seconds=kept_s)
    export = everything.json()["keys"][0]["code"]
    assert kind(await operator.delete(f"{keys}/{export}")) == (404, "not-found")
    assert (await operator.delete(f"{keys}/{seen['code']}")).status_code == 204
    assert kind(await client.get("/metrics", headers=machine)) == (401, "invalid-token")


async def test_nobody_ends_the_login_of_another(
    services: Services, client: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    viewer = await logged_in(services, Role.VIEWER)
    (login,) = (await client.get(f"{OWN}/logins", headers=viewer)).json()["logins"]
    assert kind(await operator.delete(f"{OWN}/logins/{login['id']}")) == (404, "not-found")
    assert (await client.delete(f"{OWN}/logins/{login['id']}", headers=viewer)).status_code == 204
    assert kind(await client.get(OWN, headers=viewer)) == (401, "invalid-token")
    assert kind(await client.get(OWN, headers=await with_key(services, Role.ADMIN, *Scope))) == (403, "not-allowed")
