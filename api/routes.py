"""The route table: what is served, what is documented and what needs a key all follow from it."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from api import resources
from api.context import Context
from api.resource import Resource
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
        for value in vars(import_module(f"{resources.__name__}.{found.name}")).values():
            yield from (each for each in _several(value) if isinstance(each, Resource))


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else (value,)


# Several files may add to one.
RESOURCES: tuple[Resource, ...] = tuple(dict.fromkeys(_declared()))
ROUTES: tuple[Route, ...] = tuple(
    Route(template, made, public=resource.public)
    for resource in RESOURCES
    for template, made in resource.classes.items()
)


def _refuse_clashes() -> None:
    """Raise `BadKind` where the plural of a kind is a path that has routes of its own."""
    templates = ([each.template for each in resource.declared] for resource in RESOURCES)
    served = [{each.split("/")[2] for each in some if each.startswith("/v1/")} for some in templates]
    for kind in served_kinds().values():
        if sum(kind.plural in paths for paths in served) > 1:
            file = file_of(f"{streams.__name__}.{kind.folder}.kind")
            raise BadKind(f"{file}: the plural `{kind.plural}` is a path of the API already.")


_refuse_clashes()
