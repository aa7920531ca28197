"""Which life of a database server an answer is from.

A server that was promoted, restored or started again may have lost what it acknowledged, or hold something
else in the same place. What is kept in memory of a database holds for one life of its server.
"""

from typing import Any

# All by which one life differs from another, in order. On a standby there is no file that is being written.
COLUMNS = (
    "(SELECT system_identifier FROM pg_control_system())",
    "(SELECT oid FROM pg_database WHERE datname = current_database())",
    """CASE WHEN pg_is_in_recovery() THEN 'standby'
    ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END""",
    "pg_postmaster_start_time()",
)
LIFE = f"SELECT {', '.join(COLUMNS)}"

# What `COLUMNS` give, or of a file what tells it from another of its name.
Life = tuple[Any, ...]
