"""What citizens report: water at three places, and much else; and how well it was told apart. Pure."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

MEMBERS, NOISE = 200, 1_000
WITHIN, NOISE_WITHIN = timedelta(minutes=10), timedelta(hours=48)
SCATTER_M, APART_M = 150, 800
CITY_M = 10_000
_CITY = (80.5, 6.08)
"""Amid the fleet's gauges, so that each report there has stations to be asked and areas to lie in."""
_COUNTRY = (79.8, 5.9, 81.8, 9.7)
_M_A_DEGREE = 111_195
_CATEGORIES = ("flooded-road", "flooded-building", "river-high", "blocked-drain", "damage", "other")


@dataclass(frozen=True)
class Said:
    """One report as a citizen sends it; `place`: which of the three it is of, or None."""

    lon: float
    lat: float
    seen_at: datetime
    category: str
    depth_cm: int | None
    place: int | None = None

    def body(self) -> dict[str, object]:
        """For `POST /api/v1/reports`."""
        moment = self.seen_at.isoformat(timespec="milliseconds")
        words = {"text": "The water is rising here.", "language": "en", "accuracy_m": 20}
        return {"lon": self.lon, "lat": self.lat, "seen_at": moment, "category": self.category,
                "depth_cm": self.depth_cm, **words}  # fmt: skip


def told_of_flood(now: datetime, chance: Random) -> Iterator[Said]:
    """MEMBERS reports, each within SCATTER_M of one of three places that are APART_M from each other."""
    for number in range(MEMBERS):
        place = number % 3
        angle = math.tau * place / 3
        corner = _moved(_CITY, angle, APART_M / math.sqrt(3))
        spot = _moved(corner, chance.uniform(0, math.tau), SCATTER_M * math.sqrt(chance.random()))
        seen_at = now - WITHIN * chance.random()
        yield Said(*spot, seen_at, chance.choice(_CATEGORIES[:3]), chance.randrange(20, 130), place)


def told(now: datetime, chance: Random) -> Iterator[Said]:
    """NOISE reports of two days: one half from all over the country, the other from CITY_M around the places."""
    west, south, east, north = _COUNTRY
    for number in range(NOISE):
        spot = chance.uniform(west, east), chance.uniform(south, north)
        if number % 2:
            spot = _moved(_CITY, chance.uniform(0, math.tau), CITY_M * math.sqrt(chance.random()))
        depth_cm = chance.choice((None, 5, 20, 60))
        yield Said(*spot, now - NOISE_WITHIN * chance.random(), chance.choice(_CATEGORIES), depth_cm)


def _moved(spot: tuple[float, float], angle: float, by_m: float) -> tuple[float, float]:
    lon, lat = spot
    east, north = by_m * math.cos(angle) / _M_A_DEGREE, by_m * math.sin(angle) / _M_A_DEGREE
    return lon + east / math.cos(math.radians(lat)), lat + north


@dataclass(frozen=True)
class Found:
    """How one place shows in the clusters: which share of its reports the largest part of them is, of `others` how
    many are in that cluster too, and whether it is the cluster of another place as well."""

    share: float
    others: int
    shared: bool


def found_of(place_of: Mapping[str, int | None], clusters: Sequence[Sequence[str]]) -> tuple[list[Found], int]:
    """Each place, from its reports and the clusters' (by id); and how many clusters are of no place."""
    counts = [Counter(place_of.get(report) for report in cluster) for cluster in clusters]
    members = Counter(place_of.values())
    places = sorted(place for place in members if place is not None)
    best = {place: max(range(len(counts)), key=lambda at: counts[at][place]) for place in places} if counts else {}
    uses = Counter(best.values())
    found = []
    for place in places:
        count = counts[best[place]] if best else Counter()
        found.append(Found(count[place] / members[place], count.total() - count[place], uses[best.get(place, -1)] > 1))
    return found, sum(not any(count[place] for place in places) for count in counts)
