"""Both spools, and how a test puts them into a state that a device would need years to reach."""

from pathlib import Path

import pytest
from firmware_protocol.memory_spool import MemorySpool
from firmware_protocol.spool import Spool
from firmware_protocol.store import Bounds

AnySpool = Spool | MemorySpool
KINDS = ("durable", "memory")


def open_spool(kind: str, folder: Path, bounds: Bounds | None = None) -> AnySpool:
    """A new spool of either kind, or the durable one of before."""
    chosen = bounds or Bounds()
    return Spool(folder / "spool", bounds=chosen) if kind == "durable" else MemorySpool(bounds=chosen)


def continue_at(spool: AnySpool, boot: int, sequence: int) -> None:
    """Let the next numbers be these."""
    if isinstance(spool, Spool):
        spool._database.execute("UPDATE device SET boot = ?", (boot,))
        spool._boot = boot
    else:
        spool.boot = boot
    spool._sequence = sequence


both_kinds = pytest.mark.parametrize("kind", KINDS)
