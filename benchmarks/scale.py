"""How much is measured: enough for figures to keep, or just enough to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes of one run."""

    rounds: int = 5
    frames_each: int = 640
    fleet: int = 1_000
    stored_rows: int = 50_000_000
    overload_s: int = 300
    overload_frames_per_s: int = 2_000
    probing_s: int = 90
    followers: int = 5_000
    fanned_alerts: int = 20
    slow_followers: int = 2_000


FULL = Scale()
QUICK = Scale(
    rounds=2,
    frames_each=320,
    fleet=500,
    stored_rows=2_000_000,
    overload_s=20,
    probing_s=15,
    followers=1_000,
    fanned_alerts=4,
    slow_followers=500,
)
DEVICES = 500
"""How many of the fleet publish."""
