"""Every type of event that any stream may hold, by its one name."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from domain import activity, alert, canary, carer, org, principal
from domain.catalogue import care_actions_by_type
from domain.event import Details


@cache
def event_types() -> Mapping[str, type[Details]]:
    """Give the details class of every type."""
    care = {name: action.details for name, action in care_actions_by_type().items()}
    streams = (carer, org, alert, activity, canary, principal)
    others = {d.TYPE: d for stream in streams for d in stream.EVENT_TYPES}
    return MappingProxyType(care | others)
