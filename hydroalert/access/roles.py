"""Who may do what on the broker, as roles of Mosquitto's dynamic-security plugin (the access table).

A subscription that no rule allows is refused at SUBSCRIBE, and a message that no rule lets through is not
delivered either: so a session taken over by its client id yields its new owner nothing.
Only literal topics name a device: Mosquitto 2.0 has no `%u` in patterns.
"""

import re
from collections.abc import Iterable

import msgspec

TOPICS = "hydroalert/v1"
PUBLIC_ROLE = "public"
ADMIN_USER = ADMIN_ROLE = "_admin"
BRIDGE_USER = BRIDGE_ROLE = "_bridge"
ALERTING_USER = ALERTING_ROLE = "_alerting"
ANONYMOUS_GROUP = "anonymous"
DEVICE_ROLE_PREFIX = "device-"
CONTROL_TOPICS = "$CONTROL/dynamic-security/#"
BROKER_TOPICS = "$SYS/#"
PUBLIC_TOPICS = ("alerts/#", "drill/alerts/#", "stations/#", "time")
ALERT_TOPICS = ("alerts/+", "alerts/+/+/cap", "drill/alerts/+", "drill/alerts/+/+/cap")

SEND = "publishClientSend"
RECEIVE = "publishClientReceive"
SUBSCRIBE_LITERAL = "subscribeLiteral"
SUBSCRIBE_PATTERN = "subscribePattern"

# What applies where no rule does. To unsubscribe is nobody's harm.
DEFAULT_ACCESS = {SEND: False, RECEIVE: False, "subscribe": False, "unsubscribe": True}

_DEVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Rule(msgspec.Struct, frozen=True, order=True):
    """One permission: an ACL type of the plugin and a topic or filter. All our rules allow."""

    acltype: str
    topic: str
    priority: int = 0
    allow: bool = True


class Role(msgspec.Struct, frozen=True):
    """A named set of rules."""

    rolename: str
    acls: frozenset[Rule]


def public_role() -> Role:
    """What everyone may read, anonymous clients included; it publishes nothing."""
    topics = [f"{TOPICS}/{topic}" for topic in PUBLIC_TOPICS]
    return Role(PUBLIC_ROLE, _rules(SUBSCRIBE_PATTERN, topics) | _rules(RECEIVE, topics))


def device_role(device: str) -> Role:
    """A device writes its own frames and status, reads its own receipts and commands, and no other's.

    Raises ValueError for a code that is none: a wildcard in it would open every device's topics.
    """
    if not _DEVICE.fullmatch(device):
        raise ValueError(f"not a device code: {device!r}")
    own = f"{TOPICS}/devices/{device}"
    read = [f"{own}/receipts", f"{own}/commands"]
    written = [f"{own}/frames", f"{own}/status"]
    return Role(
        DEVICE_ROLE_PREFIX + device,
        _rules(SEND, written) | _rules(SUBSCRIBE_LITERAL, read) | _rules(RECEIVE, read),
    )


def bridge_role() -> Role:
    """The bridge takes frames and status by shared subscription, and answers.

    Any group name is allowed: the group in use carries 128 random bits that only the database knows, and
    nobody else may join any. It also watches the broker's own counters.
    """
    read = [f"{TOPICS}/devices/+/frames", f"{TOPICS}/devices/+/status"]
    shared = [f"$share/+/{topic}" for topic in read]
    written = [f"{TOPICS}/devices/+/receipts", f"{TOPICS}/devices/+/commands"]
    written += [f"{TOPICS}/time", f"{TOPICS}/stations/+/latest"]
    subscribes, receives = [*shared, BROKER_TOPICS], [*read, BROKER_TOPICS]
    return Role(
        BRIDGE_ROLE,
        _rules(SUBSCRIBE_PATTERN, subscribes) | _rules(RECEIVE, receives) | _rules(SEND, written),
    )


def alerting_role() -> Role:
    """Alerting tells the state of areas, and hears nothing: what it knows comes from the database."""
    return Role(ALERTING_ROLE, _rules(SEND, [f"{TOPICS}/{topic}" for topic in ALERT_TOPICS]))


def admin_role() -> Role:
    """The administrator speaks with the plugin, and reads or writes nothing else."""
    acls = [_rules(kind, [CONTROL_TOPICS]) for kind in (SEND, RECEIVE, SUBSCRIBE_PATTERN)]
    return Role(ADMIN_ROLE, frozenset().union(*acls))


def platform_roles() -> tuple[Role, ...]:
    """Every role that does not belong to a single device."""
    return public_role(), bridge_role(), alerting_role(), admin_role()


def _rules(acltype: str, topics: Iterable[str]) -> frozenset[Rule]:
    return frozenset(Rule(acltype, topic) for topic in topics)
