"""One message: what changed in one area, in the words and the form that one subscription wants. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from hydroalert.domain.alerts import Alert, Change, Transition
from hydroalert.domain.clock import rfc3339, to_ms
from hydroalert.domain.severity import Severity
from hydroalert.judging.texts.facts import Facts, Place, Text
from hydroalert.judging.texts.operators import operator_text
from hydroalert.judging.texts.public import is_over, public_text
from hydroalert.store.claims import Told


class Reader(msgspec.Struct, frozen=True):
    """For whom a message is. `link`: where the platform is reached from outside; None where nobody said."""

    subscription_id: int
    audience: Literal["public", "operators"]
    language: str
    link: str | None = None


class Message(msgspec.Struct, frozen=True):
    """`id` is the same whenever this revision goes to this subscription. `title`, `text`: for people; `body`: JSON."""

    id: str
    title: str
    text: str
    body: bytes


class _Why(msgspec.Struct, frozen=True):
    alert: Alert


class _Change(msgspec.Struct, frozen=True):
    """One alert's change as a webhook has it. `severity` is what its reader hears: null when it is over for them."""

    revision: int
    transition: Transition
    alert: UUID
    hazard: str
    severity: Severity | None
    at: str
    texts: Text
    why: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Data(msgspec.Struct, frozen=True):
    area: str
    status: Literal["actual", "exercise"]
    revision: int
    transition: Transition
    changes: list[_Change]
    snapshot: msgspec.Raw


def compose(reader: Reader, place: Place, told: Sequence[Told]) -> Message:
    """A message of all that `told` changed in one area, under the number of the newest, which comes last."""
    changes, carrier = [_change(reader, place, one) for one in told], told[-1]
    newest = changes[-1]
    data = _Data(
        area=place.code,
        status="exercise" if carrier.drill else "actual",
        revision=carrier.revision,
        transition=newest.transition,
        changes=changes,
        snapshot=msgspec.Raw(carrier.snapshot.encode()),
    )
    body = {"type": _type(newest.transition, drill=carrier.drill), "timestamp": rfc3339(carrier.at), "data": data}
    texts = [change.texts for change in changes]
    return Message(
        id=message_id(reader.subscription_id, carrier),
        title=texts[-1].headline,
        text="\n\n".join([*map(_paragraphs, texts), *_link(reader, place)]),
        body=msgspec.json.encode(body),
    )


def message_id(subscription_id: int, carrier: Told) -> str:
    """The same for each attempt; of no other revision, even where an area of that number was made anew."""
    name = f"{subscription_id}/{carrier.area_id}/{carrier.drill}/{carrier.revision}/{to_ms(carrier.at)}"
    return f"msg_{uuid5(NAMESPACE_URL, name).hex}"


def trial(subscription: str, at: datetime) -> Message:
    """What `hydroalert subscription test` sends: no alert, and said to be none."""
    title = "HydroAlert test: this is not an alert"
    text = "Somebody tries whether messages reach this address. Nothing has happened, and nothing need be done."
    body: dict[str, Any] = {"type": "subscription.test", "timestamp": rfc3339(at), "data": {"text": text}}
    name = f"{subscription}/test/{to_ms(at)}"
    return Message(f"msg_{uuid5(NAMESPACE_URL, name).hex}", title, text, msgspec.json.encode(body))


def _change(reader: Reader, place: Place, told: Told) -> _Change:
    alert = msgspec.json.decode(told.why, type=_Why).alert
    change = Change(told.transition, alert, told.public, told.author, told.reason)
    facts = Facts(place, change, told.at, told.drill)
    to_public = reader.audience == "public"
    over = is_over(change) if to_public else told.transition is Transition.CLEARED
    heard = alert.public_severity if to_public else alert.severity
    return _Change(
        revision=told.revision,
        transition=Transition.CLEARED if over else told.transition,
        alert=alert.id,
        hazard=alert.hazard,
        severity=None if over else heard,
        at=rfc3339(told.at),
        texts=public_text(reader.language, facts) if to_public else operator_text(reader.language, facts),
        why=msgspec.UNSET if to_public else msgspec.Raw(told.why.encode()),
    )


def _type(transition: Transition, *, drill: bool) -> str:
    """An exercise is of another type: a siren that goes by the type alone stays silent."""
    return f"exercise.{transition}" if drill else f"alert.{transition}"


def _paragraphs(text: Text) -> str:
    return "\n\n".join(part for part in (text.headline, text.description, text.instruction) if part)


def _link(reader: Reader, place: Place) -> list[str]:
    return [] if reader.link is None else [f"{reader.link.rstrip('/')}/api/v1/areas/{place.code}"]
