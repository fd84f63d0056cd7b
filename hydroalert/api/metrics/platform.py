"""The platform's figures as Prometheus metrics, read from the database when they are asked for."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hydroalert.api.health.broker import BrokerState
from hydroalert.api.live.clients import Clients
from hydroalert.domain.reports import OPEN
from hydroalert.domain.severity import Severity
from hydroalert.domain.watch import Facts
from hydroalert.store.measures import OpenReports
from hydroalert.store.reading_health import Vitals


class PlatformCollector(Collector):
    """One look at the platform; without `vitals` the database did not answer. `followers`: of this process."""

    def __init__(self, vitals: Vitals | None, broker: BrokerState, followers: Clients) -> None:
        self._vitals = vitals
        self._broker = broker
        self._followers = followers

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        yield _gauge("database_up", "Whether the database answers", float(self._vitals is not None))
        yield _gauge("broker_up", "Whether the broker accepts the platform", float(self._broker.reachable))
        if self._broker.dropped is not None:
            yield _counter("broker_dropped_messages", "Messages that the broker dropped", self._broker.dropped)
        yield _gauge("followers", "Who follows this process, over SSE and WebSocket", len(self._followers))
        yield _counter("followers_dropped", "Followers dropped for being too slow", self._followers.dropped)
        if self._vitals is not None:
            yield from _of_bridge(self._vitals)
            yield from _of_alerting(self._vitals.pulse.alerting)
            yield from _of_counts(self._vitals)
            yield from _of_reports(self._vitals.open_reports)


def _of_bridge(vitals: Vitals) -> Iterable[Metric]:
    bridge = vitals.pulse.bridge
    yield _gauge("bridge_workers", "Bridge workers alive", bridge.workers)
    yield _gauge("bridge_lanes_held", "Lanes that a worker holds", bridge.lanes_held)
    yield _gauge("bridge_lanes_free", "Lanes that nobody holds", bridge.lanes_free)
    yield _gauge("bridge_lag_frames", "Frames taken from the broker and not yet settled", bridge.lane_lag)
    yield _gauge("undigested_settlements", "Commits not yet in the tallies (at most 100000)", bridge.settlements)
    yield _gauge("undigested_seconds", "Age of the oldest of them", bridge.oldest_s)
    yield _gauge("database_size_bytes", "Size of the database", vitals.size_bytes)


def _of_alerting(facts: Facts) -> Iterable[Metric]:
    yield _gauge("alerting_processes", "Alerting processes alive", facts.processes)
    yield _gauge("due", "Datastreams with something new that waits to be judged (at most 100000)", facts.due)
    yield _gauge("due_seconds", "Age of the oldest of them", facts.due_oldest_s)
    yield _gauge("judging_overdue_seconds", "How far the judgement of an area is behind its time", facts.overdue_s)
    yield _gauge("areas_failed", "Areas whose last judgement broke off", facts.failed)
    yield _gauge("areas_blind", "Areas of which nothing is known now", facts.blind)
    yield _gauge("outbox", "Revisions that the broker does not have yet", facts.outbox)
    yield _gauge("outbox_seconds", "Age of the oldest of them", facts.outbox_oldest_s)
    yield _gauge("deliveries_waiting", "Notifications that wait", facts.deliveries)
    yield _gauge("deliveries_waiting_seconds", "Age of the oldest revision among them", facts.deliveries_oldest_s)
    yield _gauge("deliveries_dead", "Notifications that were given up and wait for an operator", facts.dead)
    if facts.echo_age_s is not None and facts.echo_delay_s is not None:
        yield _gauge("canary_echo_seconds", "Since the canary's last echo", facts.echo_age_s)
        yield _gauge("canary_delay_seconds", "From its frame to its echo", facts.echo_delay_s)
    standing = GaugeMetricFamily("hydroalert_alerts", "Public alerts that stand, by severity", labels=["severity"])
    for severity in Severity:
        standing.add_metric([severity], facts.standing.get(severity, 0))
    yield standing


def _of_counts(vitals: Vitals) -> Iterable[Metric]:
    counts = vitals.counts
    yield _gauge("stations", "Stations", counts.stations)
    yield _gauge("devices", "Devices", counts.devices)
    yield _gauge("devices_online", "Devices whose last status is online", counts.online)
    yield _counter("frames", "Frames settled", counts.frames)
    yield _counter("observations_stored", "Observations newly stored", counts.stored)
    yield _counter("observations_duplicate", "Observations that were already there", counts.duplicates)
    yield _counter("observations_conflicting", "Observations kept as conflicts", counts.conflicts)
    refused = CounterMetricFamily(
        "hydroalert_refused", "Whole frames, and records of others, by reason", labels=["what", "reason"]
    )
    for reason, one in vitals.refused.items():
        refused.add_metric(["frames", reason], one.frames)
        refused.add_metric(["records", reason], one.records)
    yield refused


def _of_reports(waiting: list[OpenReports]) -> Iterable[Metric]:
    reports = GaugeMetricFamily(
        "hydroalert_reports_open", "Reports that wait for a decision, by state", labels=["state"]
    )
    oldest = GaugeMetricFamily("hydroalert_reports_open_seconds", "Age of the oldest of them", labels=["state"])
    found = {one.state: one for one in waiting}
    for state in sorted(OPEN):
        reports.add_metric([state], found[state].reports if state in found else 0)
        oldest.add_metric([state], found[state].oldest_s if state in found else 0)
    yield reports
    yield oldest


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"hydroalert_{name}", text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"hydroalert_{name}", text, value=value)
