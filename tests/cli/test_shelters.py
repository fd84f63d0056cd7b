"""`hydroalert shelter …`: from a file to a shelter that says how full it is."""

import json
from pathlib import Path

from tests.cli.conftest import Run

HEAD = "code,name,lon,lat,capacity,status,phone\n"


def test_a_file_is_imported_whole_or_not_at_all_as_often_as_one_likes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "shelters.csv"
    file.write_text(HEAD + "School 1,School,80,7,200,open,+94 1\nhall,Hall,80.1,7,50,,\n")
    assert run("shelter", "import", str(file)).out == "2 added, 0 updated, 0 unchanged, 0 refused\n"
    assert run("shelter", "status", "school-1", "closed").code == 0
    file.write_text(HEAD + "School 1,School,80,7,250,,+94 1\nhall,Hall,80.1,7,50,,\nhall,Hall,0,0,1,,\nx,X,a,7,5,,\n")
    refused = run("shelter", "import", str(file))
    assert (refused.code, refused.out) == (1, "0 added, 0 updated, 0 unchanged, 2 refused\n")
    assert "row 3: an earlier row has the code hall too" in refused.err
    assert "row 4: " in refused.err
    assert run("shelter", "import", str(file), "--skip-bad").out == "0 added, 1 updated, 1 unchanged, 2 refused\n"
    feature = {"type": "Feature", "properties": {"code": "gym", "name": "Gym", "capacity": 9, "step_free": True}}
    feature["geometry"] = {"type": "Point", "coordinates": [80.2, 7.1]}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert run("shelter", "import", str(file)).out == "1 added, 0 updated, 0 unchanged, 0 refused\n"
    listed = {one["code"]: one for one in run("shelter", "list", "--json").json}
    assert [listed["school-1"][key] for key in ("status", "capacity", "version")] == ["closed", 250, 3]
    assert (listed["hall"]["status"], listed["hall"]["version"], listed["gym"]["step_free"]) == ("standby", 1, True)


def test_people_are_counted_and_what_cannot_be_is_refused_in_words(run: Run) -> None:
    place = ("--lon=80", "--lat=7", "--capacity=9")
    assert run("shelter", "add", "Gym", "--name", "Gym", *place, "--status", "open").out.startswith("1 added")
    assert run("shelter", "occupancy", "gym").out == "Nobody has counted.\n"
    assert run("shelter", "occupancy", "gym", "12").out.startswith("gym: 12 of 9 at ")
    assert run("shelter", "occupancy", "gym", "3", "--at", "2025-11-28T06:30:00Z").out.startswith("gym: 12 of 9 at ")
    assert len(run("shelter", "occupancy", "gym").out.splitlines()) == 2
    for words in (("status", "nowhere", "open"), ("occupancy", "gym", "-5"), ("remove", "gym")):
        said = run("shelter", *words)
        assert said.code != 0
        assert said.err
    assert run("shelter", "remove", "gym", "--yes").code == 0
    assert run("shelter", "list").out == "No shelters.\n"
