"""Why something counts: points and words; distances and spans of time as people say them. Pure."""

from datetime import timedelta

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """What one thing that is known gives or takes, and what that thing is."""

    points: int
    words: str


def metres(distance_m: float) -> str:
    """`280 m`, `3.1 km`."""
    return f"{distance_m:.0f} m" if round(distance_m) < 1_000 else f"{distance_m / 1_000:.1f} km"


def span(time: timedelta) -> str:
    """`25 min`, `3 h`, `2 days`: whole ones, rounded down."""
    minutes = time // timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def counted(number: int, noun: str) -> str:
    """`1 picture`, `2 pictures`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
