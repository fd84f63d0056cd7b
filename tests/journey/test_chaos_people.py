"""What people were told in a drill is compared with what is kept: each way in which that can be amiss is seen."""

from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from chaos.deeds import MARK, Act, Deeds, picture_of
from chaos.kept import Count, Entry, Event, Kept, Picture, Report, Swept
from chaos.reports import PeopleVerdict, judge_people

AT = datetime(2026, 11, 22, tzinfo=UTC)
SEEN, SAID = f"{MARK}seen", f"{MARK}said"
CITIZEN, NIMALI = "the reporter", "nimali/0123456789ab"
KEPT = Kept(
    reports=[Report("r", SEEN, "under_review", 3)],
    events=[
        Event("r", 1, "submitted", CITIZEN, "", "submitted"),
        Event("r", 2, "picture", CITIZEN, "", "submitted"),
        Event("r", 3, "under review", NIMALI, SAID, "under_review"),
    ],
    pictures=[Picture("p", "r", 1, "ab", 500, "p.jpg", "t.jpg")],
    counts=[Count("school", AT, 20, NIMALI, "school/then")],
    audit=[
        Entry("added", "report", "r", CITIZEN, 1),
        Entry("changed", "report", "r", CITIZEN, 2),
        Entry("changed", "report", "r", NIMALI, 3),
        Entry("added", "evidence", "r/1", CITIZEN, 0),
        Entry("added", "shelter occupancy", "school/then", NIMALI, 0),
    ],
    unused=0,
    files={"p.jpg": 500, "t.jpg": 90},
)


def answered() -> Deeds:
    """What the people of that drill were told."""
    return Deeds(
        reports={SEEN: "r"},
        pictures={picture_of("r", "ab"): "p"},
        acts=[Act("r", 3, NIMALI, SAID)],
        counts={f"school/{AT.isoformat()}": 20},
    )


def test_nothing_is_amiss_where_everything_told_is_kept_and_nothing_else() -> None:
    verdict = judge_people(answered(), KEPT, Swept(0, 0))
    assert verdict.amiss == 0
    assert (verdict.reports, verdict.pictures, verdict.decisions) == (1, 1, 2)


def without(name: str, place: int) -> Kept:
    """The same, but for one thing."""
    kept = list(getattr(KEPT, name))
    del kept[place]
    return replace(KEPT, **{name: kept})


def also(name: str, more: object) -> Kept:
    """The same, and one thing more."""
    return replace(KEPT, **{name: [*getattr(KEPT, name), more]})


STRANGE_EVENT = Event("r", 4, "note", NIMALI, "nobody was told of it", "under_review")
SAME_PICTURE = replace(KEPT.pictures[0], id="q", number=2)
OTHER_STATE = replace(KEPT, reports=[replace(KEPT.reports[0], state="verified")])
LATER_COUNT = replace(KEPT.counts[0], at=AT.replace(hour=1), target="school/later")


@pytest.mark.parametrize(
    ("kept", "seen_as"),
    [
        (replace(KEPT, reports=[], events=[]), {"lost_reports", "lost_decisions", "audit_gaps"}),
        (replace(KEPT, reports=[replace(KEPT.reports[0], id="s")]), {"lost_reports", "half"}),
        (also("reports", Report("s", SEEN, "submitted", 1)), {"lost_reports", "doubled_reports", "half"}),
        (OTHER_STATE, {"half"}),
        (without("events", 1), {"half", "audit_gaps"}),
        (without("events", 2), {"half", "lost_decisions", "audit_gaps"}),
        (also("events", STRANGE_EVENT), {"half", "doubled_decisions", "audit_gaps"}),
        (without("pictures", 0), {"half", "lost_pictures", "orphans", "audit_gaps"}),
        (also("pictures", SAME_PICTURE), {"half", "lost_pictures", "doubled_pictures", "audit_gaps"}),
        (replace(KEPT, files={"p.jpg": 500}), {"missing"}),
        (replace(KEPT, files={"p.jpg": 499, "t.jpg": 90}), {"missing"}),
        (replace(KEPT, files={**KEPT.files, "x.jpg": 0}), {"orphans"}),
        (replace(KEPT, unused=1), {"orphans"}),
        (without("counts", 0), {"lost_decisions", "audit_gaps"}),
        (also("counts", LATER_COUNT), {"doubled_decisions", "audit_gaps"}),
        (without("audit", 2), {"audit_gaps"}),
        (also("audit", Entry("changed", "report", "r", NIMALI, 4)), {"audit_gaps"}),
    ],
)
def test_whatever_is_lost_doubled_or_half_is_seen(kept: Kept, seen_as: set[str]) -> None:
    verdict = judge_people(answered(), kept, Swept(0, 0))
    assert verdict.amiss
    assert _faults(verdict) == seen_as


def test_a_file_that_no_row_ever_named_is_seen_although_it_was_swept() -> None:
    assert _faults(judge_people(answered(), KEPT, Swept(3, 1))) == {"unannounced"}


def _faults(verdict: PeopleVerdict) -> set[str]:
    counts = {"reports", "pictures", "decisions", "swept"}
    return {name for name, count in asdict(verdict).items() if count} - counts
