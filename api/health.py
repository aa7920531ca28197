"""Whether the service lives, whether it can work, what it counts."""

from collections.abc import Callable

import falcon
import structlog

from api.context import Context
from api.exchange import answer
from api.metrics import CONTENT_TYPE
from api.operation import operation
from application.eventstore.database import Database
from application.eventstore.migrations.migrate import assert_migrated
from application.eventstore.migrations.tables import KEYS
from application.system import System
from projections import watch

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

    A silent watch makes no API not ready: then what people have to record would be lost as well.
    """

    def __init__(self, context: Context) -> None:
        system = self._system = context.system
        self._checks: dict[str, Callable[[], None]] = {
            "database": lambda: _reach(system.database),
            "keys_database": lambda: _reach(system.keys_database),
            "migrated": lambda: assert_migrated(system.database),
            "keys_migrated": lambda: assert_migrated(system.keys_database, part=KEYS),
        }

    @operation("Can the service work", answers={200: "Readiness", 503: "Readiness"})
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Check both databases and their tables, and look at the watch."""
        checks = [{"name": name, "ok": _passes(name, check)} for name, check in self._checks.items()]
        ready = all(check["ok"] for check in checks)
        resp.set_header("Cache-Control", "no-store")
        answer(
            resp,
            {"status": "ready" if ready else "not_ready", "checks": checks, "watch": _watch(self._system)},
            status=200 if ready else 503,
        )


class MetricsResource:
    """What the service counts of itself."""

    def __init__(self, context: Context) -> None:
        self._metrics = context.metrics

    @operation("Counts for Prometheus", answers={200: None}, media="text/plain")
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Give all counts in the text format."""
        resp.set_header("Cache-Control", "no-store")
        resp.content_type = CONTENT_TYPE
        resp.data = self._metrics.text()


def _watch(system: System) -> dict[str, object]:
    try:
        found = watch.checks(system.database, system.log, now=system.now())
    except Exception as error:  # noqa: BLE001  # whatever it is, nobody can say that the watch is well
        _log.warning("watch_unreadable", kind=type(error).__name__)
        found = {"readable": False}
    return {"ok": all(found.values()), "checks": [{"name": name, "ok": ok} for name, ok in found.items()]}


def _reach(database: Database) -> None:
    database.one("SELECT 1 AS one")


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001  # whatever it is, the service is not ready
        _log.warning("not_ready", check=name, kind=type(error).__name__)
        return False
    return True
