"""The one step that makes and changes tables. A rebuild makes others for a while, by the same statements."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from application.eventstore.database import Clock, Database, DatabaseUnavailable, Transaction
from application.eventstore.migrations.tables import EVENTS, LEDGER_OF_VERSIONS, PARTS, Part

_WAIT_SECONDS = 120.0


class NotMigrated(Exception):
    """The tables are missing or older than this program."""


class SchemaTooNew(Exception):
    """The tables were made by a newer program than this one."""


class Misplaced(Exception):
    """Keys and events would share a database: who holds one must not hold the other."""


def migrate(
    db: Database, *, ddl: Sequence[str] = (), part: Part = EVENTS, clock: Clock | None = None
) -> None:
    """Bring the tables of a part, and those of the read models in `ddl`, to what this program expects.

    Any number of processes may call it at once, and again. Each statement of `ddl` runs once in the life
    of the database, in the order given; to change a table, add a statement. Raises SchemaTooNew,
    Misplaced, or DatabaseUnavailable when another process has been migrating for two minutes.
    """
    with db.advisory("migrate", wait_seconds=_WAIT_SECONDS) as alone:
        if not alone:
            raise DatabaseUnavailable("another process has been migrating for too long")
        with db.transaction() as tx:
            for statement in LEDGER_OF_VERSIONS:
                tx.run(statement)
            now = (clock or db.now)()
            _bring_up(tx, part=part, now=now)
            _run_new(tx, ddl=ddl, now=now)


def assert_migrated(db: Database, *, part: Part = EVENTS, older: bool = False) -> None:
    """Raise NotMigrated or SchemaTooNew unless the tables of a part are what this program expects.

    With `older` those that an older program made will do.
    """
    version = version_of(db, part)
    _refuse_newer(version, part)
    if version < (1 if older else len(part.versions)):
        raise NotMigrated(
            f"the tables of the {part.name} are at version {version}, this program needs "
            f"{len(part.versions)}: run the migration step first"
        )


def version_of(db: Database, part: Part = EVENTS) -> int:
    """Return the version of the tables of a part; 0 where there are none."""
    if not has_table(db, "schema_version"):
        return 0
    with db.reading() as tx:
        return _version(tx, part)


def has_table(db: Database, name: str) -> bool:
    """Tell whether a table is there."""
    exists = (
        "SELECT 1 FROM sqlite_master WHERE name = :name"
        if db.dialect == "sqlite"
        else "SELECT 1 WHERE to_regclass(:name) IS NOT NULL"
    )
    return db.one(exists, name=name) is not None


def _bring_up(tx: Transaction, *, part: Part, now: datetime) -> None:
    for other in PARTS:
        if other.name != part.name and _version(tx, other):
            raise Misplaced(f"the {part.name} must not lie in the database of the {other.name}")
    done = _version(tx, part)
    _refuse_newer(done, part)
    for version, statements in enumerate(part.versions[done:], start=done + 1):
        for statement in statements[tx.dialect]:
            tx.run(statement)
        tx.run(
            "INSERT INTO schema_version (part, version, applied_at) VALUES (:part, :version, :now)",
            part=part.name,
            version=version,
            now=now,
        )


def _run_new(tx: Transaction, *, ddl: Sequence[str], now: datetime) -> None:
    digests = {sha256(statement.encode()).hexdigest(): statement for statement in ddl}
    known = tx.tuples("SELECT digest FROM schema_statement WHERE digest IN :digests", digests=tuple(digests))
    for digest, statement in digests.items():
        if (digest,) not in known:
            tx.run(statement)
            tx.run("INSERT INTO schema_statement VALUES (:digest, :now)", digest=digest, now=now)


def _version(tx: Transaction, part: Part) -> int:
    ((version,),) = tx.tuples(
        "SELECT COALESCE(MAX(version), 0) FROM schema_version WHERE part = :part", part=part.name
    )
    return int(version)


def _refuse_newer(version: int, part: Part) -> None:
    if version > len(part.versions):
        raise SchemaTooNew(
            f"the tables of the {part.name} are at version {version}, this program knows {len(part.versions)}"
        )
