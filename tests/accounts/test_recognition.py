"""Laws of tokens: what proves who somebody is, and what does not."""

import asyncio
import base64
import json
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.accounts.key_tokens import draw_key_token
from hydroalert.accounts.recognition import recognise
from hydroalert.accounts.tokens import LIFETIME, issue, prove, read_naming
from hydroalert.domain.actors import Role, Scope
from hydroalert.store import Connection
from hydroalert.store.accounts import NewAccount, add_account
from hydroalert.store.keys import NewKey, add_key
from hydroalert.store.sealing import Sealer
from hydroalert.store.sessions import NewLogin, start_login
from hydroalert.store.signing_keys import SigningKey, current_signing_key, rotate_signing_key
from tests.accounts.conftest import NOW

KEY = SigningKey(7, bytes(range(32)))
SESSION = UUID(int=5)
GOOD = issue(KEY, 3, SESSION, NOW)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(key: bytes = KEY.secret, algorithm: str = "HS256", **changes: Any) -> str:
    """A token like the good one but for these claims; None takes one out."""
    claims = jwt.decode(GOOD, options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm, headers={"kid": "7"})


def test_a_token_proves_its_login_for_ten_minutes_and_no_longer() -> None:
    assert prove(GOOD, KEY.secret, NOW) == prove(GOOD, KEY.secret, NOW + LIFETIME - timedelta(seconds=1))
    assert prove(GOOD, KEY.secret, NOW + LIFETIME) is None
    assert prove(GOOD, KEY.secret, NOW - timedelta(minutes=1)) is None


def test_no_other_algorithm_is_believed() -> None:
    _, claims, signature = GOOD.split(".")
    unsigned = [f"{part({'alg': name, 'kid': '7'})}.{claims}." for name in ("none", "None", "NONE", "")]
    renamed = [f"{part({'alg': name, 'kid': '7'})}.{claims}.{signature}" for name in ("RS256", "HS512", "ES256")]
    assert [prove(token, KEY.secret, NOW) for token in unsigned + renamed] == [None] * 7
    long = bytes(64)
    assert prove(signed(long), long, NOW) is not None
    assert [prove(signed(long, name), long, NOW) for name in ("HS384", "HS512")] == [None, None]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["hydroalert", "another"]},
        {"iss": "another"},
        {"sub": None},
        {"sid": None},
        {"exp": None},
        {"iat": None},
        {"aud": None},
        {"exp": "soon"},
        {"sub": "admin"},
    ],
)
def test_a_token_for_others_or_without_a_claim_proves_nothing(changes: dict[str, Any]) -> None:
    assert prove(signed(), KEY.secret, NOW) is not None
    assert prove(signed(**changes), KEY.secret, NOW) is None


def test_another_key_proves_nothing() -> None:
    assert prove(signed(bytes(32)), KEY.secret, NOW) is None


@given(st.one_of(st.text(max_size=80), st.text("abcAB.-_=019", max_size=200)))
def test_no_text_is_more_than_nothing_and_none_breaks_the_reader(text: str) -> None:
    assert read_naming(text) is None
    assert prove(text, KEY.secret, NOW) is None


def test_what_is_nested_too_long_or_out_of_range_is_no_token() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 700).decode().rstrip("=")
    huge = part({"alg": "HS256", "kid": str(2**40)})
    texts = f"{deep}.{deep}.", GOOD + "." * 1024, f"{huge}.{GOOD.split('.')[1]}."
    assert [read_naming(one) for one in texts] == [None, None, None]


async def test_a_token_counts_while_login_account_and_key_do(connection: Connection, sealer: Sealer) -> None:
    account_id = await add_account(connection, NewAccount("anna", Role.OPERATOR, "!", must_change=False))
    login = NewLogin(uuid4(), account_id, NOW + timedelta(hours=12), "198.51.100.7", "tests")
    await start_login(connection, login, NOW)
    key = await current_signing_key(connection, sealer, secrets.token_bytes)
    token = issue(key, account_id, login.id, NOW)

    async def role(*, require_second_factor: bool = False) -> tuple[Role | None, str | None] | None:
        found = await recognise(connection, sealer, token, NOW, require_second_factor=require_second_factor)
        return None if found is None else (found.role, found.confined)

    assert (await role(), await role(require_second_factor=True)) == (("operator", None), ("operator", "second-factor"))
    await connection.execute("UPDATE account SET role = 'viewer', must_change = true")
    assert await role() == ("viewer", "change-password")
    await connection.execute("UPDATE account SET must_change = false, enabled = false")
    assert await role() is None
    await connection.execute("UPDATE account SET enabled = true")
    await rotate_signing_key(connection, sealer, secrets.token_bytes, NOW + timedelta(minutes=10))
    assert await role(require_second_factor=True) == ("viewer", None)
    assert (await current_signing_key(connection, sealer, secrets.token_bytes)).id != key.id
    await connection.execute("UPDATE signing_key SET retired_at = $1 WHERE id = $2", NOW, key.id)
    assert await role() is None
    await connection.execute("UPDATE signing_key SET retired_at = $1 WHERE id = $2", NOW + LIFETIME, key.id)
    await connection.execute("UPDATE login_session SET ended_at = $1", NOW)
    assert await role() is None


async def test_a_token_of_one_account_is_none_of_another_and_kids_are_not_confused(
    connection: Connection, sealer: Sealer
) -> None:
    anna, ben = [
        await add_account(connection, NewAccount(name, Role.ADMIN, "!", must_change=False)) for name in ("anna", "ben")
    ]
    login = NewLogin(uuid4(), anna, NOW + timedelta(hours=12), "198.51.100.7", "tests")
    await start_login(connection, login, NOW)
    old = await current_signing_key(connection, sealer, secrets.token_bytes)
    await rotate_signing_key(connection, sealer, secrets.token_bytes, NOW + timedelta(hours=1))
    new = await current_signing_key(connection, sealer, secrets.token_bytes)
    assert await recognise(connection, sealer, issue(new, anna, login.id, NOW), NOW) is not None
    for forged in (
        issue(new, ben, login.id, NOW),
        issue(SigningKey(old.id, new.secret), anna, login.id, NOW),
        issue(SigningKey(99, new.secret), anna, login.id, NOW),
        issue(new, anna, uuid4(), NOW),
    ):
        assert await recognise(connection, sealer, forged, NOW) is None


async def test_a_key_counts_until_it_expires_is_revoked_or_its_owner_is_out(
    connection: Connection, sealer: Sealer
) -> None:
    account_id = await add_account(connection, NewAccount("anna", Role.ADMIN, "!", must_change=True))
    token = draw_key_token(secrets.token_bytes)
    scopes = frozenset({Scope.METRICS, Scope.AUDIT_READ})
    await add_key(
        connection, NewKey(token.code, account_id, "prometheus", token.digest, scopes, NOW + timedelta(days=1)), NOW
    )
    found = await recognise(connection, sealer, str(token), NOW)
    assert found is not None
    assert (found.actor.kind, found.actor.name, found.role, found.scopes, found.confined) == (
        "key",
        f"anna/{token.code}",
        Role.ADMIN,
        scopes,
        None,
    )
    other = str(draw_key_token(secrets.token_bytes))
    wrong = [other, str(token)[:-1], str(token).upper(), f"ha_{token.code}_{other.rpartition('_')[2]}", "ha_", "ha__"]
    assert [await recognise(connection, sealer, one, NOW) for one in wrong] == [None] * len(wrong)
    assert await recognise(connection, sealer, str(token), NOW + timedelta(days=1)) is None
    for change, undone in (
        ("UPDATE api_key SET revoked_at = now()", "UPDATE api_key SET revoked_at = NULL"),
        ("UPDATE account SET enabled = false", "UPDATE account SET enabled = true"),
    ):
        await connection.execute(change)
        assert await recognise(connection, sealer, str(token), NOW) is None
        await connection.execute(undone)
        assert await recognise(connection, sealer, str(token), NOW) is not None


@pytest.mark.usefixtures("connection")
async def test_whoever_signs_first_makes_the_key_for_all(database_url: str, sealer: Sealer) -> None:
    connections = [await asyncpg.connect(database_url) for _ in range(4)]
    found = await asyncio.gather(*(current_signing_key(one, sealer, secrets.token_bytes) for one in connections))
    for one in connections:
        await one.close()
    assert len(set(found)) == 1
