"""What is shown of a report to its reporter: all that concerns them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from hydroalert.api.evidence.views import PictureDetails, SentPicture
from hydroalert.api.reports.public import PublicReport
from hydroalert.api.stations.views import Position, Time
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import Category, Depth, State
from hydroalert.domain.severity import Severity
from hydroalert.reports.erasing import ERASED, KEPT
from hydroalert.reports.following import PLATFORM
from hydroalert.reports.submitting import CITIZEN, Submitted
from hydroalert.store.report_events import Event
from hydroalert.store.reports import Report

NOT_INCLUDED = "What operators noted for each other, and who of them did what."

TrackingCode = Annotated[str, msgspec.Meta(description="Shown in this answer only: who has it follows the report")]
By = Literal["reporter", "operators", "platform"]


class SubmittedReport(msgspec.Struct, frozen=True):
    """A report that is stored. Send `tracking_code` in X-Tracking-Code to /api/v1/reports/tracked."""

    id: UUID
    tracking_code: TrackingCode
    state: State
    severity: Severity
    submitted_at: Time
    contact_until: Time | None


class Told(msgspec.Struct, frozen=True):
    """One event of the story, as far as the reporter reads it; `state`: in which it left the report."""

    at: Time
    kind: str
    by: By
    text: str
    state: State


class TrackedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as its reporter sees it. `contact_until`: then it is erased; null where none is kept."""

    id: UUID
    state: State
    severity: Severity
    category: Category
    position: Position
    accuracy_m: float | None
    depth: Depth | None
    depth_cm: int | None
    text: str
    language: str
    seen_at: Time
    submitted_at: Time
    changed_at: Time
    withdrawn_at: Time | None
    contact_until: Time | None
    pictures: list[SentPicture]
    story: list[Told]


class ExportedReport(msgspec.Struct, frozen=True):
    """All that is held of a reporter. `pictures`: with what was read from them before their metadata was left out;
    `public`: what the map shows of it, or would once it is verified.
    """

    exported_at: Time
    report: TrackedReport
    contact: str | None
    pictures: list[PictureDetails]
    public: PublicReport
    not_included: str = NOT_INCLUDED


class ErasedReport(msgspec.Struct, frozen=True):
    """What is gone for good, and what is left so that the history of decisions stays whole."""

    id: UUID
    erased_at: Time
    erased: tuple[str, ...] = ERASED
    kept: tuple[str, ...] = KEPT


def show_submitted(submitted: Submitted) -> SubmittedReport:
    """The one answer that holds the code."""
    report = submitted.report
    return SubmittedReport(
        report.id,
        submitted.tracking_code,
        report.state,
        report.severity,
        rfc3339(report.submitted_at),
        _time(report.contact_until),
    )


def show_tracked(report: Report, story: Sequence[Event], pictures: list[SentPicture]) -> TrackedReport:
    """A report, the events of it that are `shown`, and its pictures."""
    return TrackedReport(
        id=report.id,
        state=report.state,
        severity=report.severity,
        category=report.category,
        position=Position(report.lon, report.lat),
        accuracy_m=report.accuracy_m,
        depth=report.depth_word,
        depth_cm=report.depth_cm,
        text=report.text,
        language=report.language,
        seen_at=rfc3339(report.seen_at),
        submitted_at=rfc3339(report.submitted_at),
        changed_at=rfc3339(report.changed_at),
        withdrawn_at=_time(report.withdrawn_at),
        contact_until=_time(report.contact_until),
        pictures=pictures,
        story=[Told(rfc3339(one.at), one.kind, _by(one.author), one.text, one.state) for one in story],
    )


def show_held(picture: PictureDetails) -> PictureDetails:
    """As its sender may know it: whose picture it is like is somebody else's business."""
    return msgspec.structs.replace(picture, like=None)


def _by(author: str) -> By:
    """Which operator it was is nobody's business outside."""
    if author == CITIZEN.name:
        return "reporter"
    return "platform" if author == PLATFORM else "operators"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
