"""The upgrade after which names are found however a paper writes them, with their dots or without."""

from collections.abc import Iterator
from uuid import UUID

from application.children.naming import names_borne
from application.eventstore.database import Transaction
from application.lookups import NAME, Lookups
from application.upkeep.normal_forms import CARERS, CHILDREN, carers_found, every_file, found_by
from application.upkeep.upgrading import Advance, Store, UpgradeStep
from domain.event import Event
from domain.refusal import Text


def _run(store: Store, cursor: str | None) -> Iterator[Advance]:
    return every_file(store, cursor, {CHILDREN: _children, CARERS: carers_found})


def _children(tx: Transaction, lookups: Lookups, streams: dict[UUID, tuple[Event, ...]]) -> None:
    rows = [
        row
        for child_id, events in streams.items()
        for name in names_borne(child_id, events)
        for row in lookups.words(kind=NAME, word=name, stream=child_id)
    ]
    found_by(tx, {tuple(row.key.values()): row for row in rows}.values())


UNDOTTED_NAMES = UpgradeStep(
    name="undotted_names",
    label=Text(zh="统一姓名间隔号的写法", en="Making names findable without their dots"),
    run=_run,
)
