"""How often a key may ask for numbers that are somebody else's: that is no way to find out who is here."""

from collections.abc import Callable
from datetime import datetime, timedelta

from application.access import Actor, Role
from application.eventstore.database import Database
from domain.refusal import Fault, Reason, Refused, refuses

MOST_AN_HOUR = 60
_KEPT = timedelta(days=1)
TOO_MANY_CLAIMS = Reason(
    code="too_many_claims",
    zh="此密钥一小时内提交的已占用号码过多",
    en="This key has asked for too many taken numbers within an hour.",
)


class TooManyClaims(Refused):
    """The key may ask for no number more in this hour. `retry_after` is how many seconds are left of it."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(Fault(reason=TOO_MANY_CLAIMS))
        self.retry_after = retry_after


class FailedClaims:
    """Counts by key and hour how often a number was somebody else's, for all processes."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    @refuses(TOO_MANY_CLAIMS)
    def refuse(self, actor: Actor) -> None:
        """Raise `TooManyClaims` where the actor may ask for no number now; who runs the ledger always may."""
        if actor.role is Role.SYSTEM:
            return
        now, hour = self._now(), _hour(self._now())
        row = self._database.one(
            "SELECT failed FROM failed_claim WHERE actor = :actor AND hour = :hour",
            actor=_named(actor),
            hour=hour,
        )
        if row is not None and row["failed"] >= MOST_AN_HOUR:
            left = hour + timedelta(hours=1) - now
            raise TooManyClaims(retry_after=max(1, int(left.total_seconds())))

    def note(self, actor: Actor) -> None:
        """Count one more."""
        if actor.role is Role.SYSTEM:
            return
        hour = _hour(self._now())
        with self._database.transaction() as tx:
            tx.run("DELETE FROM failed_claim WHERE hour < :old", old=hour - _KEPT)
            tx.run(
                "INSERT INTO failed_claim (actor, hour, failed) VALUES (:actor, :hour, 1)"
                " ON CONFLICT (actor, hour) DO UPDATE SET failed = failed_claim.failed + 1",
                actor=_named(actor),
                hour=hour,
            )


def _named(actor: Actor) -> str:
    """Name whom a key belongs to, so that another key of its counts with it."""
    return str(actor.principal or f"{actor.org}\n{actor.name}")


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
