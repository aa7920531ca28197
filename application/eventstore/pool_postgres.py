"""The pool of connections to PostgreSQL: psycopg's, with a short way for a connection that is whole.

Nearly always one is free, comes back idle, and nobody waits for it. Then it changes hands under the pool's
lock and no more; whatever else there is to do, psycopg's own ways do. Who takes one gets that which came back
last: its server process has the statements ready, and what they read.
"""

from time import monotonic

from psycopg import pq
from psycopg_pool import ConnectionPool

from application.eventstore.prepared_postgres import Connection


class Pool(ConnectionPool[Connection]):
    """Lends connections. It rests on the inside of psycopg's pool: see its test."""

    def getconn(self, timeout: float | None = None) -> Connection:
        """Take a connection that is free; where none is, wait as psycopg does."""
        with self._lock:
            if self._pool and not self._closed:
                connection = self._pool.pop()
                self._nconns_min = min(self._nconns_min, len(self._pool))
                connection._pool = self  # noqa: SLF001  as psycopg's pool does
                return connection
        return super().getconn(timeout)

    def putconn(self, conn: Connection) -> None:
        """Give a connection back."""
        if (
            conn.pgconn.transaction_status == pq.TransactionStatus.IDLE
            and getattr(conn, "_pool", None) is self
            and self._drained_at < conn._created_at  # noqa: SLF001
            and monotonic() < conn._expire_at  # noqa: SLF001
        ):
            with self._lock:
                if not self._closed and not self._waiting:
                    conn._pool = None  # noqa: SLF001
                    self._pool.append(conn)
                    return
        super().putconn(conn)
