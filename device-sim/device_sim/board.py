"""What is going on, in numbers: written by agents, read by the live view and the summary."""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil, log2
from time import process_time

_PER_OCTAVE = 16  # latency buckets of 4.4 %


class Latencies:
    """A histogram of milliseconds in buckets 4.4 % wide: percentiles of millions in a few hundred integers."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.count = 0

    def add(self, milliseconds: float) -> None:
        """Count one latency; below 0.01 ms counts as 0.01 ms."""
        self._buckets[ceil(log2(max(milliseconds, 0.01)) * _PER_OCTAVE)] += 1
        self.count += 1

    def percentile_ms(self, share: float) -> float | None:
        """The upper bound of the bucket in which that share (0 to 1) of all latencies ends; None without any."""
        left = share * self.count
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return round(float(2 ** (bucket / _PER_OCTAVE)), 3)
        return None


@dataclass
class Board:
    """Running totals of one run. ``sent`` counts publishes, resends too; ``settled`` frames a receipt answered."""

    devices: int = 0
    is_open: bool = True  # whether frames may go out; connections and statuses always may
    connected: int = 0
    ever_connected: int = 0
    recorded: int = 0
    records: int = 0
    sent: int = 0
    acknowledged: int = 0
    stored: int = 0
    dropped_receipts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    broker_refusals: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)
    first_sent_s: float | None = None
    last_settled_s: float = 0.0
    cpu_from_s: float = 0.0

    @property
    def settled(self) -> int:
        """Frames that a receipt answered: stored or refused."""
        return self.stored + sum(self.refused.values())

    @property
    def busy_s(self) -> float:
        """From the first publish to the last receipt (without receipts: to the last PUBACK)."""
        return 0.0 if self.first_sent_s is None else max(0.001, self.last_settled_s - self.first_sent_s)

    def summary(self, elapsed_s: float, in_spools: int) -> dict[str, object]:
        """What ``--json`` prints at the end."""
        return {
            "devices": self.devices,
            "ever_connected": self.ever_connected,
            "elapsed_s": round(elapsed_s, 3),
            "frames": self.recorded,
            "records": self.records,
            "published": self.sent,
            "acknowledged": self.acknowledged,
            "stored": self.stored,
            "refused": dict(sorted(self.refused.items())),
            "injected": dict(sorted(self.injected.items())),
            "in_spools": in_spools,
            "busy_s": round(self.busy_s, 3),
            "settled_per_s": round(self.settled / self.busy_s, 1) if self.busy_s else 0.0,
            "published_per_s": round(self.sent / self.busy_s, 1) if self.busy_s else 0.0,
            "simulator_cpu_us_per_frame": round((process_time() - self.cpu_from_s) / max(1, self.sent) * 1e6, 1),
            "latency_p50_ms": self.latencies.percentile_ms(0.5),
            "latency_p99_ms": self.latencies.percentile_ms(0.99),
            "broker_refusals": {word: count for word, count in sorted(self.broker_refusals.items()) if count},
            "receipts_dropped": self.dropped_receipts,
        }
