"""What the platform tells everybody: the newest observations of a station, and the time. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from hydroalert.bridge.session import Publication
from hydroalert.domain.clock import rfc3339, to_ms
from hydroalert.store.digest import Newest
from hydroalert.wire.topics import TIME, latest_topic


def time_publication(now: datetime) -> Publication:
    """The unsigned time, for a device without any clock; never retained (SPEC 10)."""
    return Publication(TIME, msgspec.json.encode({"unix_ms": to_ms(now)}))


def latest_publications(newest: Iterable[Newest], now: datetime) -> list[Publication]:
    """A retained message for each station that has a live observation; `newest` is in order of station.

    It expires with the first of its values that ceases to be live: stale never looks live (G8).
    """
    publications = []
    for station, observations in groupby(newest, lambda one: one.station):
        live = [one for one in observations if _live_until(one) > now]
        if live:
            publications.append(_latest_publication(station, live, now))
    return publications


def _latest_publication(station: str, live: list[Newest], now: datetime) -> Publication:
    valid_until = min(map(_live_until, live))
    payload = {
        "station": station,
        "at": rfc3339(now),
        "valid_until": rfc3339(valid_until),
        "datastreams": {
            one.datastream: {
                "time": rfc3339(one.phenomenon_time),
                "result": one.result,
                "unit": one.unit,
                "quality": one.quality,
            }
            for one in live
        },
    }
    return Publication(
        latest_topic(station),
        msgspec.json.encode(payload),
        retain=True,
        expiry_s=max(1, (valid_until - now) // timedelta(seconds=1)),
    )


def _live_until(one: Newest) -> datetime:
    return one.phenomenon_time + timedelta(seconds=one.live_for_s)
