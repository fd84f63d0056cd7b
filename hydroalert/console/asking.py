"""Asks the api what there is to show."""

import asyncio
import urllib.request
from typing import TypeVar

import msgspec

from hydroalert.console.answers import Answers, Devices, Health, Stations

T = TypeVar("T")
TIMEOUT_S = 5.0


async def ask(http_url: str) -> Answers:
    """The first thousand stations and devices, and the health of everything; never raises for what is down."""
    return await asyncio.to_thread(_ask, http_url)


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
