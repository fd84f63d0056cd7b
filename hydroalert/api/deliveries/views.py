"""What is shown of a delivery."""

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store import deliveries as store


class Delivery(msgspec.Struct, frozen=True):
    """One revision on its way to one subscription. `at`: of the revision; `due_at`: of the next attempt; `attempts`
    so far; `failure`: what went wrong with the last."""

    id: int
    subscription: str
    area: str
    drill: bool
    revision: int
    transition: str
    hazard: str
    severity: str
    at: str
    state: store.State
    attempts: int
    due_at: str
    failure: str | None
    done_at: str | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    deliveries: list[Delivery]
    next: str | None


def show_delivery(one: store.Delivery) -> Delivery:
    """A delivery as JSON has it."""
    done_at = None if one.done_at is None else rfc3339(one.done_at)
    times = {"at": rfc3339(one.at), "due_at": rfc3339(one.due_at), "done_at": done_at}
    return Delivery(**{**msgspec.structs.asdict(one), **times})
