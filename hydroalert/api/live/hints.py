"""What the broker and the database say has changed: a hint where to look, never what is told."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import aiomqtt
import msgspec
import structlog
from paho.mqtt.subscribeoptions import SubscribeOptions

from hydroalert.domain.errors import Unavailable
from hydroalert.store.listening import listening
from hydroalert.wire.topics import ROOT

_FILTERS = (f"{ROOT}/alerts/+", f"{ROOT}/drill/alerts/+", f"{ROOT}/stations/+/latest")
BOARD, CALLERS = "board", "callers"
"""What the triggers of the database say: a report or a shelter changed, or who is logged in."""

_CHANNEL = "live"
_RETRY_S = 1.0
_TIMEOUT_S = 5.0
_KEEPALIVE_S = 10
_log = structlog.get_logger("hydroalert.api")


class Hinted(msgspec.Struct, frozen=True):
    """Codes of areas and of stations that are worth a look; `board`: reports and shelters are, too."""

    areas: frozenset[str]
    stations: frozenset[str]
    board: bool


class Hints:
    """Hints that nobody took yet; however many there are of one place, they count once."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._areas: set[str] = set()
        self._stations: set[str] = set()
        self._board = False

    def add_board(self) -> None:
        """A report or a shelter changed."""
        self._board = True
        self.arrived.set()

    def add(self, topic: str) -> None:
        """A message came on that topic, which one of our filters matches."""
        words = topic.split("/")
        if words[-1] == "latest":
            self._stations.add(words[-2])
        else:
            self._areas.add(words[-1])
        self.arrived.set()

    def take(self) -> Hinted:
        """All of them, once."""
        taken = Hinted(frozenset(self._areas), frozenset(self._stations), self._board)
        self._board = False
        self._areas.clear()
        self._stations.clear()
        self.arrived.clear()
        return taken


async def follow_broker(broker_url: str, hints: Hints, told: Callable[[bool], None]) -> None:
    """Listen as anybody may, for ever; `told` hears whenever the connection comes or goes."""
    address = urlsplit(broker_url)
    while True:
        try:
            async with aiomqtt.Client(
                address.hostname or "127.0.0.1",
                address.port or 1883,
                protocol=aiomqtt.ProtocolVersion.V5,
                timeout=_TIMEOUT_S,
                keepalive=_KEEPALIVE_S,
            ) as client:
                await _listen(client, hints, told)
        except (aiomqtt.MqttError, OSError, TimeoutError) as error:
            _log.warning("hints_lost", error=str(error) or type(error).__name__)
        finally:
            told(False)
        await asyncio.sleep(_RETRY_S)


async def follow_database(database_url: str, hear: Callable[[str], None]) -> None:
    """Say to `hear` what may have changed whenever the database says so, for ever: `BOARD` or `CALLERS`."""
    while True:
        try:
            async with listening(database_url, [_CHANNEL]) as heard:
                hear(BOARD)
                hear(CALLERS)
                while said := await heard.get():
                    hear(said[1])
        except Unavailable as error:
            _log.warning("hints_lost", error=str(error))
        await asyncio.sleep(_RETRY_S)


async def _listen(client: aiomqtt.Client, hints: Hints, told: Callable[[bool], None]) -> None:
    """Retained messages are left out: what they say is in the database, and all of it is looked at anyway."""
    for topics in _FILTERS:
        await client.subscribe(
            topics, options=SubscribeOptions(qos=0, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        )
    told(True)
    async for message in client.messages:
        hints.add(message.topic.value)
