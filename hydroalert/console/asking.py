"""Asks the api what there is to show."""

import asyncio
import urllib.request
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from hydroalert.console.answers import Answers, Devices, Health, Latest, Observations, Stations
from hydroalert.domain.clock import rfc3339

T = TypeVar("T")
TIMEOUT_S = 5.0


async def ask(http_url: str) -> Answers:
    """The first thousand stations and devices, and the health of everything; never raises for what is down."""
    return await asyncio.to_thread(_ask, http_url)


async def ask_since(http_url: str, station: str, datastream: str, since: datetime) -> tuple[Latest, ...]:
    """A series from a time on, oldest first; empty where it cannot be read."""
    query = urlencode({"from": rfc3339(since), "limit": 1000})
    url = f"{http_url}/api/v1/stations/{station}/datastreams/{datastream}/observations?{query}"
    found = await asyncio.to_thread(_get, url, Observations, [])
    return found.observations


def _ask(http_url: str) -> Answers:
    faults: list[str] = []
    return Answers(
        _get(f"{http_url}/api/v1/stations?limit=1000", Stations, faults),
        _get(f"{http_url}/api/v1/devices?limit=1000", Devices, faults),
        _get(f"{http_url}/health/detailed", Health, faults),
        fault="; ".join(faults),
    )


def _get(url: str, answer: type[T], faults: list[str]) -> T:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:  # noqa: S310 - our own loopback address
            return msgspec.json.decode(response.read(), type=answer)
    except (OSError, msgspec.MsgspecError) as error:
        faults.append(f"{url.split('?', maxsplit=1)[0]}: {error}")
        return answer()
