"""The third comparison: what people were answered, with what is kept of it in rows, files and the audit."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.deeds import MARK, Act, Deeds, picture_of
from chaos.kept import Entry, Event, Kept, Picture, Report, Swept

_CITIZEN = "the reporter"


@dataclass(frozen=True)
class PeopleVerdict:
    """What is amiss, each as a count: all 0 when nothing was lost, doubled or left half; but for `reports`, `pictures`
    and `decisions`, which say how many there are, and `swept`: files that blows had left and the sweep took.

    `decisions` are all acts of operators. `unannounced`: files that no row ever named, of which there may be none.
    """

    reports: int
    lost_reports: int
    doubled_reports: int
    half: int
    pictures: int
    lost_pictures: int
    doubled_pictures: int
    orphans: int
    missing: int
    swept: int
    unannounced: int
    decisions: int
    lost_decisions: int
    doubled_decisions: int
    audit_gaps: int
    unanswered: int
    unforeseen: tuple[str, ...]

    @property
    def amiss(self) -> int:
        """How much is wrong, altogether."""
        told = (self.lost_reports, self.doubled_reports, self.half, self.lost_pictures, self.doubled_pictures)
        files = (self.orphans, self.missing, self.unannounced)
        acts = (self.lost_decisions, self.doubled_decisions, self.audit_gaps)
        return sum(told) + sum(files) + sum(acts) + self.unanswered + len(self.unforeseen)


def judge_people(deeds: Deeds, kept: Kept, swept: Swept) -> PeopleVerdict:
    """Compare what was answered with what is kept, and what is kept with itself."""
    story = {(event.report, event.number): event for event in kept.events}
    pictures = Counter(picture_of(one.report, one.sha256) for one in kept.pictures)
    counted = {f"{one.shelter}/{one.at.isoformat()}": one.occupancy for one in kept.counts}
    return PeopleVerdict(
        reports=len(kept.reports),
        lost_reports=_lost(deeds.reports, {one.words: one.id for one in kept.reports}),
        doubled_reports=_doubled(Counter(one.words for one in kept.reports), deeds.reports),
        half=_half(kept),
        pictures=len(kept.pictures),
        lost_pictures=_lost(deeds.pictures, {picture_of(one.report, one.sha256): one.id for one in kept.pictures}),
        doubled_pictures=_doubled(pictures, deeds.pictures),
        orphans=kept.unused + len(kept.files.keys() - set(_names(kept.pictures))),
        missing=sum(not _is_whole(one, kept.files) for one in kept.pictures),
        swept=swept.abandoned,
        unannounced=swept.unannounced,
        decisions=len(deeds.acts) + len(deeds.counts),
        lost_decisions=sum(not _is_told(act, story) for act in deeds.acts) + _lost(deeds.counts, counted),
        doubled_decisions=_unclaimed(kept.events, deeds.acts) + _doubled(Counter(counted.keys()), deeds.counts),
        audit_gaps=_differences(Counter(_entries_due(kept)), Counter(kept.audit)),
        unanswered=deeds.unanswered,
        unforeseen=tuple(deeds.unforeseen),
    )


def _lost(answered: Mapping[str, object], kept: Mapping[str, object]) -> int:
    """What was answered and is not there, or is there as something else."""
    return sum(kept.get(key) != value for key, value in answered.items())


def _doubled(kept: Counter[str], answered: Collection[str]) -> int:
    """What is there more than once, or was never answered although everybody asked until they were."""
    return sum(count - (key in answered) for key, count in kept.items())


def _half(kept: Kept) -> int:
    """Reports whose story does not say what they are: from `submitted` on one event a version, one for each picture,
    the last in the state that it is in."""
    stories = defaultdict[str, list[Event]](list)
    for event in kept.events:
        stories[event.report].append(event)
    pictures = Counter(picture.report for picture in kept.pictures)
    return sum(not _is_one_story(one, stories[one.id], pictures[one.id]) for one in kept.reports)


def _is_one_story(report: Report, story: Sequence[Event], pictures: int) -> bool:
    return (
        [event.number for event in story] == list(range(1, report.version + 1))
        and [event.kind for event in story].count("submitted") == (story[0].kind == "submitted") == 1
        and [event.kind for event in story].count("picture") == pictures
        and story[-1].state == report.state
    )


def _names(pictures: Sequence[Picture]) -> Iterator[str]:
    for one in pictures:
        yield from (name for name in (one.picture, one.thumbnail) if name is not None)


def _is_whole(one: Picture, files: Mapping[str, int]) -> bool:
    picture, thumbnail = (files.get(name or "", 0) for name in (one.picture, one.thumbnail))
    return picture == one.kept_bytes > 0 and thumbnail > 0


def _is_told(act: Act, story: Mapping[tuple[str, int], Event]) -> bool:
    event = story.get((act.report, act.version))
    return event is not None and event.author == act.author and act.words in event.words


def _unclaimed(events: Sequence[Event], acts: Sequence[Act]) -> int:
    """What the story tells of operators that none of them was told of; but for what a joined report took along."""
    claimed = {(act.report, act.version) for act in acts}
    told = (one for one in events if one.author != _CITIZEN and (one.kind != "joined" or one.words.startswith(MARK)))
    return sum((one.report, one.number) not in claimed for one in told)


def _entries_due(kept: Kept) -> Iterator[Entry]:
    """What the audit must hold, and nothing else: an entry for each event, picture and count, by who made it."""
    for event in kept.events:
        act = "added" if event.number == 1 else "changed"
        yield Entry(act, "report", event.report, event.author, event.number)
    for picture in kept.pictures:
        yield Entry("added", "evidence", f"{picture.report}/{picture.number}", _CITIZEN, 0)
    for count in kept.counts:
        yield Entry("added", "shelter occupancy", count.target, count.author, 0)


def _differences(due: Counter[Entry], found: Counter[Entry]) -> int:
    return ((due - found) + (found - due)).total()
