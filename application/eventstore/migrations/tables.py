"""The tables of the event store and of the keys, as each version of them made them.

A version that has been released is never edited: a change is the next version. The events table is for
ever, so its text says what the file format is.
"""

from dataclasses import dataclass

from application.eventstore.database import Dialect
from application.eventstore.sqltext import identifier

Statements = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One set of tables with a version of its own; `versions` holds what each version adds."""

    name: str
    versions: tuple[dict[Dialect, Statements], ...]


_EVENT_COLUMNS = """
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    event_id uuid UNIQUE,
    occurred_at timestamptz,
    recorded_at timestamptz NOT NULL,
    org text,
    metadata jsonb,
    UNIQUE (originator_id, originator_version)
"""

_SQLITE_EVENTS: Statements = (
    # With AUTOINCREMENT no position is ever given twice, and VACUUM renumbers none.
    f"CREATE TABLE events (notification_id INTEGER PRIMARY KEY AUTOINCREMENT, {_EVENT_COLUMNS})",
    """
    CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are kept for ever: UPDATE is refused'); END
    """,
    """
    CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are kept for ever: DELETE is refused'); END
    """,
)

_POSTGRES_EVENTS: Statements = (
    f"CREATE TABLE events (notification_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,{_EVENT_COLUMNS})",
    """
    CREATE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'events are kept for ever: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_kept()
    """,
)

_INCARNATION = """
    CREATE TABLE log_incarnation (
        number bigint PRIMARY KEY,
        incarnation uuid NOT NULL UNIQUE,
        begun_at timestamptz NOT NULL,
        cause text NOT NULL,
        position bigint NOT NULL
    )
"""
_FIRST_INCARNATION = (
    "INSERT INTO log_incarnation (number, incarnation, begun_at, cause, position) "
    "SELECT 1, {id}, {now}, 'migrate', COALESCE(max(notification_id), 0) FROM events"
)
_SQLITE_INCARNATION: Statements = (
    _INCARNATION,
    _FIRST_INCARNATION.format(
        # A random UUID, version 4.
        id="lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) "
        "|| '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))",
        now="strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
    ),
)
_POSTGRES_INCARNATION: Statements = (
    _INCARNATION,
    _FIRST_INCARNATION.format(id="gen_random_uuid()", now="clock_timestamp()"),
)

# A key is there or was destroyed: one of the two, and the row stays.
_KEYS: Statements = (
    """
    CREATE TABLE stream_key (
        stream_id uuid PRIMARY KEY,
        key bytea,
        created_at timestamptz NOT NULL,
        destroyed_at timestamptz,
        CHECK ((key IS NULL) = (destroyed_at IS NOT NULL))
    )
    """,
    "CREATE TABLE secret (name text PRIMARY KEY, value bytea NOT NULL)",
)

# Who may use the ledger (ADR 32). Each row of a principal and of a key bears a MAC; a use is no right.
_API_KEYS: Statements = (
    """
    CREATE TABLE principal (
        principal_id uuid PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL,
        mac bytea NOT NULL
    )
    """,
    """
    CREATE TABLE api_key (
        key_id text PRIMARY KEY,
        principal_id uuid NOT NULL,
        digest bytea NOT NULL,
        role text NOT NULL,
        org text NOT NULL,
        types text,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        mac bytea NOT NULL
    )
    """,
    "CREATE TABLE key_use (key_id text PRIMARY KEY, last_used_at timestamptz NOT NULL)",
    "CREATE TABLE api_key_taken_over (one bigint PRIMARY KEY CHECK (one = 1), taken_at timestamptz NOT NULL)",
)

# Where a stream came to have a second key: the commitment in a seal says which of them opens it (ADR 25).
# The ledger is the one that these keys belong to; the same id lies beside the events.
_FURTHER_KEYS: Statements = (
    """
    CREATE TABLE further_stream_key (
        stream_id uuid NOT NULL,
        commitment bytea NOT NULL,
        key bytea,
        created_at timestamptz NOT NULL,
        destroyed_at timestamptz,
        PRIMARY KEY (stream_id, commitment),
        CHECK ((key IS NULL) = (destroyed_at IS NOT NULL))
    )
    """,
    """
    CREATE TABLE ledger
    (one bigint PRIMARY KEY CHECK (one = 1), ledger_id uuid NOT NULL, noted_at timestamptz NOT NULL)
    """,
)

# What is written into to find out whether anything can be.
_WRITE_PROBE: Statements = (
    "CREATE TABLE write_probe (one bigint PRIMARY KEY CHECK (one = 1), written_at timestamptz)",
    "INSERT INTO write_probe (one) VALUES (1)",
)

EVENTS = Part(
    name="events",
    versions=(
        {"sqlite": _SQLITE_EVENTS, "postgres": _POSTGRES_EVENTS},
        {"sqlite": _SQLITE_INCARNATION, "postgres": _POSTGRES_INCARNATION},
        {"sqlite": _WRITE_PROBE, "postgres": _WRITE_PROBE},
    ),
)
KEYS = Part(
    name="keys",
    versions=(
        {"sqlite": _KEYS, "postgres": _KEYS},
        {"sqlite": _FURTHER_KEYS, "postgres": _FURTHER_KEYS},
        {"sqlite": _WRITE_PROBE, "postgres": _WRITE_PROBE},
        {"sqlite": _API_KEYS, "postgres": _API_KEYS},
    ),
)
PARTS = (EVENTS, KEYS)
# Tables are only added to, so an older program may run on them, down to this version of it. Whoever adds what
# an older one would do wrong by raises it to the version that it comes with.
OLDEST_PROGRAM = "0.2.0"

LEDGER_OF_VERSIONS: Statements = (
    """
    CREATE TABLE IF NOT EXISTS schema_version
    (part text, version bigint, applied_at timestamptz NOT NULL, PRIMARY KEY (part, version))
    """,
    "CREATE TABLE IF NOT EXISTS schema_statement (digest text PRIMARY KEY, applied_at timestamptz NOT NULL)",
    # Which program is the oldest that may run on the tables of a part.
    "CREATE TABLE IF NOT EXISTS schema_program (part text PRIMARY KEY, oldest text NOT NULL)",
)


def library_tables() -> list[str]:
    """The tables that only the library's own application wants."""
    return [
        """
        CREATE TABLE IF NOT EXISTS tracking
        (application_name text PRIMARY KEY, notification_id bigint NOT NULL)
        """
    ]


def stream_table(name: str) -> str:
    """A table of streams without a common order, such as the library's snapshots."""
    return (
        f"CREATE TABLE IF NOT EXISTS {identifier(name)} (originator_id uuid, originator_version bigint, "
        "topic text NOT NULL, state bytea NOT NULL, PRIMARY KEY (originator_id, originator_version))"
    )
