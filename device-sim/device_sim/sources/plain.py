"""Plain CSV with the columns ``time,result``: RFC 3339 times with an offset, or Unix seconds."""

import csv
import itertools
from datetime import datetime
from pathlib import Path
from statistics import median

from device_sim.sources.model import Place, Sample, Series, SourceError, slug

COLUMNS = {"time", "result"}
_USUAL_INTERVAL_S = 900


def read(path: Path, datastream: str = "level", unit: str = "m") -> list[Series]:
    """One series of one station, named by the file; rows without a result are counted, not sent."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    samples = tuple(_sample(path, row) for row in rows if row["result"].strip())
    place = Place(slug(path.stem), path.stem, path.stem)
    return [Series(place, datastream, unit, _interval_s(samples), samples, len(rows) - len(samples))]


def _sample(path: Path, row: dict[str, str]) -> Sample:
    text = row["time"].strip()
    if text.replace(".", "", 1).isdigit():
        return Sample(int(float(text) * 1000 + 0.5), float(row["result"]))
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise SourceError(f"{path.name}: {text} names no time zone: write it as {text}Z or with its offset")
    return Sample(int(at.timestamp() * 1000 + 0.5), float(row["result"]))


def _interval_s(samples: tuple[Sample, ...]) -> int:
    times = sorted({sample.time_ms for sample in samples})
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return max(1, round(median(steps) / 1000)) if steps else _USUAL_INTERVAL_S
