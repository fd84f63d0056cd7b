"""The platform's own users at the broker, and how an account tells that its password is the one wanted."""

import hashlib
from collections.abc import Callable
from typing import Self

import msgspec

from hydroalert.access.roles import ALERTING_USER, BRIDGE_USER
from hydroalert.domain.registry import BrokerAccount

PASSWORD_BYTES = 32


class Passwords(msgspec.Struct, frozen=True):
    """Of the platform's own users. They begin with `_`, which no device does; each has the role of its name."""

    admin: str
    bridge: str
    alerting: str

    @classmethod
    def draw(cls, random_bytes: Callable[[int], bytes]) -> Self:
        """New ones, for a broker that is not kept."""
        return cls(*(random_bytes(PASSWORD_BYTES).hex() for _ in cls.__struct_fields__))

    def kept_in_step(self) -> list[BrokerAccount]:
        """The accounts that the administrator keeps as they should be: all but its own, which lets it in."""
        return [
            BrokerAccount(BRIDGE_USER, self.bridge, enabled=True),
            BrokerAccount(ALERTING_USER, self.alerting, enabled=True),
        ]


def fingerprint(account: BrokerAccount) -> str:
    """128 bits that change with the password and do not give it away: it has 128 random bits itself."""
    text = f"hydroalert broker account\0{account.device}\0{account.password}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
