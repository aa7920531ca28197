"""One SQL text, two engines, the same answers."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.eventstore.database import Database, DatabaseError, DatabaseUnavailable, UniqueViolation
from application.eventstore.engines import open_database

CHILD = UUID("0d4f0c3e-58a3-4a7d-9f0e-6a1f7d9c2b11")
SHANGHAI = timezone(timedelta(hours=8))
EVERY_TYPE = """
    CREATE TABLE sample (
        id uuid PRIMARY KEY, at timestamptz, day date, words text, number bigint, blob bytea,
        document jsonb, flag boolean
    )
"""
INSERT = "INSERT INTO sample VALUES (:id, :at, :day, :words, :number, :blob, :document, :flag)"
SAMPLE: dict[str, Any] = {
    "id": CHILD,
    "at": datetime(2026, 3, 2, 8, 30, 0, 5, tzinfo=SHANGHAI),
    "day": date(2026, 3, 2),
    "words": "留守儿童 'quoted' 100%",
    "number": 2**62,
    "blob": bytes(range(256)),
    "document": {"zh": "家访", "list": [1, 2.5, None, True]},
    "flag": False,
}
FORKS = """
import os, signal, sys
from application.eventstore.engines import open_database
db = open_database(sys.argv[1])
if (child := os.fork()) == 0:
    signal.alarm(20)
    try:
        db.all("SELECT 1")
    except RuntimeError:
        os._exit(0)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class Colour(StrEnum):
    RED = "red"


@pytest.fixture
def sample(db: Database) -> Database:
    with db.transaction() as tx:
        tx.run(EVERY_TYPE)
    return db


def test_every_type_comes_back_as_it_was_given(sample: Database) -> None:
    with sample.transaction() as tx:
        assert tx.run(INSERT, **SAMPLE) == 1

    row = sample.one("SELECT * FROM sample")

    assert row == SAMPLE
    assert row["at"].utcoffset() == timedelta(0)
    assert type(row["flag"]) is bool
    assert type(row["blob"]) is bytes


def test_nothing_comes_back_as_none(sample: Database) -> None:
    with sample.transaction() as tx:
        tx.run(INSERT, **dict.fromkeys(SAMPLE) | {"id": CHILD})

    row = sample.one("SELECT * FROM sample")

    assert row == dict.fromkeys(SAMPLE) | {"id": CHILD}


def test_an_enumeration_is_stored_by_its_value(sample: Database) -> None:
    with sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE | {"words": Colour.RED})

    assert sample.tuples("SELECT words FROM sample") == [("red",)]


def test_an_expression_has_the_type_that_its_alias_names(sample: Database) -> None:
    with sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE)

    row = sample.one('SELECT max(at) AS "latest [timestamptz]" FROM sample')

    assert row == {"latest": SAMPLE["at"]}


def test_moments_sort_and_compare_as_time_does(sample: Database) -> None:
    moments = [datetime(2026, 3, 2, 0, 0, 0, micro, tzinfo=UTC) for micro in (0, 1, 999_999)]
    moments.append(datetime(2026, 3, 2, 8, 0, 1, tzinfo=SHANGHAI))
    with sample.transaction() as tx:
        tx.many(INSERT, [SAMPLE | {"id": uuid4(), "at": at} for at in reversed(moments)])

    in_order = sample.tuples("SELECT at FROM sample ORDER BY at")
    late = sample.tuples("SELECT at FROM sample WHERE at > :bound ORDER BY at", bound=moments[1])

    assert [at for (at,) in in_order] == moments
    assert [at for (at,) in late] == moments[2:]


def test_a_tuple_is_a_list_of_values(sample: Database) -> None:
    others = [uuid4(), uuid4()]
    with sample.transaction() as tx:
        tx.many(INSERT, [SAMPLE | {"id": id_} for id_ in (CHILD, *others)])

    within = sample.tuples("SELECT id FROM sample WHERE id IN :ids ORDER BY id", ids=tuple(others))
    outside = sample.tuples("SELECT id FROM sample WHERE id NOT IN :ids", ids=tuple(others))
    by_day = sample.tuples("SELECT id FROM sample WHERE day IN :days", days=(date(2026, 3, 2),))

    assert [id_ for (id_,) in within] == sorted(others)
    assert outside == [(CHILD,)]
    assert len(by_day) == 3


def test_nothing_is_in_an_empty_list_and_all_is_outside(sample: Database) -> None:
    with sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE)

    assert sample.all("SELECT id FROM sample WHERE id IN :ids", ids=()) == []
    assert sample.all("SELECT id FROM sample WHERE id NOT IN :ids", ids=()) == [{"id": CHILD}]


def test_colons_and_percent_signs_inside_quotes_are_no_parameters(db: Database) -> None:
    row = db.one("SELECT ':no %s %' AS \"a:b\", :yes AS c -- :neither", yes="x")

    assert row == {"a:b": ":no %s %", "c": "x"}


def test_a_datetime_without_a_zone_is_refused(sample: Database) -> None:
    with pytest.raises(ValueError, match="time zone"), sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE | {"at": datetime(2026, 3, 2)})  # noqa: DTZ001  the naive one is the point


def test_text_with_a_nul_is_refused(sample: Database) -> None:
    with pytest.raises(ValueError, match="NUL"), sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE | {"words": "a\x00b"})


def test_nothing_is_kept_of_a_block_that_raises(sample: Database) -> None:
    def write_and_fail() -> None:
        with sample.transaction() as tx:
            tx.run(INSERT, **SAMPLE)
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()

    assert sample.all("SELECT id FROM sample") == []


def test_an_error_that_is_swallowed_still_undoes_the_transaction(sample: Database) -> None:
    def write_and_swallow() -> None:
        with sample.transaction() as tx:
            tx.run(INSERT, **SAMPLE)
            with pytest.raises(UniqueViolation):
                tx.run(INSERT, **SAMPLE)

    with pytest.raises(DatabaseError, match="swallowed"):
        write_and_swallow()

    assert sample.all("SELECT id FROM sample") == []


def test_a_transaction_inside_a_transaction_is_refused(sample: Database) -> None:
    with sample.transaction(), pytest.raises(RuntimeError, match="inside"), sample.transaction():
        pass


def test_a_reader_sees_one_state_while_others_write(sample: Database) -> None:
    count = "SELECT count(*) AS n FROM sample"

    with sample.reading() as tx:
        before = tx.one(count)
        with sample.transaction() as writer:
            writer.run(INSERT, **SAMPLE)
        after = tx.one(count)

    assert before == after == {"n": 0}
    assert sample.one(count) == {"n": 1}


def test_a_reader_cannot_write(sample: Database) -> None:
    with pytest.raises(DatabaseError), sample.reading() as tx:
        tx.run(INSERT, **SAMPLE)
    with pytest.raises(DatabaseError):
        sample.all("INSERT INTO sample (id) VALUES (:id) RETURNING id", id=CHILD)

    assert sample.all("SELECT id FROM sample") == []


def test_a_row_replaces_the_row_with_its_key_and_of_two_the_last_stays(sample: Database) -> None:
    ids = [uuid4() for _ in range(1_300)]
    with sample.transaction() as tx:
        tx.upsert(table="sample", key=["id"], rows=[{"id": id_, "number": 1, "flag": None} for id_ in ids])
        tx.upsert(
            table="sample",
            key=["id"],
            rows=[{"id": ids[0], "number": number, "document": {"n": number}} for number in (2, 3)],
        )

    assert sample.one("SELECT count(*) AS n FROM sample") == {"n": 1_300}
    assert sample.one("SELECT number, document FROM sample WHERE id = :id", id=ids[0]) == {
        "number": 3,
        "document": {"n": 3},
    }


@pytest.mark.parametrize("lasting", [True, False])
def test_a_row_is_exchanged_for_others_and_outdated_ones_are_dropped(sample: Database, lasting: bool) -> None:
    taken, kept, outdated, other = (uuid4() for _ in range(4))
    with sample.transaction() as tx:
        numbered = {taken: 1, kept: 2, outdated: 2, other: 3}
        tx.upsert(table="sample", key=["id"], rows=[{"id": i, "number": n} for i, n in numbered.items()])

    def exchanged(id_: UUID, *numbers: int) -> bool:
        return sample.exchange(
            "DELETE FROM sample WHERE id = :taken AND number = 1",
            dropped=["DELETE FROM sample WHERE number = :old AND id NOT IN :kept"],
            table="sample",
            key=["id"],
            rows=[{"id": kept, "number": n, "document": {"n": n}, "day": SAMPLE["day"]} for n in numbers],
            lasting=lasting,
            taken=id_,
            old=2,
            kept=(kept,),
        )

    assert not exchanged(other, 7)
    assert len(sample.all("SELECT id FROM sample")) == 4
    assert exchanged(taken, 7, 8)
    assert {row["id"]: row["number"] for row in sample.all("SELECT id, number FROM sample")} == {
        kept: 8,
        other: 3,
    }
    assert sample.one("SELECT document, day FROM sample WHERE id = :id", id=kept) == {
        "document": {"n": 8},
        "day": SAMPLE["day"],
    }
    assert not exchanged(taken)


@pytest.mark.parametrize("lasting", [True, False])
def test_what_a_statement_by_itself_has_written_comes_back(sample: Database, lasting: bool) -> None:
    with sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE)
    change = 'UPDATE sample SET number = 1 WHERE id = :id RETURNING day AS "day [date]", number'

    assert sample.write(change, lasting=lasting, id=CHILD) == [(SAMPLE["day"], 1)]
    assert sample.write(change, lasting=lasting, id=uuid4()) == []
    assert sample.tuples("SELECT number FROM sample") == [(1,)]


def test_a_table_name_that_is_none_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="name"), db.transaction() as tx:
        tx.upsert(table="sample; DROP TABLE x", key=["id"], rows=[{"id": 1}])


def test_an_error_never_quotes_the_row(sample: Database) -> None:
    with sample.transaction() as tx:
        tx.run("CREATE UNIQUE INDEX one_name ON sample (words)")
        tx.run(INSERT, **SAMPLE | {"words": "金丝雀"})

    with pytest.raises(UniqueViolation) as refused, sample.transaction() as tx:
        tx.run(INSERT, **SAMPLE | {"id": uuid4(), "words": "金丝雀"})

    assert "金丝雀" not in "".join(map(str, (refused.value, refused.value.__cause__)))


def test_a_named_lock_has_one_holder_at_a_time(db: Database, database_url: str) -> None:
    other = open_database(database_url)

    with db.advisory("relay") as first, other.advisory("relay") as second, other.advisory("sweep") as third:
        held = (first, second, third)
    with other.advisory("relay", wait_seconds=1) as afterwards:
        pass
    other.close()

    assert held == (True, False, True)
    assert afterwards


def test_a_named_lock_is_waited_for_no_longer_than_asked(db: Database) -> None:
    with db.advisory("relay"), db.advisory("relay", wait_seconds=0.05) as second:
        assert not second


def test_a_database_is_refused_after_a_fork(database_url: str) -> None:
    program = subprocess.run([sys.executable, "-c", FORKS, database_url], timeout=30, check=False)

    assert program.returncode == 0


def test_a_closed_database_says_that_it_is_unavailable(db: Database) -> None:
    db.close()
    db.close()

    with pytest.raises(DatabaseUnavailable):
        db.all("SELECT 1")
    with pytest.raises(DatabaseUnavailable), db.transaction():
        pass


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite:///:memory:", "sqlite://", "care.db"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        open_database(url)
