"""What the routes stand on; made once, by whoever starts the api, and handed to each route."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hydroalert.accounts.hashing import Hasher
from hydroalert.admission.service import Settings
from hydroalert.api.callers.key_uses import KeyUses
from hydroalert.api.callers.rates import Rates
from hydroalert.api.evidence.seats import Seats
from hydroalert.api.frames.gate import Admits
from hydroalert.api.health.broker import BrokerProbe
from hydroalert.api.limiter import Limiter
from hydroalert.api.live.service import Live
from hydroalert.api.metrics.meters import Meters
from hydroalert.api.settings import HttpSettings
from hydroalert.evidence.pictures import Pictures
from hydroalert.judging.voice import Voice
from hydroalert.reports.vault import Vault
from hydroalert.store import Pool
from hydroalert.store.sealing import Sealer


@dataclass(frozen=True)
class Services:
    """Everything that outlives a request.

    `vault` keeps what reporters confide, `evidence` their pictures, which come in through `uploads`; `clock` gives
    aware UTC; `cursor_key` signs cursors (`cursors.cursor_key`); `data_dir` is where the disk is watched; `live` tells
    who follows; `voice` is in whose name the platform warns; without `admission`, frames are answered with 503, and
    `retention` bounds how old a time may be. `readings` cannot write; `writings` are for people's changes,
    `store.writing` borrows from them; who replays holds `back_testing`; `rates` counts how often who asks; `hasher` is
    for passwords, `key_uses` remembers when keys were used.
    """

    readings: Pool
    writings: Pool
    sealer: Sealer
    vault: Vault
    evidence: Pictures
    broker: BrokerProbe
    clock: Callable[[], datetime]
    cursor_key: bytes
    data_dir: Path
    live: Live
    voice: Voice
    rates: Rates
    admission: Admits | None = None
    retention: timedelta = Settings().retention
    settings: HttpSettings = field(default_factory=HttpSettings)
    limiter: Limiter = field(default_factory=Limiter)
    uploads: Seats = field(default_factory=Seats)
    meters: Meters = field(default_factory=Meters)
    hasher: Hasher = field(default_factory=Hasher)
    key_uses: KeyUses = field(default_factory=KeyUses)
    back_testing: asyncio.Lock = field(default_factory=asyncio.Lock)
