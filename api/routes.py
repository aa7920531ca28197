"""The route table: what is served, what is documented and what needs a key all follow from it."""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from api import resources
from api.batches import BatchResource
from api.changes import ChangesResource
from api.children import ChildResource
from api.compliance import ChildComplianceResource, ComplianceResource
from api.context import Context
from api.docs import DocsFileResource, DocsResource, OpenApiResource
from api.error_catalogue import ErrorResource
from api.event_types import EventTypesResource
from api.events import EventResource
from api.health import HealthResource, MetricsResource, ReadyResource
from api.history import HistoryResource
from api.quarantine import DismissResource, QuarantineResource, RetryResource
from api.resource import Resource
from api.streams import stream_routes
from domain import streams
from domain.catalogue import served_kinds
from domain.ledger.kind_check import BadKind, file_of


@dataclass(frozen=True, slots=True)
class Route:
    """A template and what makes its resource. `public` routes need no key."""

    template: str
    resource: Callable[[Context], Any]
    public: bool = False


def _declared() -> Iterator[Resource]:
    """Find what the files of `api/resources/` declare."""
    for found in sorted(pkgutil.iter_modules(resources.__path__), key=lambda each: each.name):
        module = import_module(f"{resources.__name__}.{found.name}")
        yield from (value for value in vars(module).values() if isinstance(value, Resource))


# Several files may add to one.
RESOURCES: tuple[Resource, ...] = tuple(dict.fromkeys(_declared()))
_OF_STREAMS = tuple(Route(template, resource) for template, resource in stream_routes())
ROUTES: tuple[Route, ...] = (
    Route("/v1/children/{child_id:uuid}", ChildResource),
    Route("/v1/children/{child_id:uuid}/history", HistoryResource),
    Route("/v1/children/{child_id:uuid}/compliance", ChildComplianceResource),
    Route("/v1/children/{child_id:uuid}/events/{event_id:uuid}", EventResource),
    Route("/v1/event-batches/{batch_id:uuid}", BatchResource),
    Route("/v1/changes", ChangesResource),
    Route("/v1/event-types", EventTypesResource, public=True),
    Route("/v1/compliance", ComplianceResource),
    *(Route(template, made, public=r.public) for r in RESOURCES for template, made in r.classes.items()),
    *_OF_STREAMS,
    Route("/v1/quarantine", QuarantineResource),
    Route("/v1/quarantine/{item_id:uuid}/retry", RetryResource),
    Route("/v1/quarantine/{item_id:uuid}/dismiss", DismissResource),
    Route("/healthz", HealthResource, public=True),
    Route("/readyz", ReadyResource, public=True),
    Route("/metrics", MetricsResource, public=True),
    Route("/openapi.json", OpenApiResource, public=True),
    Route("/errors/{code}", ErrorResource, public=True),
    Route("/docs", DocsResource, public=True),
    Route("/docs/{name}", DocsFileResource, public=True),
)


def _refuse_clashes() -> None:
    """Raise `BadKind` where the plural of a kind is a path that has routes made by hand."""
    by_hand = [route.template for route in ROUTES if route not in _OF_STREAMS]
    taken = {template.split("/")[2] for template in by_hand if template.startswith("/v1/")}
    for kind in served_kinds().values():
        if kind.plural in taken:
            file = file_of(f"{streams.__name__}.{kind.folder}.kind")
            raise BadKind(f"{file}: the plural `{kind.plural}` is a path of the API already.")


_refuse_clashes()
