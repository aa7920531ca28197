"""Kinds of streams that are made up: known to the catalogue for as long as a test looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from application.recording.recording import Collaborators, Recording
from application.system import System
from domain import catalogue
from domain.ledger.facts import Facts
from domain.ledger.kind import StreamKind

F = TypeVar("F", bound=Facts)
_DERIVED = (catalogue.event_types, catalogue.details_by_type, catalogue.kind_of_type)


@contextmanager
def recording_of(
    kind: StreamKind[F], *, system: System, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Recording[F]]:
    """Return a recording of a kind, which the catalogue knows till the end of the block."""
    kinds = {**catalogue.stream_kinds(), kind.name: kind}
    with monkeypatch.context() as registered:
        registered.setattr(catalogue, "stream_kinds", lambda: kinds)
        for each in _DERIVED:
            each.cache_clear()
        yield Recording(
            kind,
            Collaborators(
                log=system.log,
                database=system.database,
                lookups=system.lookups,
                carers=system.carers,
                organisations=system.organisations,
                now=system.now,
                refuse_types=lambda _types: None,
            ),
        )
    for each in _DERIVED:
        each.cache_clear()
