"""What the service counts of itself: by route template, status and event type, never by person or place."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one application.

    With `shared_dir`, where every process of the service keeps its own counts, a scrape of one process
    gives the sum over all. What `beside` gives is the same from each of them, and is not summed.
    """

    def __init__(self, *, shared_dir: Path | None = None, beside: Collector | None = None) -> None:
        self._shared_dir = shared_dir
        self._beside = CollectorRegistry()
        if beside is not None:
            self._beside.register(beside)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "careledger_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "careledger_http_request_seconds",
            "Time until the answer was made.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._events = Counter(
            "careledger_events_recorded", "Events newly recorded.", ("type",), registry=self._registry
        )
        self._quarantined = Counter(
            "careledger_events_quarantined", "Submissions put aside.", registry=self._registry
        )

        # Those that were asked for before: to find one by its labels costs as much as to count.
        self._events_of: dict[str, Counter] = {}
        self._requests_of: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._changed_keys = Counter(
            "careledger_api_keys_changed",
            "Requests with a key whose row was changed in the database.",
            registry=self._registry,
        )

    def answered(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        found = self._requests_of.get((method, route, status))
        if found is None:
            found = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
            self._requests_of[method, route, status] = found
        found[0].inc()
        found[1].observe(seconds)

    def recorded(self, event_type: str) -> None:
        """Count one event that is new."""
        found = self._events_of.get(event_type)
        if found is None:
            found = self._events_of[event_type] = self._events.labels(event_type)
        found.inc()

    def quarantined(self) -> None:
        """Count one submission that was put aside."""
        self._quarantined.inc()

    def changed_key(self) -> None:
        """Count one request with a key whose row is not what was written."""
        self._changed_keys.inc()

    def text(self) -> bytes:
        """Return all counts in the text format of Prometheus."""
        return generate_latest(self._counts()) + generate_latest(self._beside)

    def _counts(self) -> CollectorRegistry:
        if self._shared_dir is None:
            return self._registry
        registry = CollectorRegistry()
        # The library declares no types for this constructor.
        MultiProcessCollector(registry, path=str(self._shared_dir))  # type: ignore[no-untyped-call]
        return registry
