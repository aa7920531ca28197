from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A world of its own, on each engine in turn, on the morning of 1 March 2026."""
    with World(tmp_path, database_url=database_url) as world:
        yield world
