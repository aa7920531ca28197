"""Fixtures that every test may ask for: real servers, and a fresh database on each.

Under pytest-xdist each worker has its own servers, unless the environment names one that all share.
"""

import gc
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.databases import Templates, fresh_postgres, fresh_redis, migrated_templates
from tests.support.processes import Server
from tests.support.scratch import use_memory
from tests.support.servers import running_postgres, running_redis
from tests.support.share import seconds_of, share_of

_OWN_REDIS_DATABASES = 63
_SHARED_REDIS_DATABASES = 15


def pytest_configure() -> None:
    use_memory()
    # Few examples, the same each time, so that what was green stays green; `wide` tries many, and others each
    # time. A law names no number of its own, and none is timed: a machine may be busy.
    hypothesis.settings.register_profile("steady", max_examples=40, derandomize=True, deadline=None)
    hypothesis.settings.register_profile("wide", max_examples=1000, deadline=None)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
    # Whoever ends the run politely gets what Ctrl-C gets: servers stopped, temp folders removed.
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", metavar="WORD", help="run those of the slow tests that a word chooses")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (word := config.getoption("share")) is None:
        return
    chosen = share_of(seconds_of(items), word=word)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
    items[:] = [item for item in items if item.nodeid in chosen]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if (word := config.getoption("share")) is not None:
        terminalreporter.write_line(f"This share of the slow tests again: make test-share SHARE={word}")


def pytest_collection_finish() -> None:
    # What was imported stays till the end: the garbage collector need not go through it again and again.
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Server) -> str:
    return postgres_server.url


@pytest.fixture(scope="session")
def redis_url(redis_server: Server) -> str:
    return redis_server.url


@pytest.fixture(scope="session")
def _templates(postgres_url: str) -> Iterator[Templates]:
    with migrated_templates(postgres_url) as templates:
        yield templates


@pytest.fixture
def postgres_db_url(postgres_url: str, _templates: Templates) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own, with the tables of the events and nothing in them.

    It is a copy: to migrate an empty one takes several times as long.
    """
    with fresh_postgres(postgres_url, template=_templates.events) as url:
        yield url


@pytest.fixture
def postgres_keys_url(postgres_url: str, _templates: Templates) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own, with the tables of the keys and no key in them."""
    with fresh_postgres(postgres_url, template=_templates.keys) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    with fresh_postgres(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def _redis_numbers(redis_server: Server) -> Iterator[int]:
    # In turn, so that a thread left over from one test does not write into the database of the next.
    if redis_server.process is not None:
        return itertools.cycle(range(1, _OWN_REDIS_DATABASES + 1))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    span = _SHARED_REDIS_DATABASES // workers
    if span == 0:
        pytest.fail(f"a shared Redis has {_SHARED_REDIS_DATABASES} databases, too few for {workers} workers")
    return itertools.cycle(range(1 + worker * span, 1 + (worker + 1) * span))


@pytest.fixture
def redis_db_url(redis_url: str, _redis_numbers: Iterator[int]) -> Iterator[str]:
    """The URL of an empty Redis database of this test's own."""
    with fresh_redis(redis_url, number=next(_redis_numbers)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/care.db"
    url: str = request.getfixturevalue("postgres_db_url")
    return url
