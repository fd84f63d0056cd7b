"""What is shown of a refused frame, and which are tried again."""

from typing import Annotated

import msgspec

from hydroalert.admission.retry import Retried
from hydroalert.domain.clock import rfc3339
from hydroalert.store import refused as store

MOST_AT_ONCE = 1_000
LAST_ID = 2**63 - 1


class RefusedFrame(msgspec.Struct, frozen=True):
    """`authentic`: its tag was good, so that it can be tried again. `frame_hex`: every byte of it."""

    id: int
    device: str
    channel: str
    reason: str
    authentic: bool
    received_at: str
    frame_hex: str


class RefusedPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    refused: list[RefusedFrame]
    next: str | None


_Ids = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=LAST_ID)]], msgspec.Meta(max_length=MOST_AT_ONCE)]


class GivenRetry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which are tried again, oldest first: these, of this device, for this reason; all where nothing is said."""

    ids: _Ids | None = None
    device: str | None = None
    reason: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)] = 100


class RetriedFrames(msgspec.Struct, frozen=True):
    """What became of each; `reason` is null where all of it is stored now."""

    stored: int
    refused: int
    frames: list[Retried]


def show_refused(frame: store.RefusedFrame) -> RefusedFrame:
    """As JSON has it."""
    received_at = rfc3339(frame.received_at)
    return RefusedFrame(
        frame.id, frame.device, frame.channel, frame.reason, frame.authentic, received_at, frame.frame.hex()
    )


def show_retried(retried: list[Retried]) -> RetriedFrames:
    """As JSON has it."""
    stored = sum(one.reason is None for one in retried)
    return RetriedFrames(stored, len(retried) - stored, retried)
