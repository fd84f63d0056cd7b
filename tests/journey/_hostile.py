"""A client that holds a device's own broker password and means harm: bytes on a socket, no library to hold it back."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import mqtt5

from tests.journey._gauge import Gauge

AT_LEAST_ONCE = mqtt5.QoS.AT_LEAST_ONCE


@contextmanager
def intruder(gauge: Gauge, client_id: str) -> Iterator[socket.socket]:
    """A connection of that device, accepted by the broker, of which nothing more is ever read."""
    place = urlsplit(gauge.platform.mqtt)
    with socket.create_connection((place.hostname, place.port), timeout=30) as wire:
        packet = mqtt5.ConnectPacket(
            client_id,
            username=gauge.registered["mqtt_username"],
            password=gauge.registered["mqtt_password"].encode(),
            session_expiry_interval=60,
        )
        wire.sendall(packet.write())
        assert wire.recv(1) == b"\x20"  # CONNACK (3.2)
        yield wire


def publish(topic: str, payloads: Iterable[bytes]) -> Iterator[bytes]:
    """PUBLISH packets, QoS 1, without a thought for the broker's receive maximum."""
    for number, payload in enumerate(payloads):
        yield mqtt5.PublishPacket(topic, payload, qos=AT_LEAST_ONCE, packet_id=number % 0xFFFF + 1).write()


def pour(wire: socket.socket, packets: Iterable[bytes]) -> int:
    """Send until all is sent or the broker has had enough; how many packets went out."""
    sent = 0
    try:
        for packet in packets:
            wire.sendall(packet)
            sent += 1
    except (OSError, TimeoutError):
        pass
    return sent
