"""What is sent as an array comes back as it was."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.eventstore.arrays import Column
from application.eventstore.binary_postgres import TYPES
from application.eventstore.database import Database, Prepared
from application.eventstore.engines import open_database

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "uuid": st.uuids(),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "bytea": st.binary(),
    "timestamptz": st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001
        datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.sampled_from(
            [UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=9, minutes=30))]
        ),
    ),
    "date": st.dates(date(1, 1, 2)),
    "boolean": st.booleans(),
    "jsonb": st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
        max_leaves=5,
    ).filter(lambda document: document is not None),
}


@pytest.fixture
def database(postgres_db_url: str) -> Iterator[Database]:
    opened = open_database(postgres_db_url, pool_size=1)
    # The pool draws a random number when it connects, which Hypothesis takes for one of the test's own.
    opened.one("SELECT 1 AS one")
    yield opened
    opened.close()


def test_there_are_values_of_every_type() -> None:
    assert VALUES.keys() == TYPES.keys()


@pytest.mark.parametrize("kind", VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_sent_comes_back(database: Database, kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[kind], max_size=5))

    found = database.tuples(
        f"SELECT value FROM unnest(CAST(:sent AS {kind}[])) WITH ORDINALITY AS a (value, n) ORDER BY n",
        sent=Column(kind, values),
    )

    assert [value for (value,) in found] == values


@pytest.mark.parametrize("kind", VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_sent_alone_comes_back(database: Database, kind: str, data: st.DataObject) -> None:
    value, values = data.draw(st.none() | VALUES[kind]), data.draw(st.lists(VALUES[kind], max_size=3))
    asked = Prepared(f"SELECT CAST(:sent AS {kind}), CAST(:many AS {kind}[])")

    assert database.tuples(asked, sent=value, many=values) == [(value, values)]


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [("text", "a\0b", "NUL"), ("timestamptz", datetime(2026, 3, 5), "time zone")],  # noqa: DTZ001
)
def test_what_can_not_be_kept_is_refused(database: Database, kind: str, value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        database.tuples(f"SELECT CAST(:sent AS {kind}[])", sent=Column(kind, [value]))
    with pytest.raises(ValueError, match=why):
        database.tuples(Prepared(f"SELECT CAST(:sent AS {kind})"), sent=value)


@pytest.mark.parametrize(("kind", "value"), [("text", 1), ("date", datetime(2026, 3, 5, tzinfo=UTC))])
def test_what_is_of_another_type_is_refused(database: Database, kind: str, value: object) -> None:
    with pytest.raises(TypeError):
        database.tuples(Prepared(f"SELECT CAST(:sent AS {kind})"), sent=value)
