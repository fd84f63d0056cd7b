"""Readers of real files: small ones written here, and the real ones where they are."""

from pathlib import Path

import pytest
from device_sim.sources import Sample, Series, SourceError, clean, read_file, read_files, slug

from tests.device_sim.conftest import DATA

EA_HEADER = """Station name,WARWICK
Station number,"2091"
River,River Avon
Easting,"429912"
Northing,"265296"
Time series unit,m
Note,M\xfcnster
Time stamp,Value[m],State of value,Interpolation
"""


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def real(*parts: str) -> Path:
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the real file {'/'.join(parts)} is not beside this repository")
    return path


def only(series: list[Series]) -> Series:
    assert len(series) == 1
    return series[0]


def test_a_negative_level_of_sri_lanka_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "all.tsv", "station_name\ttime_ut\twater_level_m\nWera Gan'tota\t1764585846\t-1.6\n")
    series = only(read_file(path))
    assert series.samples == (Sample(1_764_585_846_000, -1.6),)
    assert (series.place.code, series.place.official_code) == ("wera-gan-tota", "Wera Gan'tota")


def test_an_english_stage_file_is_latin_1_and_its_missing_rows_are_counted_not_sent(tmp_path: Path) -> None:
    rows = "01/12/2012 00:15:00,1.415,G,102\n01/12/2012 00:30:00,,M,\n01/12/2012 00:45:00,1.416,S,102\n"
    series = only(read_file(written(tmp_path / "stage.csv", EA_HEADER + rows, "latin-1")))
    assert series.samples == (Sample(1_354_320_900_000, 1.415), Sample(1_354_322_700_000, 1.416))
    assert series.skipped == 1
    assert (series.place.code, series.place.official_code, series.place.river) == ("warwick", "2091", "River Avon")


def test_an_english_stage_file_that_was_cut_off_in_its_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="whole file"):
        read_file(written(tmp_path / "stage.csv", "Station name,WARWICK\nEasting,1\n"))


def test_rain_of_the_hydrology_explorer_takes_unit_and_interval_from_its_measure(tmp_path: Path) -> None:
    measure = "http://environment.data.gov.uk/hydrology/id/measures/3e0e-rainfall-t-900-mm-qualified"
    head = '"measure","dateTime","date","value","completeness","quality","qcode"\n'
    rows = f'"{measure}","2025-08-16T00:15:00","2025-08-16","0.2","","Unchecked",""\n'
    gap = f'"{measure}","2025-08-16T00:30:00","2025-08-16","","","Missing",""\n'
    series = only(read_file(written(tmp_path / "Old-Mill-rainfall-15min-Qualified.csv", head + rows + gap)))
    assert (series.datastream, series.unit, series.interval_s, series.skipped) == ("rainfall", "mm", 900, 1)
    assert (series.place.code, series.place.official_code) == ("old-mill", "3e0e")
    assert series.samples == (Sample(1_755_303_300_000, 0.2),)


def test_american_rows_are_in_mountain_daylight_time_and_a_gap_of_one_series_is_none_of_the_other(
    tmp_path: Path,
) -> None:
    text = "agency,site_num,date,discharge_cfs,height_ft\nUSGS,402114105350101,2013-09-12 08:15,,7.52\n"
    level, discharge = read_file(written(tmp_path / "creek_at_town.csv", text))
    assert level.samples == (Sample(1_378_995_300_000, 7.52),)  # 14:15 UTC
    assert (level.unit, discharge.unit) == ("ft", "ft3/s")
    assert (discharge.samples, discharge.skipped) == ((), 1)


def test_a_site_number_of_fifteen_digits_says_where_it_is(tmp_path: Path) -> None:
    text = "agency,site_num,date,discharge_cfs,height_ft\nUSGS,402114105350101,2013-09-12 08:15,1,2\n"
    place = read_file(written(tmp_path / "somewhere.csv", text))[0].place
    assert place.lon == pytest.approx(-105.58361, abs=1e-4)
    assert place.lat == pytest.approx(40.35389, abs=1e-4)


@pytest.mark.parametrize("time", ["2025-01-01T00:00:00Z", "2025-01-01T01:00:00+01:00", "1735689600"])
def test_a_plain_row_says_its_time_with_an_offset_or_in_unix_seconds(tmp_path: Path, time: str) -> None:
    series = only(read_file(written(tmp_path / "My River.csv", f"time,result\n{time},1.5\n")))
    assert series.samples == (Sample(1_735_689_600_000, 1.5),)
    assert series.place.code == "my-river"


def test_a_plain_row_without_a_time_zone_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Z or with its offset"):
        read_file(written(tmp_path / "x.csv", "time,result\n2025-01-01T00:00:00,1.5\n"))


def test_a_file_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="columns time,result"):
        read_file(written(tmp_path / "x.csv", "a,b\n1,2\n"))


def test_of_rows_with_the_same_time_the_first_counts_and_the_others_are_told_apart() -> None:
    first, same, other, later = Sample(2, 1.0), Sample(2, 1.0), Sample(2, 9.0), Sample(1, 5.0)
    cleaned = clean([first, same, other, later])
    assert cleaned.samples == (later, first)
    assert (cleaned.repeated, cleaned.conflicting) == ((same,), (other,))


def test_two_months_of_one_gauge_become_one_series(tmp_path: Path) -> None:
    november = written(tmp_path / "a.csv", EA_HEADER + "30/11/2012 23:45:00,1.0,G,102\n", "latin-1")
    december = written(tmp_path / "b.csv", EA_HEADER + "01/12/2012 00:00:00,2.0,G,102\n", "latin-1")
    assert [sample.value for sample in only(read_files([november, december])).samples] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "code"),
    [("Kalawellawa (Millakanda)", "kalawellawa-millakanda"), ("--A  b--", "a-b"), ("x" * 70, "x" * 63)],
)
def test_a_name_from_elsewhere_becomes_a_code(name: str, code: str) -> None:
    assert slug(name) == code


def test_the_real_cyclone_has_39_placed_stations_and_6760_rows() -> None:
    series = read_files([real("lk-cyclone-ditwah-2025", "all.tsv")])
    assert len(series) == 39
    assert sum(len(clean(one.samples).samples) for one in series) == 6760
    assert all(one.place.lon is not None for one in series)


def test_every_real_file_is_read_and_every_gauge_has_a_place() -> None:
    real("README.md")
    files = [
        *DATA.glob("uk-ea-*/*.csv"), *DATA.glob("us-usgs-colorado-2013/*.csv"),
        DATA / "us-usgs-5min" / "usgs_01589330_dead_run_2018-06_5min.parquet",
    ]  # fmt: skip
    series = read_files(files)
    assert len({one.place.code for one in series}) == 20
    assert [one.place.code for one in series if one.place.lon is None] == []


def test_values_that_a_tool_interpolated_are_left_out_of_the_real_parquet() -> None:
    level, _ = read_file(real("us-usgs-5min", "usgs_01581752_plumtree_run_2016-2018_5min.parquet"))
    assert (level.datastream, level.skipped, len(level.samples)) == ("level", 9690, 305_958)
