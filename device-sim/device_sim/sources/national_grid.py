"""British National Grid to WGS 84, after "A guide to coordinate systems in Great Britain" (Ordnance Survey)."""

from math import atan2, cos, degrees, radians, sin, sqrt, tan

# Airy 1830 and the grid's projection (annex A.1, A.2).
_A, _B, _F0 = 6377563.396, 6356256.909, 0.9996012717
_LAT0, _LON0 = radians(49), radians(-2)
_E0, _N0 = 400_000.0, -100_000.0
_E2 = 1 - _B**2 / _A**2
_THIRD = (_A - _B) / (_A + _B)
# WGS 84, and the Helmert shift OSGB36 to WGS 84 (section 6.6): metres, parts per million, seconds of arc.
_WGS_A, _WGS_B = 6378137.0, 6356752.3142
_SHIFT_M = (446.448, -125.157, 542.060)
_SCALE = 1 - 20.4894e-6
_TURN = tuple(radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))


def to_lon_lat(easting_m: float, northing_m: float) -> tuple[float, float]:
    """Longitude and latitude in degrees, within about 5 m of the truth."""
    return _to_wgs84(*_unproject(easting_m, northing_m))


def _meridional_arc(lat: float) -> float:
    n, difference, total = _THIRD, lat - _LAT0, lat + _LAT0
    return (
        _B
        * _F0
        * (
            (1 + n + 1.25 * n**2 + 1.25 * n**3) * difference
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(difference) * cos(total)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * difference) * cos(2 * total)
            - 35 / 24 * n**3 * sin(3 * difference) * cos(3 * total)
        )
    )


def _foot_latitude(northing_m: float) -> float:
    lat = _LAT0
    while (rest := northing_m - _N0 - _meridional_arc(lat)) >= 1e-5:
        lat += rest / (_A * _F0)
    return lat


def _unproject(easting_m: float, northing_m: float) -> tuple[float, float]:
    lat = _foot_latitude(northing_m)
    curve = 1 - _E2 * sin(lat) ** 2
    nu, rho = _A * _F0 / sqrt(curve), _A * _F0 * (1 - _E2) / curve**1.5
    eta2, t, d = nu / rho - 1, tan(lat), easting_m - _E0
    north = (
        t / (2 * rho * nu) * d**2
        - t / (24 * rho * nu**3) * (5 + 3 * t**2 + eta2 - 9 * t**2 * eta2) * d**4
        + t / (720 * rho * nu**5) * (61 + 90 * t**2 + 45 * t**4) * d**6
    )
    east = (
        d / nu - d**3 / (6 * nu**3) * (nu / rho + 2 * t**2) + d**5 / (120 * nu**5) * (5 + 28 * t**2 + 24 * t**4)
    ) / cos(lat)
    return lat - north, _LON0 + east


def _to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    nu = _A / sqrt(1 - _E2 * sin(lat) ** 2)
    x, y, z = nu * cos(lat) * cos(lon), nu * cos(lat) * sin(lon), (1 - _E2) * nu * sin(lat)
    rx, ry, rz = _TURN
    wx = _SHIFT_M[0] + _SCALE * x - rz * y + ry * z
    wy = _SHIFT_M[1] + rz * x + _SCALE * y - rx * z
    wz = _SHIFT_M[2] - ry * x + rx * y + _SCALE * z
    return degrees(atan2(wy, wx)), degrees(_geodetic_latitude(sqrt(wx**2 + wy**2), wz))


def _geodetic_latitude(from_axis_m: float, z_m: float) -> float:
    e2 = 1 - _WGS_B**2 / _WGS_A**2
    lat = atan2(z_m, from_axis_m * (1 - e2))
    for _ in range(6):  # converges to under a micrometre
        nu = _WGS_A / sqrt(1 - e2 * sin(lat) ** 2)
        lat = atan2(z_m + e2 * nu * sin(lat), from_axis_m)
    return lat
