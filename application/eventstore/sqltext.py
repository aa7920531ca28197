"""The small part of SQL that the two engines spell differently."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

# Text inside quotes and comments is passed over; what is left may hold a parameter.
_TOKEN = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|::)
      | \b(?P<member>(?P<not>NOT\s+)?IN\s+):(?P<values>[A-Za-z_]\w*)
      | :(?P<name>[A-Za-z_]\w*)
      | (?P<percent>%)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_UNFOLDED = "(SELECT value FROM json_each(:{}))"
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """The text with the parameters of psycopg."""

    def spelled(found: re.Match[str]) -> str:
        if found["quoted"] or found["percent"]:
            return found[0].replace("%", "%%")
        if found["member"]:
            return f"{'<> ALL' if found['not'] else '= ANY'}(%({found['values']})s)"
        return f"%({found['name']})s"

    return _TOKEN.sub(spelled, sql)


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """The text with lists unfolded out of one JSON parameter: SQLite has no arrays."""

    def spelled(found: re.Match[str]) -> str:
        if found["member"]:
            return found["member"] + _UNFOLDED.format(found["values"])
        return found[0]

    return _TOKEN.sub(spelled, sql)


def identifier(name: str) -> str:
    """A table or column name, quoted. Raises ValueError for anything but a plain lower-case name."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError("a table or column name is made of lower-case letters, digits and underscores")
    return f'"{name}"'


@lru_cache(maxsize=1024)
def upsert_statement(*, table: str, key: tuple[str, ...], columns: tuple[str, ...], count: int) -> str:
    """An INSERT of `count` rows, whose parameters `flattened` names, that replaces rows of the same key."""
    changes = [f"{identifier(name)} = excluded.{identifier(name)}" for name in columns if name not in key]
    action = f"DO UPDATE SET {', '.join(changes)}" if changes else "DO NOTHING"
    return f"{_insert(table=table, columns=columns, count=count)} {_on_conflict(key)} {action}"


@lru_cache(maxsize=1024)
def claim_statement(*, table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """An INSERT of one row that touches nothing when its key is there already."""
    return f"{_insert(table=table, columns=columns, count=1)} {_on_conflict(key)} DO NOTHING"


@lru_cache(maxsize=1024)
def lookup_statement(*, table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """A SELECT of columns of the row with a key."""
    wanted = ", ".join(map(identifier, columns))
    matches = " AND ".join(f"{identifier(name)} = :{name}" for name in key)
    return f"SELECT {wanted} FROM {identifier(table)} WHERE {matches}"  # noqa: S608  every name is checked


@lru_cache(maxsize=1024)
def delete_statement(*, table: str, key: tuple[str, ...]) -> str:
    """A DELETE of the row with a key."""
    matches = " AND ".join(f"{identifier(name)} = :{name}" for name in key)
    return f"DELETE FROM {identifier(table)} WHERE {matches}"  # noqa: S608  every name is checked


def flattened(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of many rows under the names that the statements above give them."""
    return {f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()}


def _insert(*, table: str, columns: tuple[str, ...], count: int) -> str:
    names = ", ".join(map(identifier, columns))
    rows = ", ".join(f"({', '.join(f':{name}_{row}' for name in columns)})" for row in range(count))
    return f"INSERT INTO {identifier(table)} ({names}) VALUES {rows}"  # noqa: S608  every name is checked


def _on_conflict(key: tuple[str, ...]) -> str:
    return f"ON CONFLICT ({', '.join(map(identifier, key))})"
