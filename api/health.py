"""Whether the service lives, whether it can work, what it counts."""

from collections.abc import Callable, Mapping, Sequence

import falcon
import structlog

from api.context import Context
from api.exchange import answer
from api.metrics import CONTENT_TYPE
from api.operation import operation
from api.single_flight import SingleFlight
from application.eventstore.database import Database
from application.eventstore.migrations.migrate import assert_migrated
from application.eventstore.migrations.tables import KEYS
from application.system import System
from projections import watch

Body = dict[str, object]
# A probe gives up after a second or two; threads are not to be held by those that were given up.
PATIENCE_SECONDS = 5.0

_log = structlog.get_logger("careledger.api")


class HealthResource:
    """Whether the process answers."""

    def __init__(self, context: Context) -> None:
        pass

    @operation("Does the process live", answers={200: "Health"})
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer without touching anything."""
        resp.set_header("Cache-Control", "no-store")
        answer(resp, {"status": "ok"})


class ReadyResource:
    """Whether everything that a request needs is there, and beside it how the watch is.

    A silent watch makes no API not ready: then what people have to record would be lost as well. Who asks
    while another's question is at work shares its answer, and nobody waits longer than `PATIENCE_SECONDS`: a
    database that hangs is one that doesn't answer.
    """

    def __init__(self, context: Context) -> None:
        system = self._system = context.system
        self._checks: dict[str, Callable[[], None]] = {
            "database": lambda: _reach(system.database),
            "keys_database": lambda: _reach(system.keys_database),
            "migrated": lambda: assert_migrated(system.database),
            "keys_migrated": lambda: assert_migrated(system.keys_database, part=KEYS),
            "writable": system.database.prove_writable,
            "keys_writable": system.keys_database.prove_writable,
        }
        self._found = SingleFlight(self._look)

    @operation("Can the service work", answers={200: "Readiness", 503: "Readiness"})
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Check both databases and their tables, write into each, and look at the watch."""
        try:
            ready, body = self._found(wait_seconds=PATIENCE_SECONDS)
        except TimeoutError:
            ready, body = False, _told([(name, False) for name in self._checks], watched={"readable": False})
        resp.set_header("Cache-Control", "no-store")
        answer(resp, body, status=200 if ready else 503)

    def _look(self) -> tuple[bool, Body]:
        checks = [(name, _passes(name, check)) for name, check in self._checks.items()]
        return all(ok for _, ok in checks), _told(checks, watched=_watch(self._system))


class MetricsResource:
    """What the service counts of itself."""

    def __init__(self, context: Context) -> None:
        self._metrics = context.metrics

    @operation("Counts for Prometheus", answers={200: None}, media="text/plain")
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer with all counts in the text format."""
        resp.set_header("Cache-Control", "no-store")
        resp.content_type = CONTENT_TYPE
        resp.data = self._metrics.text()


def _told(checks: Sequence[tuple[str, bool]], *, watched: Mapping[str, bool]) -> Body:
    ready = all(ok for _, ok in checks)
    return {
        "status": "ready" if ready else "not_ready",
        "checks": [{"name": name, "ok": ok} for name, ok in checks],
        "watch": {
            "ok": all(watched.values()),
            "checks": [{"name": name, "ok": ok} for name, ok in watched.items()],
        },
    }


def _watch(system: System) -> Mapping[str, bool]:
    try:
        return watch.checks(system.database, system.log, now=system.now())
    except Exception as error:  # noqa: BLE001  # whatever it is, nobody can say that the watch is well
        _log.warning("watch_unreadable", kind=type(error).__name__)
        return {"readable": False}


def _reach(database: Database) -> None:
    database.one("SELECT 1 AS one")


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001  # whatever it is, the service is not ready
        _log.warning("not_ready", check=name, kind=type(error).__name__)
        return False
    return True
