"""All devices of a trial in one process that costs little: `python -m benchmarks.publisher PLAN.json`.

Each device has a connection and an account of its own. Packets are made and signed before the trial; then a device
sends a few in one write, waits for all their PUBACKs, and is free again. How many frames may be under way between
publisher and subscriber is bounded (`window`), so that the broker's queue neither runs dry nor overflows.
"""

import json
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mqtt5
from firmware_protocol.frames import receipts_topic

from benchmarks.counters import Counters
from benchmarks.frames import Member, publishes, read_fleet

_PUBACK_BYTES: Final = 4
_PUBLISH, _PUBACK = 3, 4
_FAILED_FROM: Final = 0x10
"""Reason codes from 16 on: nobody subscribes, or the broker refuses (OASIS MQTT 5.0, section 3.4.2.1)."""
_POLL_S, _FINE_POLL_S = 0.002, 0.0005
"""How long PUBACKs may gather; less where receipts are timed."""
_READ_BYTES: Final = 65_536


@dataclass(frozen=True)
class Plan:
    """What to send. `rate` frames a second, or None: as the window allows. `receipt_every` n-th frame; 0: none."""

    host: str
    port: int
    fleet: str
    devices: int
    frames_each: int
    boot: int
    first_ms: int
    counters: str
    result: str
    burst: int = 8
    window: int = 24_000
    rate: float | None = None
    receipt_every: int = 0


class Device:
    """One connection with what it has yet to send."""

    def __init__(self, plan: Plan, member: Member) -> None:
        self.socket = socket.create_connection((plan.host, plan.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.awaited = 0
        self.sent = 0
        self.sent_at: dict[int, float] = {}
        self.rest = b""
        packets = publishes(
            member, plan.frames_each, boot=plan.boot, first_ms=plan.first_ms, receipt_every=plan.receipt_every
        )
        self._bursts = iter([packets[at : at + plan.burst] for at in range(0, len(packets), plan.burst)])
        self._receipt_every = plan.receipt_every
        self._enter(member)

    def _enter(self, member: Member) -> None:
        connect = mqtt5.ConnectPacket(
            f"bench-{member.device}", username=member.username, password=member.password.encode(), keep_alive=0
        )
        self._ask(connect.write())
        if self._receipt_every:
            wanted = mqtt5.TopicFilter(receipts_topic(member.device), max_qos=mqtt5.QoS.AT_LEAST_ONCE)
            self._ask(mqtt5.SubscribePacket(1, [wanted]).write())
        else:  # then nothing but PUBACKs comes: wake only when all of a burst are there
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        self.socket.setblocking(False)

    def _ask(self, packet: bytes) -> None:
        self.socket.sendall(packet)
        answer, _ = mqtt5.read(memoryview(self.socket.recv(_READ_BYTES)))
        if isinstance(answer, mqtt5.ConnAckPacket) and answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            raise SystemExit(f"the broker refuses a device: {answer.reason_code.name}")

    def send_burst(self) -> int:
        """Send the next few frames in one write; 0 when none is left."""
        packets = next(self._bursts, None)
        if packets is None:
            return 0
        if self._receipt_every:
            now = time.perf_counter()
            first = -(-self.sent // self._receipt_every) * self._receipt_every
            for sequence in range(first, self.sent + len(packets), self._receipt_every):
                self.sent_at[sequence] = now
        else:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, _PUBACK_BYTES * len(packets))
        self.socket.setblocking(True)
        self.socket.sendall(b"".join(packets))
        self.socket.setblocking(False)
        self.sent += len(packets)
        self.awaited = len(packets)
        return len(packets)


class Publisher:
    """Sends for all devices until nothing is left and every receipt is here."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._counters = Counters(Path(plan.counters))
        fleet = read_fleet(Path(plan.fleet))[: plan.devices]
        self._devices = [Device(plan, member) for member in fleet]
        self._by_descriptor = {device.socket.fileno(): device for device in self._devices}
        self._free = deque(self._devices)
        self._poll = select.epoll()
        for descriptor in self._by_descriptor:
            self._poll.register(descriptor, select.EPOLLIN)
        self._latencies_s: list[float] = []
        self._wanted = sum(-(-plan.frames_each // plan.receipt_every) for _ in fleet) if plan.receipt_every else 0

    def run(self) -> None:
        """Wait for `go`, then send."""
        counters = self._counters
        counters["publisher_ready"] = 1
        while not counters["go"]:
            time.sleep(_POLL_S)
        total, sent, started = self._plan.devices * self._plan.frames_each, 0, time.perf_counter()
        while sent < total or len(self._latencies_s) < self._wanted or any(one.awaited for one in self._devices):
            sent += self._send(self._allowed(sent, started))
            counters["sent"] = sent
            counters["receipted"] = len(self._latencies_s)
            self._hear()
        Path(self._plan.result).write_text(json.dumps({"latencies_s": self._latencies_s}))

    def _allowed(self, sent: int, started: float) -> int:
        """How many more frames may be sent now."""
        if self._plan.rate:
            return int((time.perf_counter() - started) * self._plan.rate) - sent
        return self._plan.window - (sent - self._counters["done"])

    def _send(self, allowed: int) -> int:
        sent = 0
        while self._free and sent + self._plan.burst <= allowed:
            device = self._free.popleft()
            sent += device.send_burst()
        return sent

    def _hear(self) -> None:
        pause_s = _FINE_POLL_S if self._plan.rate else _POLL_S
        time.sleep(pause_s)  # PUBACKs gather meanwhile: one read takes several
        for descriptor, _ in self._poll.poll(pause_s):
            device = self._by_descriptor[descriptor]
            data = device.socket.recv(_READ_BYTES)
            if not data:
                raise SystemExit("the broker closed a device's connection")
            answers = []
            for kind, content in self._packets(device, data):
                if kind == _PUBACK:
                    self._counters["refused"] += len(content) > 2 and content[2] >= _FAILED_FROM
                    device.awaited -= 1
                    if not device.awaited:
                        self._free.append(device)
                elif kind == _PUBLISH:
                    answers.append(self._take_receipt(device, content))
            if answers:
                device.socket.sendall(b"".join(answers))

    def _packets(self, device: Device, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(type, what follows the fixed header) of each whole packet; the rest waits."""
        data, at = device.rest + data, 0
        while at + 2 <= len(data):
            length, size = data[at + 1], 2
            if length & 0x80:
                if at + 3 > len(data):
                    break
                length, size = (length & 0x7F) | data[at + 2] << 7, 3
            if at + size + length > len(data):
                break
            yield data[at] >> 4, data[at + size : at + size + length]
            at += size + length
        device.rest = data[at:]

    def _take_receipt(self, device: Device, content: bytes) -> bytes:
        """Note how long its frames took; the PUBACK to send."""
        after_topic = 2 + int.from_bytes(content[:2], "big")
        packet_id, properties = content[after_topic : after_topic + 2], content[after_topic + 2]
        receipt = content[after_topic + 3 + properties :]
        now = time.perf_counter()
        for first, last in json.loads(receipt[12:-16])["stored"]:
            for sequence in range(first, last + 1):
                sent_at = device.sent_at.pop(sequence, None)
                if sent_at is not None:
                    self._latencies_s.append(now - sent_at)
        return b"\x40\x02" + packet_id


if __name__ == "__main__":
    Publisher(Plan(**json.loads(Path(sys.argv[1]).read_text()))).run()
