"""Laws of the picture: who wants the same is told the same, made once for all."""

from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.api.live import remembered
from hydroalert.api.live.events import Event
from hydroalert.api.live.filters import Filter, parse_filter
from hydroalert.api.live.picture import Picture
from hydroalert.store.reading_live import AreaState, Head, Newest
from hydroalert.store.reading_stations import Box

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LIVE_FOR = timedelta(hours=1)


def avon(revision: int, drill: bool = False) -> AreaState:
    """The area at that revision."""
    at = NOW + timedelta(seconds=revision)
    return AreaState(1, "avon", drill, revision, at, {"area": "avon", "revision": revision}, None, Box(0, 0, 1, 1))


def newest(result: float) -> Newest:
    """What a station in the area said last."""
    return Newest("warwick", 0.5, 0.5, ("avon",), "level", "m", int(LIVE_FOR.total_seconds()), NOW, result, 1)


@pytest.fixture
def picture() -> Picture:
    """One area, one station."""
    picture = Picture()
    picture.learn_areas([avon(1)])
    picture.learn_newest([newest(1.0)], NOW)
    return picture


def told(picture: Picture, wanted: Filter = Filter(), at: datetime = NOW) -> list[str]:  # noqa: B008 - frozen
    """The data of each event, in its order."""
    return [event.text for event in picture.state_for(wanted, at)]


def test_a_thousand_followers_that_want_the_same_are_told_what_was_made_once(picture: Picture) -> None:
    states = {id(picture.state_for(parse_filter(["avon,calder"], "0,0,1,1", None, [], False), NOW)) for _ in range(999)}
    states.add(id(picture.state_for(parse_filter(["calder", "avon"], "0,0,1,1", None, [], False), NOW)))
    assert len(states) == 1


def test_who_wants_something_else_is_told_something_else(picture: Picture) -> None:
    assert len(told(picture)) == 2
    assert len(told(picture, Filter(kinds=frozenset({"alert"})))) == 1
    assert told(picture, Filter(areas=frozenset({"calder"}))) == []


def test_what_changed_is_told_to_who_comes_next(picture: Picture) -> None:
    before = told(picture)
    picture.vouch(NOW + timedelta(minutes=1))
    vouched = told(picture)
    assert vouched[1] != before[1]
    picture.learn_areas([avon(2)])
    assert '"revision":2' in told(picture)[1]
    picture.learn_newest([newest(2.5)], NOW)
    assert "2.5" in told(picture)[0]
    picture.forget_all_but([Head(2, False, 1, NOW)])
    assert len(told(picture)) == 1


def test_an_observation_that_is_news_no_more_is_not_told(picture: Picture) -> None:
    assert len(told(picture)) == 2
    assert len(told(picture, at=NOW + LIVE_FOR)) == 1


def test_what_was_just_heard_is_not_told_again_and_to_others_it_is(picture: Picture) -> None:
    picture.learn_areas([avon(1, drill=True)])
    kinds = [event.kind for event in picture.state_for(Filter(drill=True), NOW, [avon(1)])]
    assert kinds == ["latest", "drill"]
    assert len(told(picture, Filter(drill=True))) == 3


@pytest.mark.parametrize(
    ("box", "meets"),
    [
        (Box(0.4, 0.4, 0.6, 0.6), True),
        (Box(1, 1, 2, 2), True),
        (Box(1.1, 0, 2, 1), False),
        (Box(170, -1, 0.5, 2), True),
        (Box(0.5, -1, -170, 2), True),
        (Box(170, -1, -170, 2), False),
    ],
)
def test_a_box_meets_an_area_on_either_side_of_the_antimeridian(picture: Picture, box: Box, meets: bool) -> None:
    assert len(told(picture, Filter(box=box, kinds=frozenset({"alert"})))) == meets


def test_few_filters_are_remembered_and_those_wanted_last(picture: Picture) -> None:
    def state(number: int) -> tuple[Event, ...] | None:
        return picture._remembered.find(Filter(areas=frozenset({f"area-{number}"})), NOW)

    for number in range(3 * remembered.MOST_FILTERS):
        told(picture, Filter(areas=frozenset({f"area-{number}"})))
        told(picture, Filter(areas=frozenset({"area-0"})))
    assert len(picture._remembered._found) == remembered.MOST_FILTERS
    assert state(0) is not None
    assert state(1) is None
