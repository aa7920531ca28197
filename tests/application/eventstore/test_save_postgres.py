"""A save as values and a save as arrays write the same, answer the same, and fail in the same way."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.eventstore.database import Database, DatabaseError, DatabaseUnavailable, UniqueViolation
from application.eventstore.engines import open_database
from application.eventstore.migrations.migrate import migrate
from application.eventstore.recorder import CareStoredEvent, Row
from application.eventstore.save_postgres import Save, arrays_save, kind_of, save_of, values_save
from tests.application.eventstore.support import an_event

CHILD = UUID("0d4f0c3e-58a3-4a7d-9f0e-6a1f7d9c2b11")
EARLIER, MONDAY = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, 0, 0, 0, 5, tzinfo=UTC)
TABLES = (
    """
    CREATE TABLE every_type (id uuid PRIMARY KEY, at timestamptz, day date, words text NOT NULL,
        number bigint, blob bytea, document jsonb, flag boolean)
    """,
    "CREATE TABLE seen (child uuid, kind text, PRIMARY KEY (child, kind))",
)
EVERY_TYPE = Row(
    table="every_type",
    key={"id": CHILD},
    values={
        "at": MONDAY,
        "day": date(2026, 3, 2),
        "words": "留守儿童 'quoted' 100% :now",
        "number": -(2**63),
        "blob": bytes(range(256)),
        "document": {"zh": ["家访", 1, None, True]},
        "flag": False,
    },
)
NOTHING = Row(table="every_type", key={"id": CHILD}, values=dict.fromkeys(EVERY_TYPE.values) | {"words": ""})
SEEN = Row(table="seen", key={"child": CHILD, "kind": "a"})

Form = Callable[[CareStoredEvent, Sequence[Row]], Save]


def as_values(event: CareStoredEvent, rows: Sequence[Row]) -> Save:
    return values_save(event, {kind_of(row): row for row in rows}, now=MONDAY)


def as_arrays(event: CareStoredEvent, rows: Sequence[Row]) -> Save:
    return arrays_save([event], {kind_of(row): [row] for row in rows}, now=MONDAY)


@pytest.fixture(params=[as_values, as_arrays])
def form(request: pytest.FixtureRequest) -> Form:
    form: Form = request.param
    return form


@pytest.fixture
def db(postgres_db_url: str) -> Iterator[Database]:
    database = open_database(postgres_db_url)
    migrate(database, ddl=TABLES)
    yield database
    database.close()


def write(db: Database, save: Save) -> list[tuple[Any, ...]]:
    statement, params = save
    return db.write(statement, **params)


def everything(db: Database) -> list[list[tuple[Any, ...]]]:
    return [db.tuples(f"SELECT * FROM {table}") for table in ("events", "every_type", "seen")]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("rows", [[], [EVERY_TYPE], [SEEN, NOTHING], [EVERY_TYPE, SEEN]])
def test_it_writes_what_it_was_given(db: Database, form: Form, version: int, rows: list[Row]) -> None:
    before = [an_event(child=CHILD)] if version == 2 else []
    for each in before:
        assert write(db, form(each, [NOTHING])) == [(1,)]
    event = an_event(child=CHILD, version=version, state=bytes(range(256)), metadata='{"由": "李"}'.encode())

    assert write(db, form(event, rows)) == [(version,)]

    events, every_type, seen = everything(db)
    assert events[-1] == (
        version,
        CHILD,
        version,
        event.topic,
        event.state,
        event.event_id,
        event.occurred_at,
        MONDAY,
        event.org,
        {"由": "李"},
    )
    kept = next((row for row in (*rows, *([NOTHING] if before else [])) if row.table == "every_type"), None)
    assert every_type == ([(CHILD, *kept.values.values())] if kept else [])
    assert seen == [(CHILD, "a")] * (SEEN in rows)


def test_one_event_with_one_row_of_each_kind_goes_as_values() -> None:
    event, other = an_event(child=CHILD), Row(table="seen", key={"child": CHILD, "kind": "b"})

    assert save_of([event], [SEEN, NOTHING, EVERY_TYPE], now=MONDAY) == as_values(event, [SEEN, EVERY_TYPE])
    assert save_of([event], [SEEN, other], now=MONDAY) == arrays_save(
        [event], {kind_of(SEEN): [SEEN, other]}, now=MONDAY
    )
    more = [event, an_event(child=CHILD, version=2)]
    assert save_of(more, [SEEN], now=MONDAY) == arrays_save(more, {kind_of(SEEN): [SEEN]}, now=MONDAY)


@pytest.mark.parametrize("version", [2, 3])
def test_what_follows_nothing_that_is_there_writes_nothing(db: Database, form: Form, version: int) -> None:
    write(db, form(an_event(), []))
    if version == 3:
        write(db, form(an_event(child=CHILD), []))
    before = everything(db)

    assert write(db, form(an_event(child=CHILD, version=version), [EVERY_TYPE, SEEN])) == []

    assert everything(db) == before


@pytest.mark.parametrize(
    ("again", "constraint"),
    [
        ({"child": CHILD, "version": 1}, "originator_id"),
        ({"child": CHILD, "version": 2, "event_id": CHILD}, "event_id"),
    ],
)
def test_what_is_there_already_is_told_by_its_name(
    db: Database, form: Form, again: dict[str, Any], constraint: str
) -> None:
    write(db, form(an_event(child=CHILD, event_id=CHILD), [SEEN]))
    before = everything(db)

    with pytest.raises(UniqueViolation, match=f"events: .*{constraint}"):
        write(db, form(an_event(**again), [EVERY_TYPE]))

    assert everything(db) == before


def test_a_row_that_the_table_refuses_undoes_the_event(db: Database, form: Form) -> None:
    refused = Row(table="every_type", key={"id": CHILD}, values={"words": None})

    with pytest.raises(DatabaseError, match="NotNullViolation"):
        write(db, form(an_event(child=CHILD), [SEEN, refused]))

    assert everything(db) == [[], [], []]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (Row(table="every_type", key={"id": CHILD}, values={"words": "a\0b"}), "NUL"),
        (
            Row(table="every_type", key={"id": CHILD}, values={"words": "", "at": datetime(2026, 3, 5)}),  # noqa: DTZ001
            "time zone",
        ),
    ],
)
def test_what_no_column_takes_is_refused(db: Database, form: Form, row: Row, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write(db, form(an_event(child=CHILD), [row]))

    assert everything(db) == [[], [], []]


def test_no_event_is_recorded_before_the_one_that_it_follows(db: Database, form: Form) -> None:
    tomorrow = datetime(2026, 3, 3, tzinfo=UTC)
    event = an_event(child=CHILD)
    write(db, values_save(event, {}, now=tomorrow))
    write(db, form(an_event(child=CHILD, version=2), []))
    write(db, form(an_event(), []))

    assert db.tuples("SELECT recorded_at FROM events") == [(tomorrow,)] * 3


def test_without_a_clock_the_server_dates_it(db: Database) -> None:
    for save in (values_save(an_event(), {}, now=None), arrays_save([an_event()], {}, now=None)):
        write(db, save)

    ((first,), (second,)) = db.tuples("SELECT recorded_at FROM events ORDER BY notification_id")
    assert EARLIER < datetime(2026, 6, 1, tzinfo=UTC) < first <= second


def test_a_server_that_takes_no_writes_is_told(db: Database, form: Form, postgres_db_url: str) -> None:
    write(db, form(an_event(), []))
    with psycopg.connect(postgres_db_url, autocommit=True) as other:
        name = postgres_db_url.rpartition("/")[2]
        other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    db.close()
    standby = open_database(postgres_db_url)

    with pytest.raises(DatabaseUnavailable):
        write(standby, form(an_event(child=uuid4()), [SEEN]))

    assert len(standby.tuples("SELECT 1 FROM events")) == 1
    standby.close()
