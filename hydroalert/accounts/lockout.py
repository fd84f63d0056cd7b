"""How long a name must wait after wrong passwords; pure.

Tries are counted by name and place, and by name over all places together. The latter stops who guesses from many
addresses, and would let anybody lock out the owner: so it does not hold where the account was logged in from lately.
A name that nobody has is treated alike, else its waiting would tell.
"""

from datetime import datetime, timedelta

from hydroalert.store.login_failures import Tries

EVERYWHERE = ""
"""The place that stands for all of them together."""

FREE_HERE, FREE_EVERYWHERE = 5, 20
LONGEST = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
KNOWN_FOR = timedelta(days=30)
"""So long a place counts as one that its owner logs in from."""

_NO_WAIT = timedelta(0)
_MOST_DOUBLINGS = 10


def counters(party: str, *, is_known_place: bool) -> list[str]:
    """Where a try from there is counted, in the order in which the counters are held."""
    return [party] if is_known_place else [EVERYWHERE, party]


def wait_after(failures: int, free: int) -> timedelta:
    """Nothing before `free` failures; then a second, doubling to a quarter of an hour."""
    if failures < free:
        return _NO_WAIT
    return min(timedelta(seconds=2 ** min(failures - free, _MOST_DOUBLINGS)), LONGEST)


def still_blocked(tries: Tries, now: datetime) -> timedelta:
    """How long no try is looked at. One that comes meanwhile is not counted: waiting always helps."""
    return max(tries.blocked_until - now, _NO_WAIT)


def with_one_more(party: str, tries: Tries, now: datetime) -> Tries:
    """After another try. It counts before it was looked at, so that many at once are no more than one by one."""
    failures = 1 + (tries.failures if now - tries.last_at < FORGOTTEN_AFTER else 0)
    free = FREE_EVERYWHERE if party == EVERYWHERE else FREE_HERE
    return Tries(failures, now, now + wait_after(failures, free))


def with_one_less(tries: Tries, now: datetime) -> Tries:
    """After a try that was right as far as it went, and is to be repeated with a code."""
    return Tries(max(tries.failures - 1, 0), tries.last_at, now)
