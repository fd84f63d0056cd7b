"""What is given and shown of accounts, logins and keys; passwords and keys once, to who shall have them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from hydroalert.accounts.issuing import Tokens
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.store import accounts as account_store
from hydroalert.store import keys as key_store
from hydroalert.store import sessions as login_store

GivenName = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
GivenPassword = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
GivenCode = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
GivenToken = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class NewLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code`: of the second factor, where the account has one; it is asked for after the right password."""

    name: GivenName
    password: GivenPassword
    code: GivenCode | None = None


class Refreshing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The refresh token of the last answer; it counts once."""

    refresh_token: GivenToken


class LoggedIn(msgspec.Struct, frozen=True):
    """`access_token`: for `Authorization: Bearer`, good for `expires_in` seconds; `refresh_token` brings the next.

    While `must_change_password`, nothing answers but one's own account.
    """

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    role: Role
    must_change_password: bool


class OwnAccount(msgspec.Struct, frozen=True):
    """`must`: what is to be done before anything else answers, `change-password` or `second-factor`; else null."""

    name: str
    role: Role
    must: str | None
    second_factor: bool
    created_at: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password as it is and as it shall be: 12 characters or more, not the name, not a common one."""

    current: GivenPassword
    new: GivenPassword


class Confirming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The six digits that the authenticator app shows now, and the password once more."""

    code: GivenCode
    password: GivenPassword


class Proving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password once more."""

    password: GivenPassword


class Enrolment(msgspec.Struct, frozen=True):
    """The secret to type into an authenticator app, or as `uri` and as the picture `qr_svg` of it."""

    secret: str
    uri: str
    qr_svg: str


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Each stands in for a code of the app once; they are shown here and never again."""

    recovery_codes: list[str]


class Login(msgspec.Struct, frozen=True):
    """A login that stands. `current`: the one that asks."""

    id: UUID
    current: bool
    created_at: str
    used_at: str
    expires_at: str
    address: str
    agent: str


class LoginList(msgspec.Struct, frozen=True):
    """The last used first."""

    logins: list[Login]


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name`: a-z, 0-9, dots, - and _."""

    name: GivenName
    role: Role


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    role: Role | None = None
    enabled: bool | None = None


class Account(msgspec.Struct, frozen=True):
    """`logins` and `keys`: how many of it are in force."""

    name: str
    role: Role
    enabled: bool
    must_change_password: bool
    second_factor: bool
    created_at: str
    last_login_at: str | None
    logins: int
    keys: int


class AccountList(msgspec.Struct, frozen=True):
    """All of them, by name."""

    accounts: list[Account]


class AddedAccount(msgspec.Struct, frozen=True):
    """`password` is shown here and never again; it is changed at the first login."""

    account: Account
    password: str


class DrawnPassword(msgspec.Struct, frozen=True):
    """`password` is shown here and never again; it is changed at the next login."""

    password: str


class EndedLogins(msgspec.Struct, frozen=True):
    """How many logins ended."""

    ended: int


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name`: what it is for. `account`: whose it is; left out, the caller's own. It expires within a year."""

    name: Annotated[str, msgspec.Meta(max_length=200)]
    scopes: frozenset[Scope]
    expires_at: Moment
    account: GivenName | None = None


class Key(msgspec.Struct, frozen=True):
    """`code` names the key; `used_at` is kept to the minute."""

    code: str
    account: str
    name: str
    scopes: list[Scope]
    created_at: str
    expires_at: str
    used_at: str | None
    revoked_at: str | None
    in_force: bool


class KeyList(msgspec.Struct, frozen=True):
    """By account, then by age."""

    keys: list[Key]


class AddedKey(msgspec.Struct, frozen=True):
    """`key` goes into `Authorization: Bearer`; it is shown here and never again."""

    code: str
    key: str


def show_tokens(tokens: Tokens) -> LoggedIn:
    """What a login is given."""
    expires_in = int(tokens.lifetime.total_seconds())
    return LoggedIn(tokens.access_token, "Bearer", expires_in, tokens.refresh_token, tokens.role, tokens.must_change)


def show_account(one: account_store.Account) -> Account:
    """An account as administrators see it."""
    return Account(
        one.name,
        one.role,
        one.enabled,
        one.must_change,
        one.second_factor,
        rfc3339(one.created_at),
        _time(one.last_login_at),
        one.logins,
        one.api_keys,
    )


def show_login(one: login_store.Login, current: UUID) -> Login:
    """A login as its owner sees it."""
    times = rfc3339(one.created_at), rfc3339(one.used_at), rfc3339(one.expires_at)
    return Login(one.id, one.id == current, *times, one.address, one.agent)


def show_key(one: key_store.Key) -> Key:
    """A key without what proves it."""
    fields = msgspec.structs.asdict(one)
    times = {name: _time(fields[name]) for name in ("created_at", "expires_at", "used_at", "revoked_at")}
    return Key(**fields | times)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
