"""How a connection enters the broker, and what it says there."""

from typing import Final
from urllib.parse import urlsplit

import mqtt5
import msgspec

KEEP_ALIVE_S: Final = 15
MAX_PACKET_BYTES: Final = 512 * 1024


class Publication(msgspec.Struct, frozen=True):
    """A message to publish. `expiry_s`: how long the broker keeps it for who is away (3.3.2.3.3)."""

    topic: str
    payload: bytes
    at_least_once: bool = False
    retain: bool = False
    expiry_s: int | None = None

    def packet(self, packet_id: int | None) -> bytes:
        """The PUBLISH packet; at QoS 1 it carries an id."""
        return mqtt5.PublishPacket(
            self.topic,
            self.payload,
            qos=mqtt5.QoS.AT_LEAST_ONCE if self.at_least_once else mqtt5.QoS.AT_MOST_ONCE,
            retain=self.retain,
            packet_id=packet_id,
            message_expiry_interval=self.expiry_s,
        ).write()


class Session:
    """How to enter the broker: the account, and the client id whose session is taken up."""

    def __init__(
        self, broker_url: str, username: str, password: str, client_id: str, *, receive_maximum: int, persistent: bool
    ) -> None:
        place = urlsplit(broker_url)
        self.host = place.hostname or "localhost"
        self.port = place.port or 1883
        self.connect = mqtt5.ConnectPacket(
            client_id,
            username=username,
            password=password.encode(),
            clean_start=not persistent,  # on Mosquitto 2.0 a session begun clean does not outlive the broker
            keep_alive=KEEP_ALIVE_S,
            session_expiry_interval=0xFFFFFFFF if persistent else 0,
            receive_max=receive_maximum,
            max_packet_size=MAX_PACKET_BYTES,
        ).write()
