"""The first dynamic-security.json: the platform's own users, the public role, and nothing else.

The plugin reads this file once, when the broker starts; from then on it is changed over the control topic.
"""

import base64
import hashlib
from collections.abc import Callable

import msgspec

from hydroalert.access.accounts import Passwords, fingerprint
from hydroalert.access.roles import (
    ADMIN_USER,
    ANONYMOUS_GROUP,
    DEFAULT_ACCESS,
    PUBLIC_ROLE,
    Role,
    platform_roles,
)
from hydroalert.domain.registry import BrokerAccount

SALT_BYTES = 12
# The plugin's own figure. Our passwords are random: a slow hash would only slow the broker down.
ITERATIONS = 101


def initial_configuration(passwords: Passwords, random_bytes: Callable[[int], bytes]) -> bytes:
    """The file's bytes. Each user's salt is drawn from `random_bytes`."""
    users = [BrokerAccount(ADMIN_USER, passwords.admin, enabled=True), *passwords.kept_in_step()]
    configuration = {
        "defaultACLAccess": DEFAULT_ACCESS,
        "clients": [_client(user, random_bytes(SALT_BYTES)) for user in users],
        "groups": [{"groupname": ANONYMOUS_GROUP, "roles": [{"rolename": PUBLIC_ROLE}], "clients": []}],
        "roles": [role_as_json(role) for role in platform_roles()],
        "anonymousGroup": ANONYMOUS_GROUP,
    }
    return msgspec.json.format(msgspec.json.encode(configuration), indent=1)


def role_as_json(role: Role) -> dict[str, object]:
    """A role as the plugin writes it, its rules sorted so that equal roles are equal bytes."""
    return {"rolename": role.rolename, "acls": [msgspec.to_builtins(rule) for rule in sorted(role.acls)]}


def _client(user: BrokerAccount, salt: bytes) -> dict[str, object]:
    """A user whose password is kept as `mosquitto_ctrl dynsec init` keeps it: PBKDF2, SHA-512, 64 bytes."""
    derived = hashlib.pbkdf2_hmac("sha512", user.password.encode(), salt, ITERATIONS)
    return {
        "username": user.device,
        "textdescription": fingerprint(user),
        "roles": [{"rolename": user.device}],
        "password": base64.b64encode(derived).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ITERATIONS,
    }
