"""Laws of the board: what changed is told once, and who hears less is told nothing of what changed elsewhere."""

from datetime import UTC, datetime, timedelta

from hydroalert.api.live import board as limits
from hydroalert.api.live.board import Board, Entry
from hydroalert.api.live.clients import Client
from hydroalert.api.live.events import Event, Kind, event_at, retold
from hydroalert.api.live.filters import Filter, parse_filter
from hydroalert.store.reading_board import Head

NOW = datetime(2026, 11, 22, tzinfo=UTC)
INSIDER, CITIZEN = Client(Filter(), "token").filter, Client(Filter()).filter


def event(kind: Kind, data: object, lon: float = 0.5, rank: int = 3) -> Event:
    """Something at a place in the Avon's area."""
    return event_at(kind, data, (lon, 0.5), ("avon",), rank)


def report(version: int, *, public: bool, waits: bool = True) -> tuple[Head, tuple[Entry, Entry]]:
    """A report as it is then; the public never sees what version it has."""
    triage = Entry(event("triage", {"version": version}), gone=not waits, is_news=True)
    shown = {"id": 7} if public else {"id": 7, "gone": True}
    return Head("report", "7", str(version)), (triage, Entry(event("report", shown), gone=not public))


def kinds(events: list[Event]) -> list[str]:
    """What sort of news each is."""
    return [one.kind for one in events]


def test_a_change_is_told_once_to_each_and_to_the_public_only_what_it_sees() -> None:
    board = Board()
    assert kinds(board.learn(*report(1, public=False))) == ["triage"]
    head, entries = report(2, public=True, waits=False)
    assert board.unknown([head]) == [head]
    assert kinds(board.learn(head, entries)) == ["triage", "report"]
    assert board.unknown([head]) == []
    assert kinds(board.learn(*report(3, public=True, waits=False))) == ["triage"]
    assert kinds(board.learn(*report(4, public=False, waits=False))) == ["triage", "report"]
    assert kinds(board.learn(*report(5, public=False, waits=False))) == ["triage"]


def test_who_joins_is_told_what_stands_and_the_public_not_what_waits() -> None:
    board = Board()
    board.learn(*report(1, public=True))
    board.learn(Head("shelter", "school", "1"), [Entry(event("shelter", {}))])
    assert kinds(list(board.standing(INSIDER))) == ["shelter", "report", "triage"]
    assert kinds(list(board.standing(CITIZEN))) == ["shelter", "report"]
    assert kinds(list(board.standing(parse_filter(["calder"], None, None, [], False)))) == []
    assert kinds(list(board.standing(parse_filter([], None, "extreme", [], False)))) == ["shelter"]
    board.learn(*report(2, public=False, waits=False))
    assert kinds(list(board.standing(INSIDER))) == ["shelter"]


def test_no_filter_lets_somebody_without_a_token_hear_of_triage() -> None:
    secret = event("triage", {})
    for words in ([], ["triage"], ["triage", "report"]):
        client = Client(parse_filter(["avon"], "0,0,1,1", "minor", words, True))
        assert not client.filter.takes(secret)
        client.authorize("token")
        assert client.filter.takes(secret)
        client.want(parse_filter([], None, None, words, True))
        assert client.filter.takes(secret)
        client.authorize(None)
        assert not client.filter.takes(secret)
        client.want(parse_filter([], None, None, words, False))
        assert not client.filter.takes(secret)


def test_what_is_removed_is_told_to_who_heard_of_it_and_what_is_over_is_let_go_of() -> None:
    board, until = Board(), NOW + timedelta(hours=1)
    for code in ("school", "hall"):
        board.learn(Head("shelter", code, "1"), [Entry(event("shelter", code), until=until)])
    (gone,) = board.forget("shelter", ["school", "unheard-of"], lambda key, told: retold(told, {"gone": key}))
    assert (gone.kind, gone.areas, "school" in gone.text) == ("shelter", ("avon",), True)
    assert board.keys("shelter") == {"hall"}
    assert not board.tidy(NOW)
    assert board.tidy(until)
    assert list(board.standing(CITIZEN)) == []


def test_who_joins_is_told_of_the_newest_and_of_no_more_than_a_thousand() -> None:
    board = Board()
    for number in range(limits.MOST_JOINED + 5):
        board.learn(Head("shelter", str(number), "1"), [Entry(event("shelter", number))])
    told = [one.text for one in board.standing(CITIZEN)]
    assert len(told) == limits.MOST_JOINED
    assert told == [f'{{"event":"shelter","data":{number}}}' for number in range(5, limits.MOST_JOINED + 5)]
