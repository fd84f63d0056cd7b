"""What this process counts about itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """Counters of one api process, in a registry of their own. Labels come from closed sets: they are bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "hydroalert_http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "hydroalert_http_request_seconds",
            "From the request's head to the end of its answer",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.under_way = Gauge("hydroalert_http_requests_under_way", "Requests under way", registry=self.registry)
        self.frames = Counter(
            "hydroalert_http_frames",
            "Frames over HTTP by outcome: stored, or the word why not",
            ("outcome",),
            registry=self.registry,
        )
        self.pictures = Counter(
            "hydroalert_pictures",
            "Pictures sent by outcome: kept, or the word why not",
            ("outcome",),
            registry=self.registry,
        )
