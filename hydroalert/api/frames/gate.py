"""What an HTTP client is told of its frame. The only part of admission that differs from the broker's side."""

import asyncio
import hmac
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

import msgspec

from hydroalert.admission.decide import Arrival, Decision
from hydroalert.admission.receipts import receipts_for
from hydroalert.admission.service import Outcome
from hydroalert.api.problems import Refused
from hydroalert.domain.errors import Unavailable
from hydroalert.domain.refusals import UNAUTHENTICATED, Reason
from hydroalert.store import TRANSIENT
from hydroalert.wire.frame import RECEIPT_WANTED, STATUS
from hydroalert.wire.topics import Channel, device_topic

_SETTLE_TIMEOUT_S = 15.0
_NO_KEY = bytes(32)


class Admits(Protocol):
    """What is needed of `admission.service.Admission`."""

    ready: asyncio.Event
    clock_is_good: bool

    def judge(self, arrivals: Sequence[Arrival]) -> list[Decision]:
        """Decide, without a write."""

    async def admit(self, arrivals: Sequence[Arrival]) -> Outcome:
        """Decide and commit."""


def arrival_of(device: str, frame: bytes) -> Arrival:
    """A posted frame as if it had come over MQTT: a status by its content, anything else as frames."""
    channel = Channel.STATUS if frame[1:2] == bytes([STATUS]) else Channel.FRAMES
    return Arrival(device, channel, frame)


def judge(admission: Admits, arrival: Arrival) -> Decision:
    """Decide one arrival, with an HMAC's work for the unknown device too, so that time tells nothing."""
    [decision] = admission.judge([arrival])
    if decision.reason in UNAUTHENTICATED and decision.reason is not Reason.BAD_TAG:
        topic = device_topic(arrival.device, arrival.channel)
        hmac.compare_digest(hmac.digest(_NO_KEY, topic.encode() + arrival.frame, "sha256"), _NO_KEY)
    return decision


async def settle(admission: Admits, arrival: Arrival, now_ms: int) -> tuple[Decision, bytes] | None:
    """Commit an authentic frame: what was decided and its receipt; None where there is no room to keep it.

    Over HTTP every settled frame gets its receipt, whether or not its flag asks for one: it is the answer.
    """
    try:
        async with asyncio.timeout(_SETTLE_TIMEOUT_S):
            outcome = await admission.admit([arrival])
    except TRANSIENT as error:
        raise Unavailable("the frame could not be stored now: keep it and send it again") from error
    receipts = receipts_for([_asking(one) for one in outcome.settled], now_ms)
    return (outcome.settled[0], receipts[0].frame) if receipts else None


def _asking(decision: Decision) -> Decision:
    if decision.header is None:
        return decision
    header = msgspec.structs.replace(decision.header, flags=decision.header.flags | RECEIPT_WANTED)
    return msgspec.structs.replace(decision, header=header)


def refusal(reason: Reason | None) -> Refused:
    """The answer to a frame whose sender is not proven: one and the same for whatever could tell who exists."""
    if reason is None or reason in UNAUTHENTICATED:
        return Refused(
            HTTPStatus.UNAUTHORIZED,
            "not-authentic",
            "The frame's tag does not prove that this device sent it.",
            headers={"WWW-Authenticate": "HydroAlert-Frame"},
        )
    return Refused(HTTPStatus.BAD_REQUEST, "refused-frame", f"The frame is refused: {reason}.", reason=reason)


def no_room() -> Refused:
    """The answer to a refused frame of which no more can be kept: the device keeps it."""
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "refused-frames-full",
        "Too many refused frames of this device are kept: an operator must look at them first. Keep the frame.",
        headers={"Retry-After": "3600"},
    )


def too_many(wait_s: float) -> Refused:
    """The answer to an address that sends too often."""
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        "Too many frames from this address: wait, and put more records into one frame.",
        headers={"Retry-After": str(int(wait_s) + 1)},
    )
