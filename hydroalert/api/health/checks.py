"""What is well and what is not: pure, from what was found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from hydroalert.api.health.broker import BrokerState
from hydroalert.domain.clock import is_doubtful
from hydroalert.domain.watch import Facts, delivery_fault, echo_fault, faults_of
from hydroalert.store.reading_health import Bridge

Verdict = Literal["ok", "warning", "failed"]
DECIDING = frozenset({"database", "broker", "bridge", "alerting", "clock"})
"""What readiness rests on. The others only warn: a way that is slow must not take from people the api that shows it."""


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at; `detail` says what was found and, where it is not well, what to do."""

    name: str
    verdict: Verdict
    detail: str


def check_database(latency_s: float | None) -> Check:
    """None: it did not answer."""
    if latency_s is None:
        return Check("database", "failed", "does not answer: is PostgreSQL up, migrated, and its URL right?")
    return Check("database", "ok", f"answered in {latency_s * 1000:.1f} ms")


def check_broker(state: BrokerState) -> Check:
    """Whether the platform's own user could connect."""
    if not state.reachable:
        return Check("broker", "failed", f"cannot connect: {state.detail}")
    if state.dropped:
        return Check("broker", "warning", f"dropped {state.dropped} messages: raise max_queued_messages, add workers")
    return Check("broker", "ok", state.detail)


def check_bridge(bridge: Bridge | None) -> Check:
    """At least one worker renewed its lease. Lanes that nobody holds are a warning: their frames wait."""
    if bridge is None:
        return Check("bridge", "failed", "unknown while the database does not answer")
    if bridge.workers == 0:
        return Check("bridge", "failed", "no worker is alive: frames wait in the broker; start `hydroalert bridge`")
    if bridge.lanes_free:
        return Check("bridge", "warning", f"{bridge.lanes_free} lanes are free: frames in them wait for a worker")
    return Check("bridge", "ok", f"{bridge.workers} workers hold {bridge.lanes_held} lanes")


def check_alerting(facts: Facts | None) -> list[Check]:
    """That somebody judges, that nothing waits too long, that a frame comes the whole way, that people are reached."""
    if facts is None:
        return [Check("alerting", "failed", "unknown while the database does not answer")]
    return [
        _alive(facts),
        _unless("judging", "failed", "; ".join(faults_of(facts)), f"{facts.due + facts.outbox} wait, none for long"),
        _unless("canary", "failed", echo_fault(facts), _echo(facts)),
        _unless("notifications", "warning", delivery_fault(facts), f"{facts.deliveries} wait, {facts.dead} given up"),
    ]


def _alive(facts: Facts) -> Check:
    if facts.processes == 0:
        return Check("alerting", "failed", "no process is alive: nothing is judged; start `hydroalert alerting`")
    return Check("alerting", "ok", f"{facts.processes} processes are alive")


def _echo(facts: Facts) -> str:
    if facts.echo_age_s is None or facts.echo_delay_s is None:
        return "no echo yet: it has just begun"
    return f"heard {facts.echo_age_s:.0f} s ago, after {facts.echo_delay_s:.1f} s"


def _unless(name: str, verdict: Verdict, fault: str | None, otherwise: str) -> Check:
    return Check(name, verdict, fault) if fault else Check(name, "ok", otherwise)


def check_clock(now: datetime, newest_arrival: datetime | None, synchronised: bool | None) -> Check:
    """G10: the platform doubts its own clock; a kernel that calls itself unsynchronised is a warning."""
    if is_doubtful(now, newest_arrival):
        return Check("clock", "failed", "behind its build or its newest stored frame: set this machine's clock")
    if synchronised is False:
        return Check("clock", "warning", "the kernel calls it unsynchronised: run chrony or systemd-timesyncd")
    return Check("clock", "ok", "agrees with what is stored")


def check_audit(known: bool, open_to: str | None) -> Check:
    """That the platform cannot change what the audit says; `open_to`: its role, where that could."""
    if not known:
        return Check("audit", "warning", "unknown while the database does not answer")
    if open_to is not None:
        return Check("audit", "warning", f"the role {open_to} could change it: `hydroalert migrate` says what to do")
    return Check("audit", "ok", "append-only")


def worst(checks: Sequence[Check]) -> Verdict:
    """The verdict over all."""
    order: tuple[Verdict, ...] = ("failed", "warning", "ok")
    return next((verdict for verdict in order if any(one.verdict == verdict for one in checks)), "ok")
