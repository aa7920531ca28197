"""The application: the route table put on Falcon, around one system."""

from collections.abc import Mapping
from typing import Any

import falcon
import orjson

from api import errors
from api.compression import Compression
from api.concurrency import ConcurrencyLimit, uploads_of, waiters_of
from api.context import Context
from api.cors import cors
from api.document import operations, published
from api.health import Readiness
from api.metrics import Metrics
from api.middleware import Authentication, BoundKeys, Deprecation, KnownQuery, RequestLog
from api.operation import Operation
from api.pages.routes import PAGES, add_pages
from api.rates import Rates
from api.routes import ROUTES
from api.watch_metrics import WatchCollector
from application.organisations.known_rules import known_rules
from application.reports.reporting import Reports
from application.system import System, reports_of

App = falcon.App[falcon.Request, falcon.Response]


def create_app(
    system: System,
    *,
    reports: Reports | None = None,
    metrics: Metrics | None = None,
    rates: Rates | None = None,
) -> App:
    """Put the application together; call it after fork, as the system."""
    context = Context(
        system=system,
        reports=reports or reports_of(system),
        metrics=metrics or Metrics(shared_dir=system.settings.metrics_dir, beside=WatchCollector(system)),
        uploads=ConcurrencyLimit(uploads_of(system.settings.web_threads)),
        waiters=ConcurrencyLimit(waiters_of(system.settings.web_threads)),
        rules=known_rules(system.settings),
        readiness=Readiness(system),
        document=orjson.dumps(published()),
    )
    rates = rates or Rates(per_minute=system.settings.requests_per_minute)
    app: App = falcon.App(middleware=_middleware(context, rates))
    app.req_options.keep_blank_qs_values = True
    errors.install(app)
    for route in ROUTES:
        resource = route.resource(context)
        if hasattr(resource, "on_get"):
            resource.on_head = resource.on_get
        app.add_route(route.template, resource)
    add_pages(app, context, rates=rates)
    return app


def _middleware(context: Context, rates: Rates) -> list[Any]:
    """Return what happens around every request, the outermost first."""
    system = context.system
    served = {template: _with_head(methods) for template, methods in operations().items()}
    public = frozenset(route.template for route in ROUTES if route.public) | {path for path, _ in PAGES}
    return [
        *cors(system.settings.cors_origins),
        RequestLog(metrics=context.metrics),
        Deprecation(operations=served),
        Authentication(api_keys=system.api_keys, public=public, rates=rates, metrics=context.metrics),
        BoundKeys(operations=served),
        KnownQuery(operations=served),
        Compression(),
    ]


def _with_head(methods: Mapping[str, Operation]) -> Mapping[str, Operation]:
    """Let HEAD ask as GET does: Falcon leaves the body out of the answer."""
    return {**methods, "HEAD": methods["GET"]} if "GET" in methods else methods
