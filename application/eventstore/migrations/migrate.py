"""The one step that makes and changes tables. A rebuild makes others for a while, by the same statements."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from application.eventstore.database import Clock, Database, DatabaseUnavailable, Transaction
from application.eventstore.migrations.tables import EVENTS, LEDGER_OF_VERSIONS, OLDEST_PROGRAM, PARTS, Part
from application.program import VERSION, as_numbers

_WAIT_SECONDS = 120.0


_MAY_READ = "SELECT has_table_privilege('schema_version', 'SELECT')"


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


def assert_migrated(
    db: Database, *, part: Part = EVENTS, ddl: Sequence[str] = (), older: bool = False
) -> None:
    """Raise NotMigrated unless the tables of a part, and those of `ddl`, are all that this program expects.

    With `older` those that an older program made will do. Newer ones will, where they name this program, or
    an older one, as the oldest that may run on them; else raises SchemaTooNew.
    """
    version = version_of(db, part)
    if not version:
        raise NotMigrated(_lacking(part, version))
    with db.reading() as tx:
        _refuse_newer(tx, version, part)
        if older:
            return
        if version < len(part.versions):
            raise NotMigrated(_lacking(part, version))
        if missing := _new(tx, ddl):
            raise NotMigrated(
                f"{len(missing)} tables, columns or indexes of this program are missing beside the "
                f"{part.name}: run the migration step first"
            )


def version_of(db: Database, part: Part = EVENTS) -> int:
    """Return the version of the tables of a part; 0 where there are none."""
    if not has_table(db, "schema_version"):
        return 0
    if db.dialect == "postgres" and db.tuples(_MAY_READ) != [(True,)]:
        # The owner has begun: what the service may do is granted by the same step.
        raise NotMigrated(
            f"this role may not read the tables of the {part.name} yet: run the migration step as their owner"
        )
    with db.reading() as tx:
        return _version(tx, part)


def has_table(db: Database, name: str) -> bool:
    """Return whether a table is there."""
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
    _refuse_newer(tx, done, part)
    for version, statements in enumerate(part.versions[done:], start=done + 1):
        for statement in statements[tx.dialect]:
            tx.run(statement)
        tx.run(
            "INSERT INTO schema_version (part, version, applied_at) VALUES (:part, :version, :now)",
            part=part.name,
            version=version,
            now=now,
        )
    _name_oldest(tx, part)


def _run_new(tx: Transaction, *, ddl: Sequence[str], now: datetime) -> None:
    for digest, statement in _new(tx, ddl).items():
        tx.run(statement)
        tx.run("INSERT INTO schema_statement VALUES (:digest, :now)", digest=digest, now=now)


def _new(tx: Transaction, ddl: Sequence[str]) -> dict[str, str]:
    """Return the statements that have not been run yet, by digest, in order."""
    digests = {sha256(statement.encode()).hexdigest(): statement for statement in ddl}
    known = tx.tuples("SELECT digest FROM schema_statement WHERE digest IN :digests", digests=tuple(digests))
    return {digest: statement for digest, statement in digests.items() if (digest,) not in known}


def _version(tx: Transaction, part: Part) -> int:
    ((version,),) = tx.tuples(
        "SELECT COALESCE(MAX(version), 0) FROM schema_version WHERE part = :part", part=part.name
    )
    return int(version)


def _lacking(part: Part, version: int) -> str:
    return (
        f"the tables of the {part.name} are at version {version}, this program needs "
        f"{len(part.versions)}: run the migration step first"
    )


def _refuse_newer(tx: Transaction, version: int, part: Part) -> None:
    """Raise SchemaTooNew where the tables are newer and don't name this program as one that may use them."""
    oldest = _oldest_program(tx, part)
    if oldest is not None and as_numbers(oldest) > as_numbers(VERSION):
        raise SchemaTooNew(f"the tables of the {part.name} need {oldest} or newer, this program is {VERSION}")
    if version > len(part.versions) and oldest is None:
        raise SchemaTooNew(
            f"the tables of the {part.name} are at version {version}, this program knows {len(part.versions)}"
        )


def _oldest_program(tx: Transaction, part: Part) -> str | None:
    """Return the oldest program that may run on the tables of a part; None where version 0.1 made them."""
    exists = (
        "SELECT 1 FROM sqlite_master WHERE name = 'schema_program'"
        if tx.dialect == "sqlite"
        else "SELECT 1 WHERE to_regclass('schema_program') IS NOT NULL"
    )
    if not tx.tuples(exists):
        return None
    found = tx.tuples("SELECT oldest FROM schema_program WHERE part = :part", part=part.name)
    return str(found[0][0]) if found else None


def _name_oldest(tx: Transaction, part: Part) -> None:
    """Say which program is the oldest that may run on the tables as they are now."""
    known = _oldest_program(tx, part)
    if known is None or as_numbers(known) < as_numbers(OLDEST_PROGRAM):
        tx.upsert(table="schema_program", key=("part",), rows=[{"part": part.name, "oldest": OLDEST_PROGRAM}])
