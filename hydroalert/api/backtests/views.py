"""What a back-test is asked, and what it answers."""

import msgspec

from hydroalert.domain.rules import Rule
from hydroalert.judging.backtest_report import AreaReport


class GivenBackTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """Which time, RFC 3339 with offsets, both ends included; which areas: those named, else all that have rules.

    `rules`, by area, replace what is in force; then `areas` is left out. `as_received`: each observation when it
    arrived, not when it was measured.
    """

    start: str
    end: str
    areas: list[str] | None = None
    rules: dict[str, list[Rule]] | None = None
    as_received: bool = False


class BackTest(msgspec.Struct, frozen=True):
    """What would have come of each area; one of which nothing is stored is left out."""

    areas: list[AreaReport]
