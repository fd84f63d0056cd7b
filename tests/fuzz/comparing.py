"""One small world, known to the server and to the oracle, and both their verdicts on the same bytes."""

import math

from hydroalert.admission.decide import Arrival, Decision, Rules, decide
from hydroalert.domain.registry import Datastream, Device, Key, Registry
from hydroalert.wire.topics import Channel
from tests.fuzz.oracle import Known, Series, Verdict, judge

NOW_MS = 1_764_311_400_000
RETENTION_MS = 946_080_000_000
KEYS = {key_id: (bytes([key_id]) * 32, ends_ms) for key_id, ends_ms in
        ((0, math.inf), (1, math.inf), (2, NOW_MS), (3, NOW_MS + 1), (255, math.inf))}  # fmt: skip
SERIES = {
    "level": [Series(1, "m")],
    "level_b": [Series(2, "m")],
    "rainfall": [Series(3, "mm")],
    "flow": [Series(4, "m3/s")],
    "battery": [Series(5, "V")],
    "a": [Series(6, "m", NOW_MS - 3_600_000, NOW_MS), Series(7, "cm", NOW_MS, NOW_MS + 60_000)],
}
WORLD = {
    "gauge-1": Known(KEYS, SERIES),
    "gauge-2": Known(KEYS, {"level": [Series(8, "m", NOW_MS - 1000, NOW_MS)]}),
    "gone-1": Known(KEYS, SERIES, revoked=True),
    "busy-1": Known(KEYS, SERIES, spent=True),
}
DEVICES = (*WORLD, "nobody-1")


def registry() -> Registry:
    """The oracle's world as the server holds it."""
    return {
        code: Device(
            id=id_,
            code=code,
            station="avon",
            revoked=one.revoked,
            rows_per_hour=1,
            keys={key_id: Key(*key) for key_id, key in one.keys.items()},
            datastreams={name: tuple(map(_datastream, series)) for name, series in one.series.items()},
        )
        for id_, (code, one) in enumerate(WORLD.items(), 1)
    }


def _datastream(one: Series) -> Datastream:
    return Datastream(one.id, one.unit, one.since_ms, one.until_ms - 1)


REGISTRY = registry()
RULES = Rules(
    NOW_MS,
    NOW_MS - RETENTION_MS,
    NOW_MS + 300_000,
    {id_ for id_, one in enumerate(WORLD.values(), 1) if one.spent},
)


def of_server(device: str, channel: str, frame: bytes) -> Verdict:
    """The server's decision in the oracle's words."""
    decision = decide(Arrival(device, Channel(channel), frame), REGISTRY, RULES)
    return Verdict(
        authentic=decision.authentic,
        reason=decision.reason.value if decision.reason else None,
        rows=[(row.datastream_id, row.time_ms, row.result.hex()) for row in decision.rows],
        refused=[reason.value for reason in decision.refused],
        status=_status(decision),
    )


def _status(decision: Decision) -> tuple[str, int, int] | None:
    said = decision.status
    return (said.status, said.session, said.at) if said else None


def of_oracle(device: str, channel: str, frame: bytes) -> Verdict:
    """The oracle's verdict."""
    return judge(device, channel, frame, WORLD, NOW_MS, RETENTION_MS)
