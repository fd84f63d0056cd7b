"""Whether the broker takes the platform's connection, asked at most every few seconds however many want to know."""

import asyncio
import time
from urllib.parse import urlsplit

import aiomqtt
import msgspec

_DROPPED = "$SYS/broker/publish/messages/dropped"
_CONNECT_TIMEOUT_S = 3.0
_SYS_WAIT_S = 1.0  # it is retained: it comes with the subscription or not at all
_FRESH_FOR_S = 5.0


class BrokerState(msgspec.Struct, frozen=True):
    """Whether the broker accepted a connection, what it said, and how many messages it dropped if it tells."""

    reachable: bool
    detail: str
    dropped: int | None = None


class BrokerProbe:
    """Asks the broker at `broker_url` (mqtt://host:port) as the platform's own user."""

    def __init__(self, broker_url: str, *, username: str = "_bridge", password: str | None = None) -> None:
        self._address = urlsplit(broker_url)
        self._username = username
        self._password = password
        self._lock = asyncio.Lock()
        self._state = BrokerState(reachable=False, detail="not asked yet")
        self._asked_at_s = float("-inf")

    async def state(self) -> BrokerState:
        """The broker's state, at most five seconds old."""
        async with self._lock:
            if time.monotonic() - self._asked_at_s > _FRESH_FOR_S:
                self._state = await self._ask()
                self._asked_at_s = time.monotonic()
            return self._state

    async def _ask(self) -> BrokerState:
        try:
            async with self._client() as client:
                return BrokerState(reachable=True, detail="accepts connections", dropped=await _dropped(client))
        except (aiomqtt.MqttError, OSError, TimeoutError) as error:
            return BrokerState(reachable=False, detail=str(error) or type(error).__name__)

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._address.hostname or "127.0.0.1",
            self._address.port or 1883,
            username=self._username,
            password=self._password,
            protocol=aiomqtt.ProtocolVersion.V5,
            timeout=_CONNECT_TIMEOUT_S,
        )


async def _dropped(client: aiomqtt.Client) -> int | None:
    """None where this user may not read it, or the broker has no $SYS."""
    try:
        async with asyncio.timeout(_SYS_WAIT_S):
            await client.subscribe(_DROPPED)
            async for message in client.messages:
                return int(bytes(message.payload)) if isinstance(message.payload, bytes) else None
    except (aiomqtt.MqttError, TimeoutError, ValueError):
        pass
    return None
