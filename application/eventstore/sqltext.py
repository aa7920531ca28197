"""The small part of SQL that the two engines spell differently."""

import re
from functools import lru_cache

# Text inside quotes and comments is passed over; what is left may hold a parameter.
_TOKEN = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|::)
      | \b(?P<member>(?P<not>NOT\s+)?IN\s+):(?P<values>[A-Za-z_]\w*)
      | :(?P<name>[A-Za-z_]\w*)
      | (?P<percent>%)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_UNFOLDED = "(SELECT value FROM json_each(:{}))"
# It holds for the one statement that it is a part of: no connection is ever set so that an event may be lost.
_HASTE = "haste AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
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
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The text with the numbered parameters of PostgreSQL itself, and their names in this order."""
    numbers: dict[str, int] = {}

    def spelled(found: re.Match[str]) -> str:
        if found["quoted"] or found["percent"]:
            return found[0]
        number = numbers.setdefault(found["values"] or found["name"], len(numbers) + 1)
        if found["member"]:
            return f"{'<> ALL' if found['not'] else '= ANY'}(${number})"
        return f"${number}"

    return _TOKEN.sub(spelled, sql), tuple(numbers)


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """The text with lists unfolded out of one JSON parameter: SQLite has no arrays."""

    def spelled(found: re.Match[str]) -> str:
        if found["member"]:
            return found["member"] + _UNFOLDED.format(found["values"])
        return found[0]

    return _TOKEN.sub(spelled, sql)


@lru_cache(maxsize=1024)
def by_place(sql: str) -> tuple[str, tuple[str, ...]]:
    """The same with numbered parameters, and their names in this order."""
    numbers: dict[str, int] = {}

    def spelled(found: re.Match[str]) -> str:
        if found["quoted"] or found["percent"]:
            return found[0]
        number = numbers.setdefault(found["name"], len(numbers) + 1)
        return f"?{number}"

    return _TOKEN.sub(spelled, for_sqlite(sql)), tuple(numbers)


def identifier(name: str) -> str:
    """A table or column name, quoted. Raises ValueError for anything but a plain lower-case name."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError("a table or column name is made of lower-case letters, digits and underscores")
    return f'"{name}"'


@lru_cache(maxsize=1024)
def upsert_statement(*, table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """An INSERT of one row that replaces the row of the same key."""
    return f"{_insert(table=table, columns=columns)} {_replacing(key=key, columns=columns)}"


@lru_cache(maxsize=1024)
def upsert_document_statement(
    *, table: str, key: tuple[str, ...], columns: tuple[str, ...], document: str, condition: str = ""
) -> str:
    """An INSERT of the rows in the JSON parameter `document` that replaces rows of the same key.

    For PostgreSQL, which knows the types by the table. One text for any number of rows, prepared once.
    `condition` is a WHERE clause about all of them.
    """
    name, names = identifier(table), ", ".join(map(identifier, columns))
    return (
        f"INSERT INTO {name} ({names}) SELECT {names} "  # noqa: S608  every name is checked
        f"FROM json_populate_recordset(CAST(NULL AS {name}), CAST(:{document} AS json)) {condition} "
        f"{_replacing(key=key, columns=columns)}"
    )


@lru_cache(maxsize=1024)
def upsert_beside_statement(
    *, table: str, key: tuple[str, ...], columns: tuple[str, ...], prefix: str, source: str
) -> str:
    """An INSERT of one row for each that `source` has, which replaces the row of the same key.

    Its values are parameters by the names of the columns, after `prefix`.
    """
    name, names = identifier(table), ", ".join(map(identifier, columns))
    values = ", ".join(f":{prefix}{column}" for column in columns)
    return (
        f"INSERT INTO {name} ({names}) SELECT {values} FROM {identifier(source)} "  # noqa: S608  as above
        f"{_replacing(key=key, columns=columns)}"
    )


@lru_cache(maxsize=1024)
def hasty_statement(sql: str) -> str:
    """A statement with RETURNING that does not wait until PostgreSQL has it on its disk."""
    return f"WITH {_HASTE}, done AS ({sql}) SELECT done.* FROM done, haste"  # noqa: S608  a whole statement


@lru_cache(maxsize=1024)
def exchange_statement(
    *,
    taken: str,
    dropped: tuple[str, ...],
    table: str,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    document: str,
    lasting: bool,
) -> str:
    """A DELETE with what is done beside it where it finds its row, in parts of one statement.

    The last of them puts the rows in the JSON parameter `document` in; one that is there as it is stays
    untouched. For PostgreSQL, where every part sees the state before the statement.
    """
    found = "EXISTS (SELECT FROM taken)"
    parts = [f"taken AS ({taken} RETURNING 1)"]
    parts += [f"dropped_{number} AS ({text} AND {found})" for number, text in enumerate(dropped)]
    if columns:
        names = [identifier(name) for name in columns]
        there = ", ".join(f"{identifier(table)}.{name}" for name in names)
        given = ", ".join(f"excluded.{name}" for name in names)
        put = upsert_document_statement(
            table=table, key=key, columns=columns, document=document, condition=f"WHERE {found}"
        )
        unless_same = f" WHERE ({there}) IS DISTINCT FROM ({given})" if set(columns) > set(key) else ""
        parts.append(f"put AS ({put}{unless_same})")
    if not lasting:
        parts.append(_HASTE)
    answer = "taken" if lasting else "taken, haste"
    return f"WITH {', '.join(parts)} SELECT 1 FROM {answer}"  # noqa: S608  made of whole statements


@lru_cache(maxsize=1024)
def claim_statement(*, table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """An INSERT of one row that touches nothing when its key is there already."""
    return f"{_insert(table=table, columns=columns)} {_on_conflict(key)} DO NOTHING"


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


def _insert(*, table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(map(identifier, columns))
    values = ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {identifier(table)} ({names}) VALUES ({values})"  # noqa: S608  every name is checked


def _replacing(*, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    changes = [f"{identifier(name)} = excluded.{identifier(name)}" for name in columns if name not in key]
    action = f"DO UPDATE SET {', '.join(changes)}" if changes else "DO NOTHING"
    return f"{_on_conflict(key)} {action}"


def _on_conflict(key: tuple[str, ...]) -> str:
    return f"ON CONFLICT ({', '.join(map(identifier, key))})"
