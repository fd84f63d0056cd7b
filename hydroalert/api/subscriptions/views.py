"""What is given and shown of a subscription; its address in full never, its secret once."""

import msgspec

from hydroalert.domain.addresses import Kind
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.severity import Severity
from hydroalert.store import subscriptions as store
from hydroalert.store.subscriptions import Audience, Wanted


class NewSubscription(Wanted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`to`: https://… for a webhook, else an address as Apprise writes it."""

    name: str
    to: str


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it is. Enabled again, it hears of what happens from then on."""

    enabled: bool | msgspec.UnsetType = msgspec.UNSET
    area: str | msgspec.UnsetType | None = msgspec.UNSET
    least_severity: Severity | msgspec.UnsetType = msgspec.UNSET
    audience: Audience | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    drills: bool | msgspec.UnsetType = msgspec.UNSET
    repeats_per_hour: int | msgspec.UnsetType | None = msgspec.UNSET


class Subscription(msgspec.Struct, frozen=True):
    """`to` without what may be secret of it. `area` is null where every area is heard. Deliveries `waiting`, `dead`."""

    name: str
    kind: Kind
    to: str
    area: str | None
    least_severity: Severity
    audience: Audience
    language: str
    drills: bool
    repeats_per_hour: int | None
    enabled: bool
    disabled_because: str | None
    created_at: str
    waiting: int
    dead: int


class SubscriptionList(msgspec.Struct, frozen=True):
    """All of them, by name."""

    subscriptions: list[Subscription]


class Subscribed(msgspec.Struct, frozen=True):
    """`secret` signs what goes to a webhook; it is shown here and never again. Null for any other address."""

    subscription: Subscription
    secret: str | None


def show_subscription(one: store.Subscription) -> Subscription:
    """A subscription as JSON has it."""
    fields = msgspec.structs.asdict(one)
    del fields["shown"]
    return Subscription(**fields | {"to": one.shown, "created_at": rfc3339(one.created_at)})


def changed(one: store.Subscription, changes: Changes) -> Wanted:
    """What it is to hear with these changes."""
    given = {name: value for name in Wanted.__struct_fields__ if (value := getattr(changes, name)) is not msgspec.UNSET}
    kept = {name: getattr(one, name) for name in Wanted.__struct_fields__}
    return Wanted(**{**kept, **given})
