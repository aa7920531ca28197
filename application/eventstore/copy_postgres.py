"""A copy of a live PostgreSQL database by its own tools, and the way back.

What the tools need to know to connect goes through their environment: arguments can be read by everybody on
the machine.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from application.eventstore.conninfo import conninfo, has_several_hosts
from application.eventstore.database import WAIT_SECONDS, Database, DatabaseError, DatabaseUnavailable
from domain.refusal import Reason, invalid

_INSTALLED = Path("/usr/lib/postgresql")
_VERSION_SECONDS = 20
_TABLES = """
SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""


def copy_postgres(
    database: Database, url: str, target: Path, *, ask: Sequence[str], limit_seconds: float
) -> list[list[tuple[Any, ...]]]:
    """Dump a database in PostgreSQL's custom format, and give what that same state answers to each of `ask`.

    Raises Invalid where the tool is missing or too old, DatabaseError, and DatabaseUnavailable when it
    takes too long.
    """
    dump = _tool("pg_dump", database)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with database.reading() as tx:
        # This connection only holds the state still while the tool reads it.
        tx.run("SET LOCAL idle_in_transaction_session_timeout = 0")
        ((snapshot,),) = tx.tuples("SELECT pg_export_snapshot()")
        answers = [tx.tuples(question) for question in ask]
        wait = f"--lock-wait-timeout={int(WAIT_SECONDS * 1000)}"
        how = ["--format=custom", "--no-password", wait, f"--snapshot={snapshot}", f"--file={target}"]
        _run([str(dump), *how], url=url, limit_seconds=limit_seconds)
    # A dump whose table of contents can't be read is none.
    _run([str(_tool("pg_restore", database)), "--list", str(target)], url=url, limit_seconds=limit_seconds)
    return answers


def restore_postgres(database: Database, url: str, source: Path, *, limit_seconds: float) -> None:
    """Bring a dump into an empty database, all of it or nothing. Raises as `copy_postgres` does."""
    restore = _tool("pg_restore", database)
    how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    name = str(conninfo_to_dict(url).get("dbname") or "")
    _run([str(restore), *how, f"--dbname={name}", str(source)], url=url, limit_seconds=limit_seconds)


def is_empty(database: Database) -> bool:
    """Return whether a database has no tables of anybody's."""
    ((number,),) = database.tuples(_TABLES)
    return int(number) == 0


def _tool(name: str, database: Database) -> Path:
    """Find the tool of the server's version, else the next newer: an older one can't read the server."""
    ((number,),) = database.tuples("SELECT current_setting('server_version_num')")
    server = int(number) // 10_000
    found = [Path(path) for path in (shutil.which(name),) if path]
    found += sorted(_INSTALLED.glob(f"*/bin/{name}"))
    versions = {path: version for path in found if (version := _version(path)) is not None}
    able = [path for path, version in versions.items() if version >= server]
    if not able:
        newest = max(versions.values(), default=None)
        zh, en = ("未找到", "there is none") if newest is None else (f"只有 {newest}", f"there is {newest}")
        raise invalid(
            Reason(
                code="tool_missing" if newest is None else "tool_too_old",
                zh=f"需要 PostgreSQL {server} 或更新版本的 {name}：{zh}",
                en=f"{name} of PostgreSQL {server} or newer is needed: {en}",
            )
        )
    return min(able, key=lambda path: versions[path])


def _version(tool: Path) -> int | None:
    try:
        said = subprocess.run(  # noqa: S603  a program of PostgreSQL's
            [str(tool), "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(number[1]) if number else None


def _run(arguments: Sequence[str], *, url: str, limit_seconds: float) -> None:
    tool = Path(arguments[0]).name
    try:
        done = subprocess.run(  # noqa: S603  a program of PostgreSQL's
            arguments,
            env=_environment(url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DatabaseUnavailable(f"{tool} has taken too long and was given up") from None
    if done.returncode != 0:
        # The first line alone: those after it quote rows, and of the keys the rows are the keys.
        lines = done.stderr.decode(errors="replace").splitlines()
        first = next((line for line in lines if "error:" in line), f"{tool} ended with {done.returncode}")
        raise DatabaseError(first[:300])


def _environment(url: str) -> dict[str, str]:
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar is not None
    }
    # Of several hosts the one whose state is held still; older tools know no other word for it than this.
    reached = conninfo(url) if has_several_hosts(url) else url
    given = {names[word]: str(value) for word, value in conninfo_to_dict(reached).items() if word in names}
    return {**os.environ, "LC_ALL": "C", **given}
