"""Readers of real files: each gives series of readings, whatever the file looked like."""

from pathlib import Path

from device_sim.sources import ea_hydrology, ea_stage, plain, srilanka, usgs_csv, usgs_parquet
from device_sim.sources.model import Cleaned, Place, Sample, Series, SourceError, clean, merge, slug

__all__ = ["Cleaned", "Place", "Sample", "Series", "SourceError", "clean", "merge", "read_file", "read_files", "slug"]


def read_files(paths: list[Path], datastream: str = "level", unit: str = "m") -> list[Series]:
    """All series of the files, those of one gauge joined. ``datastream`` and ``unit`` are for plain CSV."""
    return merge(series for path in paths for series in read_file(path, datastream, unit))


def read_file(path: Path, datastream: str = "level", unit: str = "m") -> list[Series]:
    """The series of one file, by what its first line says. Raises SourceError where no reader knows it."""
    if not path.is_file():
        raise SourceError(f"{path} is not a file")
    if path.suffix == ".parquet":
        return usgs_parquet.read(path)
    with path.open(encoding="latin-1") as file:
        first = [field.strip('"\ufeffï»¿ ') for field in file.readline().rstrip("\r\n").replace("\t", ",").split(",")]
    if set(first) >= COLUMNS_OF_PLAIN:
        return plain.read(path, datastream, unit)
    reader = _BY_FIRST_FIELD.get(first[0])
    if reader is None:
        raise SourceError(f"{path.name} is none of the known formats; a plain CSV has the columns time,result")
    return reader(path)


COLUMNS_OF_PLAIN = plain.COLUMNS
_BY_FIRST_FIELD = {
    srilanka.HEADER[0]: srilanka.read,
    ea_stage.FIRST_FIELD: ea_stage.read,
    ea_hydrology.FIRST_FIELD: ea_hydrology.read,
    usgs_csv.FIRST_FIELD: usgs_csv.read,
}
