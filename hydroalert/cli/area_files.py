"""Areas out of GeoJSON files: which property names them, and what each file said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.polygons import multipolygon_of
from hydroalert.store.areas import NewArea, RefusedArea

_GEOMETRIES = ("Polygon", "MultiPolygon")


class Naming(msgspec.Struct, frozen=True):
    """Which properties of a feature say what an area is called, and in which language."""

    code_from: str | None
    name_from: str
    language: str
    parent_from: str | None
    silence_factor: float | None


class FileOfAreas(msgspec.Struct, frozen=True):
    """What one file holds: areas, what cannot be one, and the parent that each area names."""

    areas: list[NewArea | RefusedArea]
    parents: dict[str, str | None]


def read_areas(path: Path, naming: Naming) -> FileOfAreas:
    """The areas of a GeoJSON FeatureCollection, Feature or geometry.

    A geometry without properties is called as its file. A file that is none of these is one refusal.
    """
    found = FileOfAreas([], {})
    try:
        for number, feature in enumerate(_features(path), 1):
            area = _area_of(feature, naming, number)
            found.areas.append(area)
            parent = _property(feature, naming.parent_from)
            if parent and isinstance(area, NewArea):
                found.parents[area.code] = parent
    except InvalidInput as error:
        found.areas.append(RefusedArea(path.stem, str(error)))
    return found


def _features(path: Path) -> Iterator[dict[str, Any]]:
    try:
        value = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, UnicodeDecodeError, RecursionError, OverflowError, msgspec.MsgspecError) as error:
        raise InvalidInput(str(error)) from None
    kind = value.get("type")
    if kind == "FeatureCollection" and isinstance(value.get("features"), list):
        yield from (one if isinstance(one, dict) else {} for one in value["features"])
    elif kind == "Feature":
        yield value
    elif kind in _GEOMETRIES:
        yield {"id": path.stem, "properties": {"name": path.stem}, "geometry": value}
    else:
        raise InvalidInput("give a GeoJSON FeatureCollection, Feature, Polygon or MultiPolygon")


def _area_of(feature: dict[str, Any], naming: Naming, number: int) -> NewArea | RefusedArea:
    code = _property(feature, naming.code_from) if naming.code_from else _code(feature)
    name = _property(feature, naming.name_from)
    called = code or _code(feature) or f"feature {number}"
    if not code:
        return RefusedArea(called, f"no {naming.code_from or 'code'}: say with --code-from which property is its code")
    if not name:
        return RefusedArea(called, f"no {naming.name_from}: say with --name-from which property is its name")
    try:
        polygon = multipolygon_of(feature.get("geometry"))
    except InvalidInput as error:
        return RefusedArea(called, str(error))
    return NewArea(code, {naming.language: name}, polygon, silence_factor=naming.silence_factor)


def _code(feature: dict[str, Any]) -> str:
    own = feature.get("id")
    return _property(feature, "code") or (str(own) if isinstance(own, str | int) else "")


def _property(feature: dict[str, Any], name: str | None) -> str:
    """What a property says, as text; empty where it is absent or no text or number."""
    properties = feature.get("properties")
    value = properties.get(name) if isinstance(properties, dict) else None
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
