"""Nothing but load: frames of the same shape at a steady pace, each record with a time of its own."""

from collections.abc import Sequence

from firmware_protocol.senml import Reading

from device_sim.feeds import Pack
from device_sim.fleet import Member

AS_FAST_AS_IT_GOES = 0.0
_CYCLE = 1000


class LoadFeed:
    """``records`` a frame over all datastreams of the device, one frame every ``every_ms`` (0: always due).

    No two records of a datastream share a millisecond: where frames come faster, times run ahead of the clock.
    """

    def __init__(self, member: Member, *, records: int, every_ms: float, delay_ms: float, frames: int | None) -> None:
        self._streams = member.datastreams
        self._records = records
        self._every_ms = every_ms
        self._delay_ms = delay_ms
        self._due_ms: float | None = None  # until it is asked for the first time
        self._left = frames
        self._newest_ms = 0
        self._count = 0

    def next_ms(self) -> int | None:
        """The next beat."""
        return None if self._left == 0 else int(self._due_ms or 0)

    def take(self, now_ms: int, most: int) -> list[Pack]:
        """One pack for each beat that has passed."""
        if self._due_ms is None:
            self._due_ms = now_ms + self._delay_ms
        packs: list[Pack] = []
        while len(packs) < most and self._left != 0 and (not self._every_ms or self._due_ms <= now_ms):
            packs.append(self._pack(now_ms))
            self._due_ms += self._every_ms
            self._left = None if self._left is None else self._left - 1
        return packs

    def _pack(self, now_ms: int) -> Pack:
        width = len(self._streams)
        first_ms = max(self._newest_ms + 1, now_ms)
        self._newest_ms = first_ms + (self._records - 1) // width
        self._count += 1
        value = 1 + self._count % _CYCLE / _CYCLE
        streams = self._streams
        readings = [
            Reading(streams[number % width].code, first_ms + number // width, value) for number in range(self._records)
        ]
        return Pack(readings, body=_packed(readings))


def _packed(readings: Sequence[Reading]) -> bytes:
    """What ``encode_pack`` would say, at a tenth of its price: these codes and values need no escaping or checking."""
    base_s = readings[0].time_ms // 1000
    records = ",".join(
        f'{{"n":"{one.code}","t":{(one.time_ms - base_s * 1000) / 1000},"v":{one.value}}}' for one in readings
    )
    return f'[{{"bt":{base_s},{records[1:]}]'.encode()
