"""A fresh school with a web interface, on SQLite and on PostgreSQL, its keys in a database apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.serving import Service, serving
from tests.api.support import ApiWorld, api_world


@pytest.fixture
def world(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ApiWorld]:
    keys_url = f"sqlite:///{tmp_path}/keys.db"
    if database_url.startswith("postgresql"):
        keys_url = request.getfixturevalue("postgres_keys_url")
    with api_world(tmp_path, database_url=database_url, keys_url=keys_url) as made:
        yield made


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[ApiWorld]:
    """The same on SQLite alone, where the databases make no difference."""
    urls = {"database_url": f"sqlite:///{tmp_path}/care.db", "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(tmp_path, **urls) as made:
        yield made


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """The service in processes of its own, on SQLite and on PostgreSQL."""
    with serving(database_url, tmp_path) as made:
        yield made
