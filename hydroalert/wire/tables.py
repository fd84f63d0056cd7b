"""Tables as people keep them, JSON, GeoJSON or CSV: one row for each station, device or shelter."""

import csv
import io
from typing import Any, TypeVar

import msgspec

from hydroalert.domain.errors import InvalidInput

T = TypeVar("T")


def parse_rows(text: str, where: str) -> list[dict[str, Any]]:
    """The objects of a JSON list, the features of a GeoJSON collection, or the rows of a CSV with a header.

    Raises InvalidInput that begins with `where`.
    """
    if text.lstrip()[:1] not in ("[", "{"):
        return _csv_rows(text, where)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidInput(f"{where}: {error}") from None
    rows = value.get("features") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput(f"{where}: give a list of objects, a GeoJSON FeatureCollection, or CSV with a header")
    return [_flat(row, where) for row in rows] if isinstance(value, dict) else rows


def _csv_rows(text: str, where: str) -> list[dict[str, Any]]:
    try:
        return list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise InvalidInput(f"{where}: {error}") from None


def _flat(feature: dict[str, Any], where: str) -> dict[str, Any]:
    """A feature's properties with its point as lon and lat. Raises InvalidInput."""
    try:
        lon, lat = feature["geometry"]["coordinates"][:2]
        return {**(feature.get("properties") or {}), "lon": lon, "lat": lat}
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(f"{where}: a feature is no point with properties") from None


def converted(row: dict[str, Any], to: type[T], where: str) -> T:
    """One row as a Struct; empty cells count as absent. Raises InvalidInput that begins with `where`."""
    given = {name: value for name, value in row.items() if name is not None and value not in (None, "")}
    try:
        return msgspec.convert(given, to, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{where}: {error}") from None
