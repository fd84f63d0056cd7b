"""Events as followers get them: encoded once, shared by all of them. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.domain.severity import Severity
from hydroalert.store.reading_live import AreaState, Newest
from hydroalert.store.reading_stations import Box

Kind = Literal["alert", "drill", "latest", "shelter", "report", "triage", "word"]
"""`triage`: what only those hear who see what operators do. `word`: what the stream itself has to say; no filter holds
it back."""

_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event. `rank`: of the worst severity before and after it, so that who hears of a rise hears of its end."""

    kind: Kind
    areas: tuple[str, ...]
    box: Box
    rank: int
    sse: bytes
    text: str


def area_event(state: AreaState, valid_until: datetime) -> Event:
    """An area as its retained topic has it; its id is `{area}:{revision}`, or `drill/{area}:{revision}`.

    An area that never changed has no revision to come back to, and so no id.
    """
    kind: Kind = "drill" if state.drill else "alert"
    name = f"drill/{state.code}" if state.drill else state.code
    identity = f"{name}:{state.revision}" if state.revision > 0 else None
    rank = max(_rank(state.severity_before), _rank(state.snapshot.get("severity")))
    sse, text = _encode(kind, {**state.snapshot, "valid_until": rfc3339(valid_until)}, identity)
    return Event(kind, (state.code,), state.envelope, rank, sse, text)


def latest_event(newest: Sequence[Newest], now: datetime) -> Event:
    """A station's newest observations as its retained topic has them; `newest`: the live ones of one station."""
    first = newest[0]
    data = {
        "station": first.station,
        "at": rfc3339(now),
        "valid_until": rfc3339(min(map(live_until, newest))),
        "datastreams": {
            one.datastream: {
                "time": rfc3339(one.time),
                "result": one.result,
                "unit": one.unit,
                "quality": one.quality,
            }
            for one in newest
        },
    }
    place = Box(first.lon, first.lat, first.lon, first.lat)
    return Event("latest", first.areas, place, 0, *_encode("latest", data))


def event_at(kind: Kind, data: Any, place: tuple[float, float], areas: tuple[str, ...], rank: int = 0) -> Event:
    """What is so at a place, given as lon and lat, which these areas contain."""
    lon, lat = place
    return Event(kind, areas, Box(lon, lat, lon, lat), rank, *_encode(kind, data))


def retold(event: Event, data: Any) -> Event:
    """Something else, told to those who heard that event."""
    sse, text = _encode(event.kind, data)
    return msgspec.structs.replace(event, sse=sse, text=text)


def live_until(one: Newest) -> datetime:
    """Until when an observation is the news of its datastream (G7)."""
    return one.time + timedelta(seconds=one.live_for_s)


def heartbeat_event(at: datetime, reason: str | None, valid_until: datetime | None) -> Event:
    """`state` is `ok`, or `degraded` with the reason. `valid_until` prolongs that of every area's newest event."""
    state = "ok" if reason is None else "degraded"
    until = None if valid_until is None else rfc3339(valid_until)
    return word("heartbeat", {"at": rfc3339(at), "state": state, "reason": reason, "valid_until": until})


def word(name: str, data: Any, *, retry_ms: int | None = None) -> Event:
    """What the stream itself has to say; `retry_ms`: when to come back (HTML, 9.2.6)."""
    sse, text = _encode(name, data)
    if retry_ms is not None:
        sse = b"retry: %d\n" % retry_ms + sse
    return Event("word", (), _NOWHERE, 0, sse, text)


def _encode(name: str, data: Any, identity: str | None = None) -> tuple[bytes, str]:
    encoded = msgspec.json.encode(data)
    head = f"id: {identity}\n" if identity else ""
    sse = f"{head}event: {name}\ndata: ".encode() + encoded + b"\n\n"
    marked = f'"id":"{identity}",' if identity else ""
    return sse, f'{{"event":"{name}",{marked}"data":{encoded.decode()}}}'


def _rank(severity: str | None) -> int:
    return Severity(severity).rank if severity in set(Severity) else 0
