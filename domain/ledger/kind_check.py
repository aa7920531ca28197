"""What is wrong with the declarations of kinds of streams and their types: found before any is served."""

import dataclasses
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, cast

from domain.event import Details
from domain.fields import Choice, Field, fields_of
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_type import EventType, declared
from domain.ledger.event_voided import EventVoided
from domain.ledger.facts import Facts, views_of
from domain.ledger.kind import StreamKind
from domain.refusal import Text

_SNAKE = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KEBAB = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")
_GENERIC = (EventCorrected, EventVoided)


class BadKind(Exception):
    """Kinds or types are not declared as they must be. Each line names a file and what is wrong in it."""


def file_of(module: str, /) -> str:
    """Return the file of a module, from the root of the program."""
    return f"{module.replace('.', '/')}.py"


def faults_of_kinds(kinds: Mapping[str, StreamKind[Any]], /) -> Iterator[str]:
    """Find what is wrong with kinds, which are given by the module that declares each.

    Each fault is a sentence that begins with its file.
    """
    for module, kind in kinds.items():
        of_kind = (_of_names(module, kind), _of_types_listed(module, kind), _of_labels("kind", kind.label))
        yield from (f"{file_of(module)}: {fault}" for fault in chain(*of_kind))
        yield from (f"{file_of(kind.view.__module__)}: {fault}" for fault in _of_view(kind))
        for each in kind.types:
            if each.details not in _GENERIC:
                yield from (f"{file_of(each.details.__module__)}: {fault}" for fault in _of_type(each))
    yield from _clashes({module: [kind.name] for module, kind in kinds.items()}, "name")
    yield from _clashes({module: [kind.plural] for module, kind in kinds.items()}, "plural")
    types = {m: [e.type for e in k.types if e.details not in _GENERIC] for m, k in kinds.items()}
    yield from _clashes(types, "type")


def _of_names(module: str, kind: StreamKind[Any]) -> Iterator[str]:
    if not _SNAKE.fullmatch(kind.name):
        yield f"the name `{kind.name}` is not in snake_case."
    if not _KEBAB.fullmatch(kind.plural):
        yield f"the plural `{kind.plural}` is not in kebab-case."
    package, _, last = module.rpartition(".")
    folder = package.rpartition(".")[2]
    if last == "kind" and folder != kind.folder:
        yield f"the plural `{kind.plural}` belongs in a folder `{kind.folder}`, not in `{folder}`."


def _of_types_listed(module: str, kind: StreamKind[Any]) -> Iterator[str]:
    listed = {each.details for each in kind.types}
    if not kind.opens:
        yield "no type opens its streams."
    for details in kind.opens:
        if details not in listed:
            yield f"`{details.__name__}` opens its streams and is none of its types."
    for details in _details_beside(module):
        if details not in listed:
            file = file_of(details.__module__)
            yield f"`{details.__name__}` of {file} is none of its types: has it an `EVENT_TYPE`?"


def _details_beside(module: str) -> Iterator[type[Details]]:
    """Go through the details classes with a type that the folder of a kind defines."""
    package, _, last = module.rpartition(".")
    for name in sorted(sys.modules) if last == "kind" else ():
        if name.startswith(f"{package}."):
            for value in vars(sys.modules[name]).values():
                own = isinstance(value, type) and value.__module__ == name
                if own and issubclass(value, Details) and hasattr(value, "TYPE"):
                    yield value


def _of_view(kind: StreamKind[Any]) -> Iterator[str]:
    if not (isinstance(kind.view, type) and issubclass(kind.view, Facts)):
        yield f"the view of `{kind.name}` is no subclass of `Facts`."
        return
    for name, each in views_of(kind.view).items():
        if not each.rests_on:
            yield f"the view `{name}` rests on nothing, so it would never be worked out again."
        for on in each.rests_on:
            if not any(on in (t.details, t.type) or t.has(on) for t in kind.types):
                said = getattr(on, "__name__", on)
                yield f"the view `{name}` rests on `{said}`, which no type of `{kind.name}` is or has."
    if kind.served:
        for owner in kind.view.__mro__[: kind.view.__mro__.index(Facts)]:
            for name, value in vars(owner).items():
                if isinstance(value, property | cached_property) and not name.startswith("_"):
                    yield f"`{name}` is not declared with `@view`, so no answer would show it."


def _of_type(each: EventType) -> Iterator[str]:
    yield from _of_labels(f"type `{each.details.TYPE}`", each.label)
    if not _SNAKE.fullmatch(each.type):
        yield f"the type `{each.type}` is not in snake_case."
    if declared(each.details) is not each:
        yield f"`{each.details.__name__}` is declared as a type twice."
    faults = list(_of_fields(each.details))
    yield from faults
    if not faults:
        known = {field.name for field in fields_of(each.details)}
        for what, name in (("record", each.record), ("files", each.files), ("approved", each.approved)):
            if name is not None and name not in known:
                yield f"`{what}` names the field `{name}`, which `{each.details.__name__}` has not."


def _of_fields(details: Any) -> Iterator[str]:
    bare = [item.name for item in dataclasses.fields(details) if "spec" not in item.metadata]
    if bare:
        yield from (f"the field `{details.__name__}.{name}` is not `described`." for name in bare)
        return
    for field in fields_of(details):
        yield from _of_labels(f"field `{details.__name__}.{field.name}`", field.spec.label)
        if isinstance(field.base, type) and issubclass(field.base, Choice):
            for word in field.base:
                label = Text(zh=word.zh, en=word.en)
                yield from _of_labels(f"word `{field.base.__name__}.{word.name}`", label)
        elif dataclasses.is_dataclass(field.base):
            yield from _of_fields(field.base)
            yield from _unsealed(details, field)


def _unsealed(details: Any, outer: Field) -> Iterator[str]:
    """Find personal fields within one that is not: a field is sealed as a whole, or lies in the clear."""
    for inner in () if outer.spec.personal else fields_of(cast("type", outer.base)):
        if inner.spec.personal:
            at = f"{details.__name__}.{outer.name}"
            yield f"the field `{at}` holds `{inner.name}`, which is personal, and is not personal itself."


def _of_labels(what: str, label: Text) -> Iterator[str]:
    for language, said in (("Chinese", label.zh), ("English", label.en)):
        if not said.strip():
            yield f"the {what} has no label in {language}."


def _clashes(said: Mapping[str, Iterable[str]], what: str) -> Iterator[str]:
    first: dict[str, str] = {}
    for module, words in said.items():
        for word in words:
            before = first.setdefault(word, module)
            if before != module:
                yield f"{file_of(module)}: the {what} `{word}` is that of {file_of(before)} too."
