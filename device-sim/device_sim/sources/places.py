"""Where stations are, for files that do not say it themselves."""

import json
import re
from functools import cache
from pathlib import Path

# Gauges of ../shared/data whose files and neighbours carry no position; degrees (lon, lat), good to about 2 km.
_GAZETTEER: dict[str, tuple[float, float]] = {
    "gorpley": (-2.113, 53.697),
    "gorple": (-2.105, 53.789),
    "bacup": (-2.200, 53.704),
    "walshaw-dean-lodge": (-2.043, 53.795),
    "poudre-at-timnath": (-104.967, 40.502),
    "usgs-01581752": (-76.348, 39.496),
    "usgs-01589330": (-76.717, 39.311),
}
_USGS_SITE = re.compile(r"(\d{2})(\d{2})(\d{2})(\d{3})(\d{2})(\d{2})\d{2}")
_POINT = re.compile(r'"sitename":\s*"([^"]+)".*?"river":\s*"([^"]*)".*?"coordinates":\s*\[\s*([-\d.]+),\s*([-\d.]+)')

Position = tuple[float, float]


def gazetteer(code: str) -> Position | None:
    """The position of one of the gauges that no file places, or None."""
    return _GAZETTEER.get(code)


def usgs_site(number: str) -> Position | None:
    """A USGS site number of 15 digits is its latitude and longitude (west) in degrees, minutes, seconds."""
    match = _USGS_SITE.fullmatch(number)
    if match is None:
        return None
    lat_d, lat_m, lat_s, lon_d, lon_m, lon_s = (int(part) for part in match.groups())
    return -(lon_d + lon_m / 60 + lon_s / 3600), lat_d + lat_m / 60 + lat_s / 3600


@cache
def english_stations(folder: Path) -> dict[str, tuple[str, Position]]:
    """Name to (river, position) from ``geo-uk/stations.geojson.json`` beside the data's own folder, if there."""
    path = folder.parent / "geo-uk" / "stations.geojson.json"
    if not path.is_file():
        return {}
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["name"].strip().lower(): (
            feature["properties"]["river"],
            (feature["geometry"]["coordinates"][0], feature["geometry"]["coordinates"][1]),
        )
        for feature in features
    }


@cache
def colorado_points(folder: Path) -> dict[frozenset[str], tuple[str, str, Position]]:
    """Words of a site's name to (name, river, position) from ``station_points.js`` beside the file, if there."""
    path = folder / "station_points.js"
    if not path.is_file():
        return {}
    found = _POINT.findall(path.read_text(encoding="utf-8"))
    return {words(name): (name, river, (float(lon), float(lat))) for name, river, lon, lat in found}


def words(name: str) -> frozenset[str]:
    """The letters of each word of a name, so that ``clearcreek_at_golden`` meets ``Clear Creek @ Golden``."""
    head, _, tail = re.sub(r"[_ ]+", " ", name.lower()).replace(" @ ", " at ").partition(" at ")
    letters = head.replace(" ", "").removesuffix("creek")
    return frozenset({letters, tail.replace(" ", "")})
