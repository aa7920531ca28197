"""The application: the route table put on Falcon, around one system."""

import falcon

from api import errors
from api.context import Context
from api.docs import OpenApiResource
from api.metrics import Metrics
from api.middleware import Around, Gate, KnownQuery
from api.openapi import document
from api.operation import operations_of
from api.routes import ROUTES
from application.reports import Reports
from application.system import System

App = falcon.App[falcon.Request, falcon.Response]


def create_app(system: System, *, reports: Reports | None = None, metrics: Metrics | None = None) -> App:
    """Put the application together; call it after fork, as the system."""
    context = Context(
        system=system,
        reports=reports or _reports(system),
        metrics=metrics or Metrics(shared_dir=system.settings.metrics_dir),
    )
    resources = {route.template: route.resource(context) for route in ROUTES}
    operations = {template: operations_of(resource) for template, resource in resources.items()}
    public = frozenset(route.template for route in ROUTES if route.public)
    app: App = falcon.App(
        middleware=[
            Around(metrics=context.metrics),
            Gate(api_keys=system.api_keys, public=public),
            KnownQuery(operations=operations),
        ]
    )
    app.req_options.keep_blank_qs_values = True
    errors.install(app)
    for template, resource in resources.items():
        app.add_route(template, resource)
        if isinstance(resource, OpenApiResource):
            resource.publish(document((t, t in public, described) for t, described in operations.items()))
    return app


def _reports(system: System) -> Reports:
    return Reports(
        log=system.log,
        database=system.database,
        organisations=system.organisations,
        carers=system.carers,
        now=system.now,
    )
