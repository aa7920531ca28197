"""A system on empty databases, with a clock that stands still until it is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from application.settings import read_settings
from application.system import System
from tests.support.databases import opened

NOON = datetime(2026, 6, 30, 4, tzinfo=UTC)


class StandingClock:
    """A clock that gives `now` and moves only when it is told to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        """Move the clock on by a timedelta's worth."""
        self.now += timedelta(**delta)


@contextmanager
def fresh_system(
    folder: Path, *, database_url: str | None = None, clock: StandingClock | None = None
) -> Iterator[System]:
    """Return a migrated system over `database_url`, or over SQLite in `folder`; its keys lie in `folder`."""
    environ = {"CARELEDGER_DATA_DIR": str(folder)} | (
        {"CARELEDGER_DATABASE_URL": database_url} if database_url else {}
    )
    settings = read_settings(environ)
    system = opened(settings, clock=clock or StandingClock())
    try:
        yield system
    finally:
        system.close()
