"""What the platform tells everybody: the newest observations of a station, and the time. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

import msgspec
import mqtt5

from hydroalert.domain.clock import rfc3339, to_ms
from hydroalert.store.digest import Newest
from hydroalert.wire.topics import TIME, latest_topic


def time_packet(now: datetime) -> mqtt5.PublishPacket:
    """The unsigned time, for a device without any clock; never retained (SPEC 10)."""
    return mqtt5.PublishPacket(TIME, msgspec.json.encode({"unix_ms": to_ms(now)}))


def latest_packets(newest: Iterable[Newest], now: datetime) -> list[mqtt5.PublishPacket]:
    """A retained message for each station that has a live observation; `newest` is in order of station.

    It expires with the first of its values that ceases to be live: stale never looks live (G8).
    """
    packets = []
    for station, observations in groupby(newest, lambda one: one.station):
        live = [one for one in observations if _live_until(one) > now]
        if live:
            packets.append(_latest_packet(station, live, now))
    return packets


def _latest_packet(station: str, live: list[Newest], now: datetime) -> mqtt5.PublishPacket:
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
    return mqtt5.PublishPacket(
        latest_topic(station),
        msgspec.json.encode(payload),
        retain=True,
        message_expiry_interval=max(1, (valid_until - now) // timedelta(seconds=1)),
    )


def _live_until(one: Newest) -> datetime:
    return one.phenomenon_time + timedelta(seconds=one.live_for_s)
