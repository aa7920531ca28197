"""Where a ledger lies: how its place is named, and what is said where nothing is there."""

from pathlib import Path
from urllib.parse import urlsplit

from application.eventstore.migrations.migrate import NotMigrated
from application.keys.ledger import WrongKeys
from application.reasons import KEYS_EMPTY
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


def refuse_missing(settings: Settings) -> None:
    """Raise NoLedger where the file of the events is not there, WrongKeys where only that of the keys is not.

    Of a server only opening it can tell.
    """
    if not _is_there(settings.database_url):
        raise NoLedger(place_of(settings.database_url))
    if not _is_there(settings.keys_url):
        raise WrongKeys(reason=KEYS_EMPTY)


def nothing_there(settings: Settings) -> bool:
    """Tell whether all stores are files and none of them is there."""
    return not _is_there(settings.database_url) and not _is_there(settings.keys_url)


def _is_there(url: str) -> bool:
    """Tell whether anything was ever written into a file; a server is taken to be there."""
    if not url.startswith("sqlite:"):
        return True
    file = sqlite_path(url)
    return file.exists() and file.stat().st_size > 0
