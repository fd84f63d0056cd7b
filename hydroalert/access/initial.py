"""The first dynamic-security.json: the platform's own users, the public role, and nothing else.

The plugin reads this file once, when the broker starts; from then on it is changed over the control topic.
"""

import base64
import hashlib

import msgspec

from hydroalert.access.roles import (
    ADMIN_ROLE,
    ADMIN_USER,
    ANONYMOUS_GROUP,
    BRIDGE_ROLE,
    BRIDGE_USER,
    DEFAULT_ACCESS,
    PUBLIC_ROLE,
    Role,
    platform_roles,
)

SALT_BYTES = 12
# The plugin's own figure. Our passwords are random: a slow hash would only slow the broker down.
ITERATIONS = 101


def initial_configuration(*, admin_password: str, bridge_password: str, admin_salt: bytes, bridge_salt: bytes) -> bytes:
    """The file's bytes. Each salt is `SALT_BYTES` random bytes."""
    configuration = {
        "defaultACLAccess": DEFAULT_ACCESS,
        "clients": [
            _client(ADMIN_USER, ADMIN_ROLE, admin_password, admin_salt),
            _client(BRIDGE_USER, BRIDGE_ROLE, bridge_password, bridge_salt),
        ],
        "groups": [{"groupname": ANONYMOUS_GROUP, "roles": [{"rolename": PUBLIC_ROLE}], "clients": []}],
        "roles": [role_as_json(role) for role in platform_roles()],
        "anonymousGroup": ANONYMOUS_GROUP,
    }
    return msgspec.json.format(msgspec.json.encode(configuration), indent=1)


def role_as_json(role: Role) -> dict[str, object]:
    """A role as the plugin writes it, its rules sorted so that equal roles are equal bytes."""
    return {"rolename": role.rolename, "acls": [msgspec.to_builtins(rule) for rule in sorted(role.acls)]}


def _client(username: str, role: str, password: str, salt: bytes) -> dict[str, object]:
    """A user whose password is kept as `mosquitto_ctrl dynsec init` keeps it: PBKDF2, SHA-512, 64 bytes."""
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return {
        "username": username,
        "roles": [{"rolename": role}],
        "password": base64.b64encode(derived).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ITERATIONS,
    }
