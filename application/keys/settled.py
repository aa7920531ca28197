"""Between two rows of one API key, in two databases of keys, its events decide."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from application.access import Role
from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.log import UNREADABLE, EventLog
from application.eventstore.migrations.migrate import has_table
from application.keys.api_keys import agree
from application.keys.rows import ApiKey, KeyRows, row_replaced
from domain.streams.principals.principal import KeyIssued, fold_principal


def settle(
    theirs: Database,
    *,
    new: Collection[str] = (),
    own: Database,
    keyring: Keyring,
    log: EventLog,
    now: Callable[[], datetime],
) -> tuple[Sequence[str], Sequence[str]]:
    """Decide by their events on the API keys whose rows differ from those of another database.

    `own` is the database of this side, `keyring` reads it, and `log` holds the events. The row that is whole
    and agrees with the last event of the key stays, or is taken over. A `new` one, which came from there, is
    bound to that event. Return the ids of the keys that were changed, and of those that nothing decides
    on.
    """
    if not has_table(theirs, "api_key"):
        return (), ()
    sides = _Sides(
        here=KeyRows(database=own, keyring=keyring),
        there=KeyRows(database=theirs, keyring=keyring),
        own=own,
        theirs=theirs,
        log=log,
        now=now,
    )
    listed = [key.key_id for key in sides.there.keys()]  # noqa: SIM118  rows, no mapping
    decided = {key_id: sides.decide(key_id, is_new=key_id in new) for key_id in listed}
    changed = [key_id for key_id, outcome in decided.items() if outcome is _Outcome.CHANGED]
    return changed, [key_id for key_id, outcome in decided.items() if outcome is _Outcome.UNDECIDED]


class _Outcome(Enum):
    """What became of a key: its row stays, was changed, or nothing decides on it."""

    STAYS = auto()
    CHANGED = auto()
    UNDECIDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """The rows of this side and of the other, and the log that decides between them."""

    here: KeyRows
    there: KeyRows
    own: Database
    theirs: Database
    log: EventLog
    now: Callable[[], datetime]

    def decide(self, key_id: str, *, is_new: bool) -> _Outcome:
        """Let the last event of a key decide on its two rows, where they differ or it is new."""
        mine, other = self.here.find(key_id), self.there.find(key_id)
        if mine is None or other is None or (_bare(mine) == _bare(other) and not is_new):
            return _Outcome.STAYS
        try:
            stated = fold_principal(mine[0].principal_id, self.log.stream(mine[0].principal_id)).keys
        except UNREADABLE:
            return _Outcome.UNDECIDED
        if key_id not in stated:
            # A new one is from before there were events of keys.
            return _Outcome.STAYS if is_new else _Outcome.UNDECIDED
        if _stands(mine[0], stated[key_id]):
            return _Outcome.STAYS
        if _stands(other[0], stated[key_id]):
            row_replaced(self.own, self.theirs, key_id)
        elif is_new and not mine[0].changed:
            self.here.replace(_as_stated(mine[0], stated[key_id], now=self.now()), mine[1])
        else:
            return _Outcome.UNDECIDED
        return _Outcome.CHANGED


def _stands(row: ApiKey, stated: KeyIssued | None) -> bool:
    return not row.changed and agree(row, stated)


def _as_stated(key: ApiKey, stated: KeyIssued | None, *, now: datetime) -> ApiKey:
    if stated is None:
        return replace(key, revoked_at=now)
    return replace(
        key,
        role=Role(stated.role),
        org=stated.scope,
        types=None if stated.all_types else stated.types,
        expires_at=stated.expires_at,
    )


def _bare(found: tuple[ApiKey, bytes]) -> tuple[ApiKey, bytes]:
    """Return a key without its use, in which two databases always differ."""
    return replace(found[0], last_used_at=None), found[1]
