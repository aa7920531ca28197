"""Upgrades of data: named steps that the migration runs after the tables, each once in the life of a store.

A step works in chunks and says after each how far it came; one that was interrupted goes on from there. No
process opens a store in which a step is unfinished: it would read rows of two meanings.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.children.likenesses import Likenesses
from application.children.name_digests import NameDigests
from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.eventstore.migrations.migrate import NotMigrated, has_table
from application.lookups import Lookups
from application.organisations.registry import Organisations
from domain.refusal import Text

DDL = ("CREATE TABLE upgrade_step (name text PRIMARY KEY, cursor text, finished_at timestamptz)",)
_UNFINISHED = "SELECT name FROM upgrade_step WHERE finished_at IS NULL ORDER BY name"

Progress = Callable[[Text, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far a step has come: where to go on, and how many of how many are done."""

    cursor: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The store that a step upgrades, as far as a step may touch it."""

    database: Database
    keys_database: Database
    keyring: Keyring
    log: EventLog
    lookups: Lookups
    likenesses: Likenesses
    name_digests: NameDigests
    organisations: Organisations
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeStep:
    """One change of the data of a store. `name` is for ever; a store that is new needs none.

    `run` takes the store and the cursor of the last chunk that was kept (None: from the beginning), and
    yields after each chunk that it has committed. A chunk may be done again: twice must be once.
    `foresee` says, before anything is done, what people will notice; empty where nothing is to be noticed.
    """

    name: str
    label: Text
    run: Callable[[Store, str | None], Iterator[Advance]]
    foresee: Callable[[Store], Sequence[Text]] = lambda _store: ()


def register(database: Database, steps: Sequence[UpgradeStep], *, is_new: bool) -> None:
    """Note the steps that a store is to go through; one that `is_new` was never otherwise."""
    with database.transaction() as tx:
        for step in steps:
            tx.run(
                "INSERT INTO upgrade_step (name, finished_at) VALUES (:name, :finished_at) "
                "ON CONFLICT (name) DO NOTHING",
                name=step.name,
                finished_at=database.now() if is_new else None,
            )


def unfinished(database: Database, steps: Sequence[UpgradeStep] = ()) -> tuple[str, ...]:
    """Name the steps that a store still has to go through: those noted, and those of `steps` it never saw."""
    waiting = [name for (name,) in database.tuples(_UNFINISHED)]
    noted = {name for (name,) in database.tuples("SELECT name FROM upgrade_step")}
    return (*waiting, *(step.name for step in steps if step.name not in noted))


def refuse_unfinished(database: Database, steps: Sequence[UpgradeStep]) -> None:
    """Raise NotMigrated where a step is unfinished."""
    if not has_table(database, "upgrade_step"):
        raise NotMigrated("the tables are older than this program: run the migration step first")
    if names := unfinished(database, steps):
        raise NotMigrated(f"the upgrade is not finished ({', '.join(names)}): run the migration step first")


def foreseen(store: Store, steps: Sequence[UpgradeStep]) -> tuple[Text, ...]:
    """Return what people will notice of the steps that are still to be taken."""
    waiting = set(unfinished(store.database, steps))
    return tuple(text for step in steps if step.name in waiting for text in step.foresee(store))


def run_steps(store: Store, steps: Sequence[UpgradeStep], *, progress: Progress) -> None:
    """Take the steps that are unfinished, in their order; `progress` hears how far each has come."""
    for step in steps:
        row = store.database.one(
            "SELECT cursor, finished_at FROM upgrade_step WHERE name = :name", name=step.name
        )
        if row is None or row["finished_at"] is not None:
            continue
        for advance in step.run(store, row["cursor"]):
            _keep(store.database, step, cursor=advance.cursor, finished=False)
            progress(step.label, advance.done, advance.total)
        _keep(store.database, step, cursor=None, finished=True)


def _keep(database: Database, step: UpgradeStep, *, cursor: str | None, finished: bool) -> None:
    with database.transaction() as tx:
        tx.run(
            "UPDATE upgrade_step SET cursor = :cursor, finished_at = :finished_at WHERE name = :name",
            name=step.name,
            cursor=cursor,
            finished_at=database.now() if finished else None,
        )
