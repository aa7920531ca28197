"""Values as any engine gives them, and what none takes, whichever of them it is given to."""

from datetime import datetime


def refuse_nul(text: str) -> None:
    """Raise ValueError for text that PostgreSQL cannot store."""
    if "\x00" in text:
        raise ValueError("text must not hold a NUL")


def blob(value: object) -> bytes:
    """Return the bytes that lie in a column; none for a value of another type, which SQLite takes too."""
    return value if isinstance(value, bytes) else b""


def refuse_naive(moment: datetime) -> None:
    """Raise ValueError for a datetime that names no moment."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone names no moment")
