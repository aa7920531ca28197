"""What there is: every kind of stream in `domain/streams/`, every type of event, every care action."""

import importlib
import pkgutil
import traceback
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from domain import care_actions, streams
from domain.care_action import CareAction, Shown
from domain.effects import Effect
from domain.event import Details, Event
from domain.ledger import event_corrected, event_voided
from domain.ledger.event_type import EventType
from domain.ledger.kind import UNNAMED, StreamKind, modules_in
from domain.ledger.kind_check import BadKind, faults_of_kinds, file_of

# These are good for every kind of stream.
_GENERIC = (event_corrected.EVENT_TYPE, event_voided.EVENT_TYPE)


@cache
def stream_kinds() -> Mapping[str, StreamKind[Any]]:
    """Find every kind of stream by its name. A new folder in the package is a new kind.

    Raises `BadKind` where one, or a type on it, is not declared as it must be.
    """
    folders = sorted(info.name for info in pkgutil.iter_modules(streams.__path__))
    kinds = dict(_declared_by(f"{streams.__name__}.{folder}.kind") for folder in folders)
    if faults := list(faults_of_kinds(kinds)):
        raise BadKind("\n".join(faults))
    return MappingProxyType({kind.name: kind for kind in kinds.values()})


def _declared_by(module: str) -> tuple[str, StreamKind[Any]]:
    """Import the declaration of a kind. Raises `BadKind`, which names the file that can't be imported."""
    try:
        kind: StreamKind[Any] = importlib.import_module(module).KIND
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        inside = [(path, frame.lineno) for frame in frames if (path := _declaring(frame.filename))]
        path, line = inside[-1] if inside else (file_of(module), 1)
        raise BadKind(f"{path}, line {line}: {type(error).__name__}: {error}") from error
    return module, kind


def _declaring(filename: str) -> str | None:
    """Return the path of a file that declares kinds or types, from the root of the program, or None."""
    for package in (streams, care_actions):
        folder = Path(package.__path__[0])
        if Path(filename).is_relative_to(folder):
            return f"{package.__name__.replace('.', '/')}/{Path(filename).relative_to(folder).as_posix()}"
    return None


@cache
def event_types() -> Mapping[str, EventType]:
    """Find the declaration of every type that any stream may hold."""
    found: dict[str, EventType] = {}
    for kind in _children_first():
        for each in kind.types:
            found.setdefault(each.type, each)
    return MappingProxyType(found)


@cache
def details_by_type() -> Mapping[str, type[Details]]:
    """Return the details class of every type that any stream may hold."""
    return MappingProxyType({name: each.details for name, each in event_types().items()})


@cache
def kind_of_type(event_type: str, /) -> StreamKind[Any]:
    """Return the kind of stream that a type is on; of a correction or voiding that of a child.

    Raises KeyError for a type that is not known.
    """
    found = next((kind for kind in _children_first() if event_type in kind.by_type), None)
    if found is None:
        raise KeyError(event_type)
    return found


def kind_of(event: Event) -> StreamKind[Any]:
    """Return the kind of stream that an event is on: the one it names, or else that of its type."""
    named = event.metadata.kind
    return kind_of_type(event.type) if named is None else stream_kinds()[named]


@cache
def served_kinds() -> Mapping[str, StreamKind[Any]]:
    """Return the kinds of streams whose routes follow from their declaration, by name."""
    return MappingProxyType({name: kind for name, kind in stream_kinds().items() if kind.served})


@cache
def kinds_of_submissions() -> Mapping[str, StreamKind[Any]]:
    """Return the kinds of streams that clients submit entries of: children, and every kind that is served."""
    return MappingProxyType({UNNAMED: stream_kinds()[UNNAMED], **served_kinds()})


@cache
def read_by_few() -> frozenset[str]:
    """Return the names of the kinds whose streams are there for those alone whom they name."""
    return frozenset(name for name, kind in stream_kinds().items() if kind.access is not None)


@cache
def own_types(kind: str, /) -> frozenset[str]:
    """Return the types that are on streams of one kind alone, by its name: all but correction and voiding."""
    return frozenset(stream_kinds()[kind].by_type) - {each.type for each in _GENERIC}


@cache
def submitted_types() -> Mapping[str, EventType]:
    """Return every type that may stand in a submission, by name."""
    return MappingProxyType(
        {name: each for kind in kinds_of_submissions().values() for name, each in kind.by_type.items()}
    )


@cache
def care_actions_by_type() -> Mapping[str, CareAction]:
    """Find every type of care action there is. A new file in the package is a new type."""
    own = [module.ACTION for module in modules_in(care_actions.__name__)]
    generic = map(_as_care_action, _GENERIC)
    return MappingProxyType({each.type: each for each in sorted((*own, *generic), key=lambda a: a.type)})


@cache
def details_with(*effects: Effect) -> tuple[type[Details], ...]:
    """Return the details classes of the care actions that have all of these effects."""
    actions = care_actions_by_type().values()
    return tuple(action.details for action in actions if all(map(action.has, effects)))


@cache
def details_by_effects(*effects: Effect) -> type[Any]:
    """Return the details class of the care action that has these effects and no others."""
    return next(a.details for a in care_actions_by_type().values() if {*a.effects} == {*effects})


@cache
def types_with(*effects: Effect) -> tuple[str, ...]:
    """Return the names of the care actions that have all of these effects."""
    return tuple(details.TYPE for details in details_with(*effects))


@cache
def care_actions_by_paper_word() -> Mapping[str, CareAction]:
    """Find the care action that a word of the 类型 column stands for."""
    return MappingProxyType(
        {word: action for action in care_actions_by_type().values() for word in action.paper}
    )


@cache
def care_actions_beyond_paper() -> Mapping[str, CareAction]:
    """Find the care action that a word of the 类型 column means and a line says too little of."""
    return MappingProxyType(
        {word: action for action in care_actions_by_type().values() for word in action.beyond_paper}
    )


@cache
def shown_of_a_child() -> tuple[Shown, ...]:
    """Return what types of care action show in the state of a child, by the names of the types.

    Raises `BadKind` where two of them show something under one name.
    """
    found: dict[str, CareAction] = {}
    for action in care_actions_by_type().values():
        if action.shows is not None and found.setdefault(action.shows.name, action) is not action:
            files = [file_of(each.details.__module__) for each in (action, found[action.shows.name])]
            raise BadKind(f"{files[0]}: `{action.shows.name}` is what {files[1]} shows already.")
    return tuple(action.shows for action in found.values() if action.shows is not None)


def _children_first() -> list[StreamKind[Any]]:
    return sorted(stream_kinds().values(), key=lambda kind: kind.name != UNNAMED)


def _as_care_action(generic: EventType) -> CareAction:
    return CareAction(**{field.name: getattr(generic, field.name) for field in fields(EventType)})
