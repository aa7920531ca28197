"""Whether the service can work."""

from collections.abc import Callable, Mapping

import structlog

from api.single_flight import SingleFlight
from application.eventstore.database import Database
from application.eventstore.migrations.migrate import assert_migrated
from application.eventstore.migrations.tables import KEYS
from application.system import System
from projections import watch

Checked = Mapping[str, bool]
# A probe gives up after a second or two; threads are not to be held by those that were given up.
PATIENCE_SECONDS = 5.0

_log = structlog.get_logger("careledger.api")


class Readiness:
    """Whether everything that a request needs is there, and beside it how the watch is.

    A silent watch makes no API not ready: then what people have to record would be lost as well. Who asks
    while another's question is at work shares its answer, and nobody waits longer than `PATIENCE_SECONDS`: a
    database that hangs is one that doesn't answer.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._checks: dict[str, Callable[[], None]] = {
            "database": lambda: _reach(system.database),
            "keys_database": lambda: _reach(system.keys_database),
            "migrated": lambda: assert_migrated(system.database),
            "keys_migrated": lambda: assert_migrated(system.keys_database, part=KEYS),
            "writable": system.database.prove_writable,
            "keys_writable": system.keys_database.prove_writable,
        }
        self._found = SingleFlight(self._look)

    def checks(self) -> tuple[Checked, Checked]:
        """Check both databases and their tables, write into each, and look at the watch."""
        try:
            return self._found(wait_seconds=PATIENCE_SECONDS)
        except TimeoutError:
            return dict.fromkeys(self._checks, False), {"readable": False}

    def _look(self) -> tuple[Checked, Checked]:
        return {name: _passes(name, check) for name, check in self._checks.items()}, _watch(self._system)


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
