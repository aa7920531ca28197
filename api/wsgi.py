"""What gunicorn serves: the application, built in the worker process and not before.

While the databases are out of reach, or the keys are not those of the log, the process lives, says that it is
not ready, and tries again at the next request.
"""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
import structlog

from api import logs
from api.app import App, create_app
from api.errors import RETRY_SECONDS, problem
from api.language import chosen
from api.reasons import UNAVAILABLE
from application.eventstore.database import DatabaseError
from application.eventstore.migrations.migrate import NotMigrated, SchemaTooNew
from application.keys.ledger import WrongKeys
from application.settings import Settings, read_settings
from application.system import System, open_system
from application.upkeep.processes import Membership
from domain.refusal import Fault
from projections import tables

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_log = structlog.get_logger("careledger.api")


class LazyApplication:
    """The application of one process, built when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: App | None = None
        self._system: System | None = None
        self._membership: Membership | None = None
        self._why_not = UNAVAILABLE

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        app = self.build()
        if app is not None:
            return app(environ, start_response)
        if environ.get("PATH_INFO") == "/healthz":
            return _json(start_response, "200 OK", {"status": "ok"})
        language = chosen(environ.get("HTTP_ACCEPT_LANGUAGE"))
        document = problem(503, faults=(Fault(reason=self._why_not),), language=language, instance=uuid4())
        return _json(start_response, "503 Service Unavailable", document, media="application/problem+json")

    def build(self) -> App | None:
        """Build the application if it is not there yet; None while that can't be done.

        One thread tries, the others are not held up by that.
        """
        if self._app is None and self._lock.acquire(blocking=False):
            try:
                if self._app is None:
                    self._build(read_settings())
            finally:
                self._lock.release()
        return self._app

    def close(self) -> None:
        """Let go of the databases."""
        with self._lock:
            if self._membership is not None:
                self._membership.leave()
                self._membership = None
            if self._system is not None:
                self._system.close()
                self._system = None

    def _build(self, settings: Settings) -> None:
        logs.configure(level=settings.log_level)
        try:
            self._system = open_system(settings, ddl=tables.DDL)
        except WrongKeys as wrong:
            self._why_not = wrong.reason
            _log.error("not_started", code=wrong.reason.code, text=wrong.reason.en)
            return
        except (DatabaseError, NotMigrated, SchemaTooNew) as error:
            self._why_not = UNAVAILABLE
            _log.error("not_started", kind=type(error).__name__)
            return
        self._membership = self._system.processes.join("api")
        self._app = create_app(self._system)


application = LazyApplication()


def _json(
    start_response: "StartResponse",
    status: str,
    body: object,
    *,
    media: str = "application/json",
) -> Iterable[bytes]:
    text = orjson.dumps(body)
    headers = [
        ("Content-Type", media),
        ("Content-Length", str(len(text))),
        ("Cache-Control", "no-store"),
        ("Retry-After", RETRY_SECONDS),
    ]
    start_response(status, headers)
    return [text]
