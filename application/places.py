"""Where a ledger lies: how its place is named, and what is said where nothing is there."""

from pathlib import Path
from urllib.parse import urlsplit

from application.eventstore.migrations.migrate import NotMigrated
from application.settings import Settings


class NoLedger(NotMigrated):
    """There is no store at the place that was named. None is made by whoever only reads."""


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(url.removeprefix("sqlite:///")).absolute()


def place_of(url: str) -> str:
    """Name the place of a database: the path of its file, or host and database without user and password."""
    if url.startswith("sqlite:"):
        return str(sqlite_path(url))
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def missing_files(settings: Settings) -> list[Path]:
    """Give the files of the stores that are not there, or in which nothing was ever written."""
    files = [sqlite_path(url) for url in _urls(settings) if url.startswith("sqlite:")]
    return [file for file in files if not file.exists() or not file.stat().st_size]


def refuse_missing(settings: Settings) -> None:
    """Raise NoLedger where a file of the stores is not there. Of a server only opening it can tell."""
    if missing := missing_files(settings):
        raise NoLedger(str(missing[0]))


def nothing_there(settings: Settings) -> bool:
    """Tell whether all stores are files and none of them is there."""
    return len(missing_files(settings)) == len(_urls(settings))


def _urls(settings: Settings) -> tuple[str, str]:
    return settings.database_url, settings.keys_url
