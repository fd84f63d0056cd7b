"""A CAP 1.2 message as values: section 3.2, element by element, in its words."""

from datetime import datetime
from typing import Literal

import msgspec

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURES = "http://www.w3.org/2000/09/xmldsig#"
MEDIA_TYPE = "application/cap+xml"

Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
MessageType = Literal["Alert", "Update", "Cancel", "Ack", "Error"]
Scope = Literal["Public", "Restricted", "Private"]
Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]
ResponseType = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]


class BadCap(Exception):
    """The bytes are no CAP 1.2 message; its text says where and why."""


class Pair(msgspec.Struct, frozen=True):
    """A value under a name of the sender's own: parameter, eventCode and geocode (3.2.2, 3.2.4)."""

    name: str
    value: str


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """Something beside the text, such as a picture (3.2.3). `size` in bytes."""

    description: str
    mime_type: str
    size: int | None = None
    uri: str | None = None
    deref_uri: str | None = None
    digest: str | None = None


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """Where (3.2.4). A polygon is `lat,lon lat,lon …` in WGS 84, its last point the first; a circle `lat,lon km`.
    `altitude` and `ceiling` in feet, as they were written."""

    description: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude: str | None = None
    ceiling: str | None = None


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What, how bad, when and what to do, in one language (3.2.2)."""

    language: str | None = None
    categories: tuple[Category, ...]
    event: str
    response_types: tuple[ResponseType, ...] = ()
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    audience: str | None = None
    event_codes: tuple[Pair, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Pair, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message (3.2.1). Times are aware UTC of whole seconds. `signed`: a signature stands in it, unverified."""

    identifier: str
    sender: str
    sent: datetime
    status: Status
    message_type: MessageType
    source: str | None = None
    scope: Scope
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: str | None = None
    incidents: str | None = None
    infos: tuple[Info, ...] = ()
    signed: bool = False
