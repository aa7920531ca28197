"""Clocks that are wrong: a database whose clock was moved, a process whose host's clock was moved."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

_MOVED = """
CREATE OR REPLACE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT pg_catalog.clock_timestamp() + interval '{} seconds' $$
"""


def move_clock(url: str, by: timedelta) -> None:
    """This will set what a database on PostgreSQL takes for its clock; connections made later go by it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS moved")
        connection.execute(_MOVED.format(by.total_seconds()).encode())
        name = sql.Identifier(connection.info.dbname)
        # After the schema of the tables, before that of the server's own functions.
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET search_path = public, moved, pg_catalog").format(name)
        )


def shifted(by: timedelta, *, folder: Path) -> dict[str, str]:
    """This will give the environment in which a process finds its host's clock set on by this much."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("without a C compiler no process has a clock of its own")
    library = folder / "shifted_clock.so"
    if not library.exists():
        source = Path(__file__).with_name("shifted_clock.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT_SECONDS": str(int(by.total_seconds()))}
