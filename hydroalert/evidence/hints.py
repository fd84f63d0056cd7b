"""Where and when a picture says that it was taken. Pure; what cannot be right is no hint."""

import re
from datetime import UTC, datetime, timedelta

from hydroalert.evidence.exif import Exif, Tags
from hydroalert.evidence.picture import Hints

_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_GPS_TIME, _GPS_DATE = 7, 29
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)", flags=re.ASCII)


def hints_of(exif: Exif) -> Hints:
    """The place, where both coordinates are possible; the moment, by the satellites' clock (which is UTC) or by the
    camera's where that says its offset. A camera's clock without an offset is local time, of nobody knows where."""
    lat = _degrees(exif.gps, _LAT, _LAT_REF, (b"N", b"S"), 90)
    lon = _degrees(exif.gps, _LON, _LON_REF, (b"E", b"W"), 180)
    at = _by_satellite(exif.gps) or _by_camera(exif.taken)
    return Hints(at=at) if lat is None or lon is None or (lat, lon) == (0, 0) else Hints(lon, lat, at)


def _degrees(gps: Tags, tag: int, ref: int, signs: tuple[bytes, bytes], most: int) -> float | None:
    parts, side = _rationals(gps.get(tag)), gps.get(ref)
    if parts is None or len(parts) != 3 or not isinstance(side, bytes) or side[:1] not in signs:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if parts[1] >= 60 or parts[2] >= 60 or degrees > most:
        return None
    return -degrees if side[:1] == signs[1] else degrees


def _rationals(found: bytes | tuple[int, ...] | None) -> list[float] | None:
    if not isinstance(found, tuple) or len(found) % 2 or not all(found[1::2]):
        return None
    return [above / below for above, below in zip(found[::2], found[1::2], strict=True)]


def _by_satellite(gps: Tags) -> datetime | None:
    date, time = _text(gps.get(_GPS_DATE)), _rationals(gps.get(_GPS_TIME))
    if time is None or len(time) != 3 or time[0] >= 24 or time[1] >= 60 or time[2] > 60:
        return None
    day = _moment(date, "%Y:%m:%d")
    return day and day + timedelta(hours=time[0], minutes=time[1], seconds=int(time[2]))


def _by_camera(taken: Tags) -> datetime | None:
    offset = _OFFSET.fullmatch(_text(taken.get(_TAKEN_OFFSET)))
    local = _moment(_text(taken.get(_TAKEN)), "%Y:%m:%d %H:%M:%S")
    if local is None or offset is None or int(offset[2]) > 14:
        return None
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return local - ahead if offset[1] == "+" else local + ahead


def _moment(text: str, pattern: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if 1990 <= moment.year <= 2200 else None


def _text(found: bytes | tuple[int, ...] | None) -> str:
    return found.rstrip(b"\x00 ").decode("ascii", "replace") if isinstance(found, bytes) else ""
