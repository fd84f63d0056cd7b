"""USGS instantaneous values as hydrofunctions keeps them in Parquet: one column a parameter, one for its qualifiers.

``hf.missing`` marks values that the tool interpolated: no gauge measured them, so they are left out.
"""

import re
from pathlib import Path
from typing import Any

from device_sim.sources.model import Place, Sample, Series, SourceError
from device_sim.sources.places import gazetteer

INTERVAL_S = 300
_COLUMN = re.compile(r"USGS:(?P<site>\d+):(?P<parameter>00060|00065):\d+")
_PARAMETERS = {"00065": ("level", "ft"), "00060": ("discharge", "ft3/s")}


def read(path: Path) -> list[Series]:
    """Stage and flow of one gauge; needs DuckDB (``pip install hydroalert-device-sim[parquet]``)."""
    try:
        import duckdb  # noqa: PLC0415 - optional: only Parquet needs it
    except ImportError:
        raise SourceError("Parquet needs DuckDB: pip install 'hydroalert-device-sim[parquet]'") from None
    with duckdb.connect() as database:
        table = database.read_parquet(str(path))
        columns = [match for match in map(_COLUMN.fullmatch, table.columns) if match is not None]
        series = [_series(database, path, match) for match in columns]
    return sorted(series, key=lambda one: one.datastream, reverse=True)


def _series(database: Any, path: Path, match: re.Match[str]) -> Series:
    column = match.group()
    # Column names come from the pattern above: digits and colons, nothing to quote.
    rows = database.execute(
        f'SELECT epoch_ms("datetimeUTC"), "{column}" FROM read_parquet(?) '  # noqa: S608
        f'WHERE "{column}" IS NOT NULL AND NOT isnan("{column}") '
        f"AND \"{column}_qualifiers\" IS DISTINCT FROM 'hf.missing' ORDER BY 1",
        [str(path)],
    ).fetchall()
    total = database.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()[0]
    code, unit = _PARAMETERS[match["parameter"]]
    samples = tuple(Sample(time_ms, value) for time_ms, value in rows)
    return Series(_place(path, match["site"]), code, unit, INTERVAL_S, samples, total - len(samples))


def _place(path: Path, site: str) -> Place:
    code = f"usgs-{site}"
    lon, lat = gazetteer(code) or (None, None)
    name = re.sub(r"^usgs \d+ | \d{4}.*$", "", path.stem.replace("_", " "))
    return Place(code, name.title(), site, None, lon, lat)
