"""What a follower wants to hear of. Pure."""

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from hydroalert.api.live.events import Event
from hydroalert.api.parameters import parse_box
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.severity import Severity
from hydroalert.store.reading_stations import Box

WantedKind = Literal["alert", "latest", "report", "shelter", "triage"]

_OF_NO_SEVERITY = frozenset({"latest", "shelter"})

MAX_AREAS = 200
_MAX_LENGTH = 16_384


class Filter(msgspec.Struct, frozen=True):
    """An event passes where all that is given holds; of `severity`, at least that.

    An area's event lies where its envelope does, a station's at its place and in the areas that it informs, a
    shelter's and a report's at its place and in the areas that contain it: of what the public hears, the coarse place.
    """

    areas: frozenset[str] = frozenset()
    box: Box | None = None
    severity: Severity | None = None
    kinds: frozenset[str] = frozenset(get_args(WantedKind))
    drill: bool = False

    def takes(self, event: Event) -> bool:
        """Whether a follower with this filter hears of that event."""
        return event.kind == "word" or (self._takes_kind(event) and self._takes_place(event))

    def without(self, kind: WantedKind) -> "Filter":
        """The same for who may not hear of that kind."""
        return msgspec.structs.replace(self, kinds=self.kinds - {kind})

    def _takes_kind(self, event: Event) -> bool:
        if event.kind in _OF_NO_SEVERITY:
            return event.kind in self.kinds
        wanted = self.drill if event.kind == "drill" else event.kind in self.kinds
        return wanted and (self.severity is None or event.rank >= self.severity.rank)

    def _takes_place(self, event: Event) -> bool:
        in_areas = not self.areas or not self.areas.isdisjoint(event.areas)
        return in_areas and (self.box is None or _meets(self.box, event.box))


def parse_filter(
    areas: Sequence[str], bbox: str | None, severity: str | None, kinds: Sequence[str], drill: bool
) -> Filter:
    """A filter from what a client gave; lists may hold several words with commas. Raises InvalidInput."""
    codes = _words(areas, "area")
    if len(codes) > MAX_AREAS:
        raise InvalidInput(f"name at most {MAX_AREAS} areas, or give a bbox", "area")
    for code in codes:
        if not is_code(code):
            raise InvalidInput(f"{code[:80]!r} is no area's code: lower-case letters, digits and hyphens", "area")
    return Filter(
        codes,
        None if bbox is None else parse_box(bbox),
        parse_severity(severity),
        _parse_kinds(_words(kinds, "kind")),
        drill,
    )


def parse_severity(word: str | None) -> Severity | None:
    """One of the words of CAP, or None. Raises InvalidInput."""
    if word is not None and word not in set(Severity):
        raise InvalidInput(f"there is no severity {word[:80]!r}: {', '.join(Severity)}", "severity")
    return None if word is None else Severity(word)


def _parse_kinds(words: frozenset[str]) -> frozenset[str]:
    known = frozenset(get_args(WantedKind))
    for word in words - known:
        raise InvalidInput(f"there is no kind {word[:80]!r}: {', '.join(sorted(known))}", "kind")
    return words or known


def _words(given: Sequence[str], parameter: str) -> frozenset[str]:
    if sum(map(len, given)) > _MAX_LENGTH:
        raise InvalidInput(f"that is too much: at most {_MAX_LENGTH} characters", parameter)
    return frozenset(word.strip() for one in given for word in one.split(",") if word.strip())


def _meets(wanted: Box, place: Box) -> bool:
    one, other = wanted.halves()  # the same twice where the box does not cross the antimeridian, as nearly all
    return _meet(one, place) or (other is not one and _meet(other, place))


def _meet(one: Box, other: Box) -> bool:
    apart = one.west > other.east or other.west > one.east or one.south > other.north or other.south > one.north
    return not apart
