"""Which entries may count for whom: by what the kinds of streams declare of them."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from domain.catalogue import care_actions_by_type, own_types, stream_kinds
from domain.ledger.event_type import EventType
from domain.rules.words import Subject

UNITS = (Subject.CLASS, Subject.SCHOOL, Subject.VILLAGE, Subject.TOWNSHIP)


@cache
def types_for(subject: Subject, /) -> Mapping[str, EventType]:
    """Return the types of entries that may count for a subject, by name.

    Those of its own streams; for a carer or a pairing whatever of a child or another stream names carers;
    for a household also what stands in the files of its children; for a unit what it and those in it record.
    """
    if subject is Subject.CHILD:
        return care_actions_by_type()
    found = {
        name: kind.by_type[name]
        for kind in stream_kinds().values()
        for name in own_types(kind.name)
        if _counts(subject, kind.counted_for, names_carers=kind.by_type[name].names_carers)
    }
    return MappingProxyType(dict(sorted(found.items())))


def _counts(subject: Subject, counted_for: str | None, *, names_carers: bool) -> bool:
    if counted_for is None:
        return False
    if subject in UNITS:
        return True
    if subject in (Subject.CARER, Subject.PAIRING):
        return (
            names_carers or counted_for == subject or (subject is Subject.PAIRING and counted_for == "child")
        )
    return counted_for == subject or (subject is Subject.HOUSEHOLD and counted_for == "child")


def kinds_for(subject: Subject, /) -> tuple[str, ...]:
    """Return the names of the kinds of streams, beside children, whose entries may count for a subject."""
    return tuple(
        kind.name
        for kind in stream_kinds().values()
        if kind.counted_for not in (None, "child")
        and any(name in types_for(subject) for name in own_types(kind.name))
    )
