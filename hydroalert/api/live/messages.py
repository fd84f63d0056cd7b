"""What a WebSocket client may say: pure, every message judged for itself."""

from typing import Annotated

import msgspec

from hydroalert.api.live.filters import Filter, parse_filter
from hydroalert.domain.errors import InvalidInput

MAX_BYTES = 4_096
BINARY, POLICY, TOO_BIG = 1003, 1008, 1009
"""RFC 6455, section 7.4.1."""

_Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]  # every JSON reader keeps these (RFC 8259, section 6)
_Token = Annotated[str, msgspec.Meta(pattern="^[!-~]{1,2048}$")]
_BURST = 20.0
_A_SECOND = 2.0


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same as the query of `/api/v1/stream`."""

    area: list[str] = []
    bbox: str | None = None
    severity: str | None = None
    kind: list[str] = []
    drill: bool = False
    last_event_id: str | None = None


class Subscription(msgspec.Struct, frozen=True):
    """From now on the client wants this, and last heard of that."""

    wanted: Filter
    last_id: str | None


class Authorization(msgspec.Struct, frozen=True):
    """From now on that token says what it may hear."""

    token: str


class Ping(msgspec.Struct, frozen=True):
    """It wants to know whether we are here, and its word back."""

    word: str | int | None


class Fault(msgspec.Struct, frozen=True):
    """It said what nobody should; the connection ends with this code."""

    code: int
    reason: str


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subscribe: Subscribe | msgspec.UnsetType = msgspec.UNSET
    authorize: _Token | msgspec.UnsetType = msgspec.UNSET
    ping: str | _Number | msgspec.UnsetType | None = msgspec.UNSET


def read_message(text: str | None) -> Subscription | Authorization | Ping | Fault:
    """What a text message means; None: it was a binary one."""
    if text is None:
        return Fault(BINARY, "send JSON as text, not binary")
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return Fault(TOO_BIG, f"a message has at most {MAX_BYTES} bytes")
    try:
        return _meant(msgspec.json.decode(text, type=_Message))
    except (msgspec.MsgspecError, UnicodeError, OverflowError, RecursionError, InvalidInput) as error:
        return Fault(POLICY, f"{error}"[:200])


class Allowance:
    """How often a client may speak: twenty times at once, then twice a second. `now_s` is any steady clock."""

    def __init__(self, now_s: float) -> None:
        self._left = _BURST
        self._at_s = now_s

    def spend(self, now_s: float) -> bool:
        """Whether it may speak once more."""
        self._left = min(_BURST, self._left + (now_s - self._at_s) * _A_SECOND)
        self._at_s = now_s
        self._left -= 1
        return self._left >= 0


def _meant(message: _Message) -> Subscription | Authorization | Ping | Fault:
    if message.subscribe is not msgspec.UNSET:
        return _subscription(message.subscribe)
    if message.authorize is not msgspec.UNSET:
        return Authorization(message.authorize)
    if message.ping is not msgspec.UNSET:
        return Ping(message.ping)
    return Fault(POLICY, 'say {"subscribe": {…}}, {"authorize": "…"} or {"ping": …}')


def _subscription(said: Subscribe) -> Subscription:
    return Subscription(parse_filter(said.area, said.bbox, said.severity, said.kind, said.drill), said.last_event_id)
