"""Every type of event that any stream may hold, by its one name."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from domain import activity, alert, carer, org
from domain.catalogue import care_actions_by_type
from domain.event import Details


@cache
def event_types() -> Mapping[str, type[Details]]:
    """Give the details class of every type."""
    care = {name: action.details for name, action in care_actions_by_type().items()}
    others = {
        d.TYPE: d for d in (*carer.EVENT_TYPES, *org.EVENT_TYPES, *alert.EVENT_TYPES, *activity.EVENT_TYPES)
    }
    return MappingProxyType(care | others)
