"""The route table: what is served, what is documented and what needs a key all follow from it."""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from api import resources
from api.activities import (
    ActivitiesResource,
    ActivityResource,
    ActivityRetryResource,
    AmendmentResource,
    CorrectionResource,
    ParticipantDismissResource,
    VoidingResource,
)
from api.alerts import AcknowledgeResource, AlertsResource, SnoozeResource
from api.batches import BatchResource
from api.changes import ChangesResource
from api.children import ChildResource
from api.clashes import ClashesResource, SettleResource
from api.compliance import ChildComplianceResource, ComplianceResource
from api.context import Context
from api.docs import DocsFileResource, DocsResource, OpenApiResource
from api.error_catalogue import ErrorResource
from api.event_types import EventTypesResource
from api.events import EventResource
from api.health import HealthResource, MetricsResource, ReadyResource
from api.history import HistoryResource
from api.inbox import InboxResource, ReceiptResource
from api.quarantine import DismissResource, QuarantineResource, RetryResource
from api.recipients import RecipientResource, RecipientsResource
from api.resource import Resource
from api.rule_bindings import RuleBindingsResource
from api.search import SearchResource
from api.streams import stream_routes
from api.timeline import TimelineResource
from api.transfers import TransfersResource
from api.watch import WatchResource
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


RESOURCES: tuple[Resource, ...] = tuple(_declared())
_OF_STREAMS = tuple(Route(template, resource) for template, resource in stream_routes())
ROUTES: tuple[Route, ...] = (
    Route("/v1/children/{child_id:uuid}", ChildResource),
    Route("/v1/children/{child_id:uuid}/history", HistoryResource),
    Route("/v1/children/{child_id:uuid}/compliance", ChildComplianceResource),
    Route("/v1/children/{child_id:uuid}/events/{event_id:uuid}", EventResource),
    Route("/v1/children/search", SearchResource),
    Route("/v1/event-batches/{batch_id:uuid}", BatchResource),
    Route("/v1/changes", ChangesResource),
    Route("/v1/event-types", EventTypesResource, public=True),
    Route("/v1/compliance", ComplianceResource),
    Route("/v1/timeline", TimelineResource),
    Route("/v1/activities", ActivitiesResource),
    Route("/v1/activities/{activity_id:uuid}", ActivityResource),
    Route("/v1/activities/{activity_id:uuid}/amendments/{event_id:uuid}", AmendmentResource),
    Route("/v1/activities/{activity_id:uuid}/corrections/{event_id:uuid}", CorrectionResource),
    Route("/v1/activities/{activity_id:uuid}/voidings/{event_id:uuid}", VoidingResource),
    Route("/v1/activities/{activity_id:uuid}/retry", ActivityRetryResource),
    Route("/v1/activities/{activity_id:uuid}/participants/{number:int}/dismiss", ParticipantDismissResource),
    *(Route(template, made, public=r.public) for r in RESOURCES for template, made in r.classes.items()),
    *_OF_STREAMS,
    Route("/v1/transfers", TransfersResource),
    Route("/v1/rule-bindings", RuleBindingsResource),
    Route("/v1/watch", WatchResource),
    Route("/v1/recipients", RecipientsResource),
    Route("/v1/recipients/{recipient_id:uuid}", RecipientResource),
    Route("/v1/recipients/{recipient_id:uuid}/inbox", InboxResource),
    Route("/v1/deliveries/{delivery_id:uuid}/receipt", ReceiptResource),
    Route("/v1/alerts", AlertsResource),
    Route("/v1/alerts/{alert_id:uuid}/acknowledge", AcknowledgeResource),
    Route("/v1/alerts/{alert_id:uuid}/snooze", SnoozeResource),
    Route("/v1/quarantine", QuarantineResource),
    Route("/v1/quarantine/{item_id:uuid}/retry", RetryResource),
    Route("/v1/quarantine/{item_id:uuid}/dismiss", DismissResource),
    Route("/v1/number-clashes", ClashesResource),
    Route("/v1/number-clashes/{clash_id:uuid}/settle", SettleResource),
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
