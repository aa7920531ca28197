"""A system for every test of the use cases, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.system import System
from tests.support.actions import Desk
from tests.support.organiser import Organiser
from tests.support.systems import StandingClock, fresh_system


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def system(tmp_path: Path, database_url: str, clock: StandingClock) -> Iterator[System]:
    with fresh_system(tmp_path, database_url=database_url, clock=clock) as system:
        yield system


@pytest.fixture
def desk(system: System) -> Desk:
    return Desk(system)


@pytest.fixture
def organiser(desk: Desk) -> Organiser:
    return Organiser(desk)
