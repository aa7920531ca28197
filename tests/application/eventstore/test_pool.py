"""The short way through the pool of connections, and the cases that it leaves to psycopg."""

from collections.abc import Iterator
from threading import Thread

import pytest
from psycopg_pool import PoolTimeout

from application.eventstore.pool_postgres import Pool
from application.eventstore.prepared_postgres import Connection


@pytest.fixture
def pool(postgres_db_url: str) -> Iterator[Pool]:
    with Pool(
        postgres_db_url,
        min_size=2,
        max_size=2,
        timeout=5,
        connection_class=Connection,
        kwargs={"autocommit": True},
        open=True,
    ) as pool:
        pool.wait(5)
        yield pool


def test_what_came_back_last_is_given_first(pool: Pool) -> None:
    one, other = pool.getconn(), pool.getconn()
    pool.putconn(one)
    pool.putconn(other)

    assert pool.getconn() is other
    assert pool.getconn() is one
    pool.putconn(one)
    pool.putconn(other)


def test_who_waits_gets_what_comes_back(pool: Pool) -> None:
    one, other = pool.getconn(), pool.getconn()
    got: list[Connection] = []
    waiting = Thread(target=lambda: got.append(pool.getconn()))
    waiting.start()
    while not pool._waiting:
        waiting.join(0.01)

    pool.putconn(one)
    waiting.join(5)

    assert got == [one]
    pool.putconn(one)
    pool.putconn(other)


def test_who_waits_too_long_is_told(pool: Pool) -> None:
    one, other = pool.getconn(), pool.getconn()

    with pytest.raises(PoolTimeout):
        pool.getconn(timeout=0.05)

    pool.putconn(one)
    pool.putconn(other)


@pytest.mark.parametrize("spent", ["broken", "expired"])
def test_what_is_spent_is_replaced(pool: Pool, spent: str) -> None:
    one = pool.getconn()
    if spent == "broken":
        one.close()
    else:
        one._expire_at = 0.0

    pool.putconn(one)

    others = [pool.getconn(), pool.getconn()]
    assert one not in others
    assert [each.closed for each in others] == [False, False]
    for each in others:
        pool.putconn(each)


def test_a_transaction_that_was_left_open_is_rolled_back(pool: Pool) -> None:
    one = pool.getconn()
    one.execute("BEGIN")
    pool.putconn(one)

    assert one.info.transaction_status.name == "IDLE"


def test_what_belongs_elsewhere_is_refused(pool: Pool, postgres_db_url: str) -> None:
    with Connection.connect(postgres_db_url) as stranger, pytest.raises(ValueError, match="pool"):
        pool.putconn(stranger)
