"""The cards of children: kept sealed beside the log, and made of the file wherever none holds (ADR 52).

A row is sealed with the child's own key, so that nobody can read it any more once that is destroyed. It names
the event that it was written at, and is used only while that is the last one of the file: the statement that
reads rows says so, and the seal is bound to that event. Whatever is wrong with a row, the file is folded.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from struct import Struct
from typing import NamedTuple
from uuid import UUID

import msgspec

from application.eventstore.database import Database, Superseded
from application.eventstore.keyring import Keyring
from application.eventstore.log import UNREADABLE, EventLog
from application.eventstore.seal import Lock, OtherKey, Tampered, lock_of, seal, unseal
from application.readable import Unreadable, readable
from domain.card import Card, card_of, decoded, edition, encoded
from domain.child import fold
from domain.event import Event

DDL = (
    # `sealed` is empty, and `position` 0, where the file has to be folded: it can't be read, or was erased.
    """
    CREATE TABLE child_card (
        child_id uuid PRIMARY KEY,
        version bigint NOT NULL,
        edition text NOT NULL,
        position bigint NOT NULL,
        sealed bytea NOT NULL
    )
    """,
)
_LAST = (
    "FROM child_card AS c JOIN events AS e ON e.notification_id = c.position"
    " AND e.originator_id = c.child_id AND e.originator_version = c.version"
    " WHERE c.edition = :edition AND NOT EXISTS (SELECT 1 FROM events AS later"
    " WHERE later.originator_id = c.child_id AND later.originator_version = c.version + 1)"
)
_ROWS = (
    f"SELECT c.child_id, c.version, c.position, e.event_id, e.recorded_at, c.sealed {_LAST}"
    " AND c.child_id IN :ids"
)
_STALE = (
    "SELECT s.child_id, s.version FROM child_status AS s LEFT JOIN child_card AS c"
    " ON c.child_id = s.child_id AND c.version >= s.version AND c.edition = :edition"
    " WHERE c.child_id IS NULL ORDER BY s.child_id LIMIT :limit"
)
Streams = Mapping[UUID, Sequence[Event]]
# What a seal is bound to. No event's begins in this way.
_PLACE = Struct(">9x16sqq16sq")
AT_ONCE = 200
# Looking for cards that are due reads through all children: for this part of the time at most,
_RESTS = 20
# and this often also where nothing was recorded, for keys that were destroyed.
LOOKS_SECONDS = 60.0


class _Written(NamedTuple):
    """At which event a card was written: what its seal is bound to."""

    child_id: UUID
    version: int
    position: int
    event_id: UUID
    recorded_at: datetime


class Cards:
    """Reads the cards of children, and keeps those of the present."""

    def __init__(
        self,
        *,
        log: EventLog,
        database: Database,
        keyring: Keyring,
        told: Callable[[Streams], None] = lambda _streams: None,
    ) -> None:
        """`told` is given each file that has grown, as it is read for its card."""
        self._told = told
        self._log = log
        self._database = database
        self._keyring = keyring
        self._kept_to = -1
        self._rests_until = self._looks_at = 0.0

    def of(
        self,
        ids: Sequence[UUID],
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        unreadable: Unreadable | None,
    ) -> Iterator[tuple[UUID, Card]]:
        """Go through the cards of children, under two clocks, in their order.

        Who has no file, or had none then, is left out. `unreadable` is told of files that can't be read;
        without it that is raised. `as_of` and `known_at` are as in `domain.ledger.facts.fold` and
        `EventLog.streams`.
        """
        found = {
            card.child_id: card
            for card in self.kept(ids)
            if (known_at is None or card.recorded_at <= known_at)
            and (as_of is None or card.last_day is None or card.last_day <= as_of)
        }
        missing = [child_id for child_id in ids if child_id not in found]
        if missing:
            for child_id, events in readable(self._log, missing, known_at=known_at, unreadable=unreadable):
                if events:
                    found[child_id] = card_made(child_id, events, as_of=as_of)
        for child_id in ids:
            if (card := found.get(child_id)) is not None:
                yield child_id, card

    def kept(self, ids: Sequence[UUID]) -> Iterator[Card]:
        """Go through those cards that are kept and hold."""
        return (card for _, card in self._opened(ids) if card is not None)

    def _opened(self, ids: Sequence[UUID]) -> Iterator[tuple[UUID, Card | None]]:
        """Open the rows that were written at the last event of a file; None is one that can't be opened."""
        rows = self._database.tuples(_ROWS, ids=tuple(ids), edition=edition()) if ids else []
        keys = self._keyring.existing([row[0] for row in rows]) if rows else {}
        for *written, sealed in rows:
            if (key := keys.get(written[0])) is not None:
                yield written[0], _opened(key, _Written(*written), sealed)

    def keep(self) -> int:
        """Write the cards of some children who have none that holds; return how many were looked at.

        0 where there is nothing to do now. Of several processes one does so at a time.
        """
        now, (head, _) = time.monotonic(), self._log.head()
        if now < self._rests_until or (head == self._kept_to and now < self._looks_at):
            return 0
        with self._database.advisory("child_cards") as mine:
            if not mine:
                return 0
            self._forget_erased()
            due = self._due()
            self.write(due)
        if len(due) < AT_ONCE:
            done = time.monotonic()
            self._kept_to, self._looks_at = head, done + LOOKS_SECONDS
            self._rests_until = done + _RESTS * (done - now)
        return len(due)

    def rebuild(self) -> Iterator[int]:
        """Throw every card away and write all anew; yields how many were looked at each time."""
        with self._database.transaction() as tx:
            tx.run("DELETE FROM child_card")
        while due := self._due():
            self.write(due)
            yield len(due)

    def write(self, children: Mapping[UUID, int]) -> None:
        """Write the cards of some children; beside each the version that its file has at the least."""
        if not children:
            return
        generation = self._database.generation
        made = dict(self._made(list(children)))
        nothing = {"edition": edition(), "position": 0, "sealed": b""}
        rows = [
            {"child_id": child_id, **(made.get(child_id) or {"version": version, **nothing})}
            for child_id, version in sorted(children.items())
        ]
        try:
            with self._database.transaction() as tx:
                # What was read in another life of the server is not what this one holds.
                self._database.refuse_superseded(generation)
                tx.upsert(table="child_card", key=("child_id",), rows=rows)
        except Superseded:
            return

    def differing(self, *, but: Collection[UUID] = ()) -> Iterator[tuple[UUID, str]]:
        """Compare every card with its file, `but` those of some children: whose is not like it, and how."""
        found = self._database.tuples("SELECT child_id FROM child_card ORDER BY child_id")
        ids = [child_id for (child_id,) in found if child_id not in but]
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            streams, kept = self._log.streams(some), dict(self._opened(some))
            for child_id, events in streams.items():
                if not events:
                    yield child_id, "left over"
                elif child_id in kept and (wrong := _wrong(kept[child_id], card_made(child_id, events))):
                    yield child_id, wrong

    def _due(self) -> dict[UUID, int]:
        return dict(self._database.tuples(_STALE, edition=edition(), limit=AT_ONCE))

    def _made(self, ids: Sequence[UUID]) -> Iterable[tuple[UUID, dict[str, object]]]:
        """Make the rows of those children whose files can be read and are not erased."""
        try:
            streams, keys = self._log.load_many(ids)
        except UNREADABLE:
            if len(ids) > 1:
                half = len(ids) // 2
                for some in (ids[:half], ids[half:]):
                    yield from self._made(some)
            return
        self._told(streams)
        for child_id, events in streams.items():
            if events and not any(event.erased for event in events) and child_id in keys.of:
                yield child_id, self._row(events, lock=keys.of[child_id])

    def _row(self, events: Sequence[Event], *, lock: Lock) -> dict[str, object]:
        last = events[-1]
        assert last.position is not None
        assert last.recorded_at is not None
        written = _Written(
            last.originator_id, last.originator_version, last.position, last.event_id, last.recorded_at
        )
        text = encoded(card_made(last.originator_id, events))
        return {
            "version": written.version,
            "edition": edition(),
            "position": written.position,
            "sealed": seal(lock, text, aad=_bound(*written), nonce=self._keyring.nonce()),
        }

    def _forget_erased(self) -> None:
        """Empty the cards of those whose keys were destroyed: nobody can read them any more."""
        if destroyed := self._keyring.destroyed():
            with self._database.transaction() as tx:
                tx.run(
                    "UPDATE child_card SET position = 0, sealed = :nothing"
                    " WHERE position > 0 AND child_id IN :ids",
                    ids=tuple(destroyed),
                    nothing=b"",
                )


def card_made(child_id: UUID, events: Sequence[Event], *, as_of: date | None = None) -> Card:
    """Make a card of a file that is not empty."""
    return card_of(fold(child_id, events, as_of=as_of), last=events[-1])


def _wrong(kept: Card | None, made: Card) -> str | None:
    """Return what is wrong with a kept card beside that which its file makes, which may have grown since."""
    if kept is None:
        return "sealed"
    return "differs" if kept.version == made.version and encoded(kept) != encoded(made) else None


def _opened(key: bytes, written: _Written, sealed: bytes) -> Card | None:
    """Open a card; None where it was written at another event, with another key, or was changed."""
    try:
        return decoded(unseal(lock_of(key), sealed, aad=_bound(*written)))
    except (OtherKey, Tampered, msgspec.DecodeError):
        return None


def _bound(child_id: UUID, version: int, position: int, event_id: UUID, recorded_at: datetime) -> bytes:
    """Return what the seal of a card vouches for beside the card itself."""
    at = int(recorded_at.timestamp() * 1_000_000)
    return _PLACE.pack(child_id.bytes, version, position, event_id.bytes, at) + edition().encode()
