"""What everybody sees of a report: a cell and a quarter of an hour, as JSON and as GeoJSON (RFC 7946)."""

from typing import Literal
from uuid import UUID

import msgspec

from hydroalert.api.stations.views import Point, Position, Time
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import Category, Depth
from hydroalert.domain.severity import Severity
from hydroalert.reports.coarse import CELL_M, depth_band
from hydroalert.store import public_reports as store

NOTICE = (
    "What people reported and operators verified. Where nothing is shown, nothing was reported: "
    "that does not mean that it is safe there."
)


class PublicReport(msgspec.Struct, frozen=True):
    """A verified report, made coarse: `position` is the centre of a cell about `cell_m` wide, `seen_at` begins a
    quarter of an hour, `depth` is the least word that the water was not above.
    """

    id: UUID
    position: Position
    cell_m: int
    seen_at: Time
    category: Category
    severity: Severity
    depth: Depth | None


class PublicReportPage(msgspec.Struct, frozen=True):
    """`notice`: what this is, and what it is not. `next` is the cursor of the next page; null on the last."""

    reports: list[PublicReport]
    next: str | None
    notice: str = NOTICE


class Properties(msgspec.Struct, frozen=True):
    """Everything of a public report but its position."""

    cell_m: int
    seen_at: Time
    category: Category
    severity: Severity
    depth: Depth | None


class Feature(msgspec.Struct, frozen=True):
    """GeoJSON Feature: the centre of a cell."""

    id: UUID
    geometry: Point
    properties: Properties
    type: Literal["Feature"] = "Feature"


class FeatureCollection(msgspec.Struct, frozen=True):
    """GeoJSON FeatureCollection, with `next` and `notice` as foreign members."""

    features: list[Feature]
    next: str | None
    notice: str = NOTICE
    type: Literal["FeatureCollection"] = "FeatureCollection"


def show_public(report: store.PublicReport) -> PublicReport:
    """What everybody may know."""
    return PublicReport(
        report.id,
        Position(report.lon, report.lat),
        CELL_M,
        rfc3339(report.seen_quarter),
        report.category,
        report.severity,
        depth_band(report.depth_cm),
    )


def show_feature(report: PublicReport) -> Feature:
    """The same as GeoJSON has it."""
    return Feature(
        report.id,
        Point((report.position.lon, report.position.lat)),
        Properties(report.cell_m, report.seen_at, report.category, report.severity, report.depth),
    )
