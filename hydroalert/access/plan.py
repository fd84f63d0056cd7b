"""Which commands bring the broker's accounts in step with what they should be. Pure: no waiting, no I/O.

What is in step is left alone, so that a whole synchronisation throws nobody out without need. A password
cannot be read back from the broker; so each account carries a fingerprint of its own in its description.
"""

from collections.abc import Iterable, Mapping

import msgspec

from hydroalert.access.accounts import fingerprint
from hydroalert.access.control import Command
from hydroalert.access.initial import role_as_json
from hydroalert.access.roles import DEVICE_ROLE_PREFIX, PUBLIC_ROLE, Role, Rule, device_role
from hydroalert.domain.registry import BrokerAccount


class Named(msgspec.Struct, frozen=True):
    """A role's name where an account lists it."""

    rolename: str


class KnownAccount(msgspec.Struct, frozen=True):
    """An account as the plugin lists it."""

    username: str
    fingerprint: str = msgspec.field(default="", name="textdescription")
    disabled: bool = False
    roles: frozenset[Named] = frozenset()


class KnownRole(msgspec.Struct, frozen=True):
    """A role as the plugin lists it."""

    rolename: str
    acls: frozenset[Rule] = frozenset()


class Step(msgspec.Struct, frozen=True):
    """The commands for one device, in order, and what they amount to."""

    device: str
    kind: str  # created, changed, deleted
    commands: tuple[Command, ...]


def plan_account(account: BrokerAccount, known: KnownAccount | None, role: KnownRole | None) -> Step | None:
    """What brings one device in step, or None when it is."""
    roles = frozenset({Named(PUBLIC_ROLE), Named(DEVICE_ROLE_PREFIX + account.device)})
    commands = (*_role_commands(device_role(account.device), role), *_account_commands(account, known, roles))
    if not commands:
        return None
    return Step(account.device, "changed" if known else "created", commands)


def plan_user(account: BrokerAccount, known: KnownAccount | None) -> tuple[Command, ...]:
    """What brings one of the platform's own users in step; its role has its name."""
    return _account_commands(account, known, frozenset({Named(account.device)}))


def plan_surplus(wanted: Iterable[str], accounts: Iterable[str], roles: Iterable[str]) -> list[Step]:
    """Deletes every account and role of a device that should not be; the platform's own begin with `_`."""
    devices = frozenset(wanted)
    unknown = {name for name in accounts if not name.startswith("_")} - devices
    roleless = {name.removeprefix(DEVICE_ROLE_PREFIX) for name in roles if name.startswith(DEVICE_ROLE_PREFIX)}
    stale_roles = roleless - devices
    return [
        Step(
            device,
            "deleted",
            (
                *((_delete_account(device),) if device in unknown else ()),
                *((_delete_role(device),) if device in stale_roles else ()),
            ),
        )
        for device in sorted(unknown | stale_roles)
    ]


def plan_roles(wanted: Iterable[Role], known: Mapping[str, KnownRole]) -> tuple[Command, ...]:
    """What brings the platform's own roles in step."""
    return tuple(command for role in wanted for command in _role_commands(role, known.get(role.rolename)))


def _role_commands(role: Role, known: KnownRole | None) -> tuple[Command, ...]:
    if known is None:
        return ({"command": "createRole", **role_as_json(role)},)
    if known.acls != role.acls:
        return ({"command": "modifyRole", **role_as_json(role)},)
    return ()


def _account_commands(
    account: BrokerAccount, known: KnownAccount | None, roles: frozenset[Named]
) -> tuple[Command, ...]:
    """A new account that should be disabled is so by a second command: the plugin has no other way."""
    wanted = {
        "username": account.device,
        "password": account.password,
        "textdescription": fingerprint(account),
        "roles": [{"rolename": role.rolename} for role in sorted(roles, key=lambda role: role.rolename)],
    }
    if known is None:
        created: Command = {"command": "createClient", **wanted}
        return (created,) if account.enabled else (created, _set_enabled(account))
    differs = known.fingerprint != wanted["textdescription"] or known.roles != roles
    modified: tuple[Command, ...] = ({"command": "modifyClient", **wanted},) if differs else ()
    return (*modified, _set_enabled(account)) if known.disabled == account.enabled else modified


def _set_enabled(account: BrokerAccount) -> Command:
    """Disabling throws a connected client out at once."""
    return {"command": "enableClient" if account.enabled else "disableClient", "username": account.device}


def _delete_account(device: str) -> Command:
    return {"command": "deleteClient", "username": device}


def _delete_role(device: str) -> Command:
    return {"command": "deleteRole", "rolename": DEVICE_ROLE_PREFIX + device}
