"""One warned area and the changes of its alert, as texts and CAP messages tell of them."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Literal
from uuid import UUID

from hydroalert.domain.alerts import Alert, Cause, Change, Transition
from hydroalert.domain.severity import Severity
from hydroalert.judging.texts.facts import Facts, Place
from hydroalert.store.reading_cap import AreaFacts

AT = datetime(2025, 11, 28, 6, 30, 15, 750_000, tzinfo=UTC)
HAZARDS = ("flood", "flash-flood", "heavy-rain", "landslide", "storm-surge")
SILENT_SINCE = AT - timedelta(hours=2)
PLACE = Place("hebden-bridge", {"en": "Hebden Bridge", "es": "Puente de Hebden"}, {"gauge": "Hebden Bridge weir"})
CAUSE = Cause("gauge", "level", 2.314, "m", 2.0, SILENT_SINCE, 1)
SQUARE = ((-2.0, 53.7), (-1.9, 53.7), (-1.9, 53.8), (-2.0, 53.7))
AREA = AreaFacts(
    id=1,
    code=PLACE.code,
    official_code="123FWF311",
    names=dict(PLACE.names),
    stations=dict(PLACE.stations),
    rings=(SQUARE, tuple((lon + 1, lat) for lon, lat in SQUARE)),
    tolerance_deg=0.0005,
)
ALL = tuple(product(HAZARDS, Severity, Transition, (False, True)))
"""Every hazard, severity, transition, and whether it is an exercise."""


def change(
    transition: Transition,
    hazard: str = "flood",
    severity: Severity = Severity.SEVERE,
    public_severity: Severity | Literal["all"] | None = "all",
    level_name: str = "Flood level",
    by_hand: bool = False,
    corroborated: bool = True,
) -> Change:
    """A change of one alert; blind where the transition says so; the public hears all of it unless said."""
    alert = Alert(
        id=UUID(int=7),
        hazard=hazard,
        severity=severity,
        raised_at=AT - timedelta(hours=3),
        onset=AT - timedelta(hours=3),
        level=2,
        level_name=level_name,
        public_severity=severity if public_severity == "all" else public_severity,
        blind_since=SILENT_SINCE if transition is Transition.BLINDED else None,
        corroborated=corroborated,
        by_hand=by_hand,
        causes=(CAUSE,),
    )
    return Change(transition, alert, public=True, author="anna", reason="the secret reason")


def facts(of: Change, *, drill: bool = False, name: str | None = None) -> Facts:
    """The same in the area of these tests, or in one of another name."""
    place = PLACE if name is None else Place("x", {"en": name, "es": name})
    return Facts(place, of, AT, drill)
