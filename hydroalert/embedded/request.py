"""What was asked of `hydroalert up`, as one value."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORTS = {"http": 8002, "mqtt": 1883, "postgres": 54320, "tls": 8883}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for. A port of None means the default, or the next free one after it; 0 any free one."""

    data_dir: Path
    ports: dict[str, int | None]
    field_address: str = "127.0.0.1"
    workers: int = 1
    simulator: bool = True
    ready_file: Path | None = None
