"""Between two rows of one API key, in two databases of keys, its events decide."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

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
    here = KeyRows(database=own, keyring=keyring)
    there = KeyRows(database=theirs, keyring=keyring)
    changed, left = [], []
    listed = there.keys()
    for key_id in (key.key_id for key in listed):
        mine, other = here.find(key_id), there.find(key_id)
        if mine is None or other is None or (_bare(mine) == _bare(other) and key_id not in new):
            continue
        try:
            stated = fold_principal(mine[0].principal_id, log.stream(mine[0].principal_id)).keys
        except UNREADABLE:
            left.append(key_id)
            continue
        if key_id not in stated:
            # A new one is from before there were events of keys.
            left += [key_id] if key_id not in new else []
        elif _stands(mine[0], stated[key_id]):
            continue
        elif _stands(other[0], stated[key_id]):
            row_replaced(own, theirs, key_id)
            changed.append(key_id)
        elif key_id in new and not mine[0].changed:
            here.replace(_as_stated(mine[0], stated[key_id], now=now()), mine[1])
            changed.append(key_id)
        else:
            left.append(key_id)
    return changed, left


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
