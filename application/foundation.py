"""What every use case stands on: both databases, the keys and the log, opened from settings."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from application.children.cards import DDL as CARDS_DDL
from application.children.doubles import DDL as DOUBLES_DDL
from application.children.likenesses import DDL as LIKENESSES_DDL
from application.children.name_digests import DDL as NAME_DIGESTS_DDL
from application.eventstore.database import Clock, Database
from application.eventstore.engines import open_database
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.eventstore.migrations.migrate import assert_migrated
from application.eventstore.migrations.tables import KEYS
from application.eventstore.recorders import open_recorder
from application.keys import ledger
from application.lookups import DDL as LOOKUPS_DDL
from application.settings import Settings
from application.upkeep import tables, upgrade_steps, upgrading
from application.upkeep.places import refuse_missing
from application.upkeep.processes import DDL as PROCESSES_DDL
from application.upkeep.processes import Processes
from domain.catalogue import event_types

DDL = (
    *upgrading.DDL,
    *tables.DDL,
    *ledger.DDL,
    *PROCESSES_DDL,
    *CARDS_DDL,
    *LIKENESSES_DDL,
    *DOUBLES_DDL,
    *NAME_DIGESTS_DDL,
    *LOOKUPS_DDL,
)
# A process asks for keys seldom and briefly.
KEYS_POOL_SIZE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What every use case stands on."""

    settings: Settings
    database: Database
    keys_database: Database
    keyring: Keyring
    log: EventLog
    processes: Processes
    now: Callable[[], datetime]


def open_foundation(
    settings: Settings,
    *,
    clock: Clock | None,
    host_clock: Clock | None,
    random_bytes: Callable[[int], bytes],
    ddl: Sequence[str],
    unfinished: bool,
) -> Foundation:
    """Open both databases, and refuse what this program can't serve."""
    refuse_missing(settings)
    with ExitStack() as undo:
        database = open_database(settings.database_url, pool_size=settings.pool_size, host_clock=host_clock)
        undo.callback(database.close)
        keys_database = open_database(settings.keys_url, pool_size=KEYS_POOL_SIZE)
        undo.callback(keys_database.close)
        assert_migrated(database, ddl=(*DDL, *ddl))
        assert_migrated(keys_database, part=KEYS)
        processes = Processes(database=database, now=database.now, types=event_types())
        processes.refuse_newer_log()
        if not unfinished:
            upgrading.refuse_unfinished(database, upgrade_steps.STEPS)
        ledger_id = ledger.refuse_wrong_keys(database, keys_database)
        undo.pop_all()
    now = clock or database.now
    witness = ledger.SecretsSeen(database=database)
    keyring = Keyring(
        db=keys_database, clock=now, random_bytes=random_bytes, ledger=ledger_id, witness=witness
    )
    recorder = open_recorder(database, clock=clock)
    return Foundation(
        settings=settings,
        database=database,
        keys_database=keys_database,
        keyring=keyring,
        log=EventLog(recorder=recorder, keyring=keyring, refuse_types=processes.refuse),
        processes=processes,
        now=now,
    )
