"""What tells whether warnings still come about, and the words for what is amiss; who watches decides what to do."""

import msgspec

DUE_S = 60.0
"""How long something newly stored may wait to be judged."""
OVERDUE_S = 120.0
"""How far behind its time the judgement of an area may be."""
OUTBOX_S = 30.0
"""How long a revision may wait until the broker has it."""
DELIVERY_S = 900.0
"""How old the oldest revision may be that somebody is still to hear of: a receiver that is away is tried again."""
ECHO_S = 30.0
"""How old the canary's last echo may be: three frames in a row."""


class Facts(msgspec.Struct, frozen=True):
    """How alerting stands. Ages in seconds, 0 where nothing waits; `echo_age_s` from the canary's last echo, or
    from its birth, None before that.

    `failed`: areas whose last judgement broke off. `dead`: notifications that were given up.
    """

    processes: int
    due: int
    due_oldest_s: float
    overdue_s: float
    failed: int
    outbox: int
    outbox_oldest_s: float
    deliveries: int
    deliveries_oldest_s: float
    dead: int
    echo_age_s: float | None
    echo_delay_s: float | None
    blind: int
    standing: dict[str, int]
    """Public alerts that stand, by severity."""


def faults_of(facts: Facts) -> list[str]:
    """What keeps warnings from coming about, worst first; empty while all is well."""
    found = [
        (facts.processes == 0, "no alerting process is alive"),
        (facts.due_oldest_s > DUE_S, f"{facts.due} readings wait to be judged, for {facts.due_oldest_s:.0f} s"),
        (facts.overdue_s > OVERDUE_S, f"an area's judgement is {facts.overdue_s:.0f} s behind its time"),
        (facts.failed > 0, f"the judgement of {facts.failed} areas breaks off: see the log of alerting"),
        (
            facts.outbox_oldest_s > OUTBOX_S,
            f"{facts.outbox} revisions wait for the broker, {facts.outbox_oldest_s:.0f} s",
        ),
    ]
    return [words for amiss, words in found if amiss]


def echo_fault(facts: Facts) -> str | None:
    """That no frame came the whole way for a while."""
    if facts.echo_age_s is None or facts.echo_age_s <= ECHO_S:
        return None
    return f"no canary came the whole way for {facts.echo_age_s:.0f} s: broker, bridge or judging stands still"


def delivery_fault(facts: Facts) -> str | None:
    """That people who subscribed are not reached; the warning itself stands."""
    if facts.deliveries_oldest_s <= DELIVERY_S:
        return None
    return f"{facts.deliveries} notifications wait, the oldest of a revision {facts.deliveries_oldest_s:.0f} s ago"
