"""What is killed in a round, and when. Pure: the dice are an argument."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

FIRST_AFTER_S = 0.3


class Target(StrEnum):
    """What `kill -9` can hit."""

    BRIDGE = "bridge"  # every process of it at once
    WORKER = "worker"  # one process that works lanes
    DATABASE = "database"  # the postmaster
    BACKEND = "backend"  # one connection's process: PostgreSQL then recovers as after a crash
    BROKER = "broker"
    BROKER_DISK = "broker+disk"  # its persistence file is removed, too
    API = "api"
    ALERTING = "alerting"


@dataclass(frozen=True)
class Blow:
    """One kill, so many seconds after the load of its round began."""

    after_s: float
    target: Target


def deal(dice: Random, targets: Sequence[Target] = tuple(Target)) -> Iterator[Target]:
    """Targets in random order without end, none of them again before all others have had their turn."""
    while True:
        yield from dice.sample(targets, len(targets))


def plan_round(targets: Iterator[Target], dice: Random, *, blows: int, load_s: float) -> list[Blow]:
    """The blows of one round in order of time, all of them while there is load."""
    moments = sorted(dice.uniform(FIRST_AFTER_S, load_s) for _ in range(blows))
    return [Blow(moment, next(targets)) for moment in moments]
