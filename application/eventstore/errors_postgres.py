"""What PostgreSQL's driver raises, as the errors of `database`."""

from types import TracebackType

import psycopg
from psycopg import errors

from application.eventstore.database import AppendOnly, DatabaseError, DatabaseUnavailable, UniqueViolation

# Nobody's mistake: try again later.
_UNAVAILABLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.IdleInTransactionSessionTimeout,
    errors.TransactionTimeout,
)


class SpentConnection(DatabaseUnavailable):
    """The connection is of no more use and is closed: the next one may do."""


class StalePlan(SpentConnection):
    """The driver keeps a statement ready whose table has got other columns since: nothing was run."""


class NotPrimary(SpentConnection):
    """The connection leads to a server that takes no writes: a standby, or one that was set to read-only."""


class translated:  # noqa: N801  used as a function; a generator would cost more than what is most often in it
    """Turn what the driver raises into the errors of `database`."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End."""
        if isinstance(error, psycopg.Error):
            raise translation(error) from None


def translation(error: psycopg.Error, *, reader: bool = False) -> DatabaseError:
    """Return the error of `database`, without the text of the driver: its details quote values of the row."""
    if isinstance(error, errors.UniqueViolation):
        return UniqueViolation(f"{error.diag.table_name}: {error.diag.constraint_name}")
    if isinstance(error, errors.RestrictViolation):
        return AppendOnly(str(error.diag.message_primary))
    if isinstance(error, errors.ReadOnlySqlTransaction) and not reader:
        return NotPrimary(_described(error))
    # The code, 0A000, stands for anything that is not supported, and the text is in the server's language.
    if error.diag.source_function == "RevalidateCachedQuery":
        return StalePlan(_described(error))
    if isinstance(error, _UNAVAILABLE):
        return DatabaseUnavailable(_described(error))
    return DatabaseError(_described(error))


def _described(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return f"{type(error).__name__} {error.diag.constraint_name or ''}".strip()
    return str(error.diag.message_primary or error)
