"""Keeps the broker's accounts in step with the database's: whole, or device by device."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from hydroalert.access.control import Command, Control
from hydroalert.access.plan import (
    KnownAccount,
    KnownRole,
    Step,
    plan_account,
    plan_roles,
    plan_surplus,
    plan_user,
)
from hydroalert.access.roles import (
    ANONYMOUS_GROUP,
    DEFAULT_ACCESS,
    DEVICE_ROLE_PREFIX,
    PUBLIC_ROLE,
    platform_roles,
)
from hydroalert.domain.registry import BrokerAccount

T = TypeVar("T")
PAGE = 1000

Progress = Callable[[int, int], None]


class SyncResult(msgspec.Struct, frozen=True):
    """How many devices' accounts were created, changed, deleted, or already in step."""

    created: int
    changed: int
    deleted: int
    unchanged: int


async def put(control: Control, accounts: Sequence[BrokerAccount], progress: Progress | None = None) -> SyncResult:
    """Make the broker know exactly these values of these devices, and leave all others alone.

    A device that is not enabled is thrown out at once; so is one whose password changed. Repeatable.
    `progress(done, total)` counts devices. Raises ControlFailed.
    """
    known = await _known_of(control, [account.device for account in accounts])
    planned = [plan_account(account, *known[account.device]) for account in accounts]
    return await _carry_out(control, planned, progress)


async def remove(control: Control, devices: Sequence[str]) -> SyncResult:
    """Delete these devices' accounts, throwing them out; one that is not known is no error."""
    known = await _known_of(control, devices)
    accounts = [device for device, (account, _) in known.items() if account]
    roles = [role.rolename for _, role in known.values() if role]
    return await _carry_out(control, list(plan_surplus((), accounts, roles)), None)


async def sync_all(
    control: Control,
    accounts: Sequence[BrokerAccount],
    progress: Progress | None = None,
    *,
    users: Sequence[BrokerAccount] = (),
) -> SyncResult:
    """Rebuild everything that the broker should know: the platform's roles, and these devices and no others.

    `users` of the platform's own are put in step too, and not counted: a broker of an earlier version lacks some.
    `progress(done, total)` counts devices. Raises ControlFailed; what was done until then stays done, and a
    second call does the rest.
    """
    roles = {role.rolename: role for role in await _list(control, "listRoles", "roles", KnownRole)}
    clients = {client.username: client for client in await _list(control, "listClients", "clients", KnownAccount)}
    await control.execute(plan_roles(platform_roles(), roles))
    await _sync_defaults(control)
    await control.execute([command for user in users for command in plan_user(user, clients.get(user.device))])
    planned: list[Step | None] = list(plan_surplus((a.device for a in accounts), clients, roles))
    planned += [plan_account(a, clients.get(a.device), roles.get(DEVICE_ROLE_PREFIX + a.device)) for a in accounts]
    return await _carry_out(control, planned, progress)


async def _sync_defaults(control: Control) -> None:
    """What applies where no rule does, and what anonymous clients may: said again each time."""
    await control.ask([{"command": "createGroup", "groupname": ANONYMOUS_GROUP}])
    access = [{"acltype": kind, "allow": allow} for kind, allow in DEFAULT_ACCESS.items()]
    await control.execute(
        [
            {
                "command": "modifyGroup",
                "groupname": ANONYMOUS_GROUP,
                "roles": [{"rolename": PUBLIC_ROLE}],
            },
            {"command": "setAnonymousGroup", "groupname": ANONYMOUS_GROUP},
            {"command": "setDefaultACLAccess", "acls": access},
        ]
    )


async def _carry_out(control: Control, planned: Sequence[Step | None], progress: Progress | None) -> SyncResult:
    """One device at a time: the plugin writes its whole file after each command, and serves nobody meanwhile.

    (Ten devices at once were no faster, and made everybody else wait ten times as long.)
    """
    steps = [step for step in planned if step]
    unchanged = len(planned) - len(steps)
    for done, step in enumerate(steps, 1):
        await control.execute(step.commands)
        if progress:
            progress(unchanged + done, len(planned))
    kinds = Counter(step.kind for step in steps)
    return SyncResult(kinds["created"], kinds["changed"], kinds["deleted"], unchanged)


async def _known_of(
    control: Control, devices: Sequence[str]
) -> dict[str, tuple[KnownAccount | None, KnownRole | None]]:
    """What the broker knows of each of these devices; that it knows nothing is an answer too."""
    asked: list[Command] = [{"command": "getClient", "username": device} for device in devices]
    asked += [{"command": "getRole", "rolename": DEVICE_ROLE_PREFIX + device} for device in devices]
    answers = await control.ask(asked)
    found = [answer.data or {} for answer in answers]
    half = len(devices)
    return {
        device: (_convert(client.get("client"), KnownAccount), _convert(role.get("role"), KnownRole))
        for device, client, role in zip(devices, found[:half], found[half:], strict=True)
    }


async def _list(control: Control, command: str, field: str, of: type[T]) -> list[T]:
    """Everything that a list command has to say, page by page."""
    found: list[T] = []
    while True:
        asked: Command = {"command": command, "verbose": True, "count": PAGE, "offset": len(found)}
        (answer,) = await control.execute([asked])
        page = msgspec.convert((answer.data or {}).get(field, []), list[of])  # type: ignore[valid-type]
        found += page
        if len(page) < PAGE:
            return found


def _convert(value: object, of: type[T]) -> T | None:
    return None if value is None else msgspec.convert(value, of)
