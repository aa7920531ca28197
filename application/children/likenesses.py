"""The keyed digests by which files that may be of one child are found (ADR 50).

They lie under their county and are made of two facts each, so none of them answers a guess of one. They are
written with the events that change them, and taken away at erasure.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain, repeat
from uuid import UUID

from application.children.digest_rows import BYTES, FIRST, LOOKS_SECONDS, DigestRows, ddl_of, still_at
from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.eventstore.values import blob
from application.readable import readable
from domain.catalogue import details_with
from domain.child import Child, fold
from domain.doubles import Mark, Traits, traits_of
from domain.effects import Effect
from domain.event import Event
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.org import county_of
from domain.subtree import WITHIN, below

TABLE = "likeness"
DDL = ddl_of(TABLE)
SECRET = "likeness"  # noqa: S105  the name of one
# Stands in no part of a mark: blanks and what has no shape are not in a normal form.
_BETWEEN = "\x1f"
MOST_PAIRS = 5000
# What may change who a child is said to be, and by whom.
TELLING = (
    *(
        details
        for effect in (
            Effect.IDENTIFIES,
            Effect.CHANGES_PROFILE,
            Effect.TELLS_OF_PARENT,
            Effect.NAMES_GUARDIAN,
            Effect.PLACES,
            Effect.PLACES_ON_LINE,
            Effect.LEAVES_LINE,
            Effect.MERGES,
        )
        for details in details_with(effect)
    ),
    EventCorrected,
    EventVoided,
)
_HERE = f"(SELECT child_id FROM child_status WHERE {WITHIN})"  # noqa: S608  a constant
# A list of bytes is no parameter that both engines know: each of them has its own name.
_ASKED = 200
_NAME = "digest_{}".format
# Hardly any digest is somebody's: they come first, or SQLite would go through the whole subtree each time.
_HOLDING = (
    "SELECT digest, likeness.child_id FROM likeness CROSS JOIN child_status"  # noqa: S608  constants
    f" WHERE digest IN ({', '.join(f':{_NAME(number)}' for number in range(_ASKED))})"
    f" AND child_status.child_id = likeness.child_id AND {WITHIN} ORDER BY digest, likeness.child_id"
)
_PAIRS = (
    "SELECT DISTINCT one.child_id, other.child_id FROM likeness one"  # noqa: S608  constants
    " JOIN likeness other ON other.digest = one.digest AND other.child_id > one.child_id"
    f" WHERE one.child_id IN {_HERE} AND other.child_id IN {_HERE} LIMIT :most"
)


class Likenesses:
    """Makes the digests of who children are said to be, and finds by them."""

    table = TABLE
    secret = SECRET

    def __init__(self, *, database: Database, keyring: Keyring, log: EventLog) -> None:
        self.database = database
        self.keyring = keyring
        self.log = log
        self._rows = DigestRows(TABLE, database=database, keyring=keyring)
        self._looks_at = 0.0
        # The key of each county: a roster needs thousands of digests.
        self._of_counties: dict[str, bytes] = {}

    def rows(self, child: Child, events: Iterable[Event], *, before: Child) -> Sequence[Row]:
        """Make the rows that go with new events of a child, where they say who it is, or move it."""
        if not any(isinstance(event.details, TELLING) for event in events):
            return ()
        old, new = self.of_child(before), self.of_child(child)
        return self._rows.changed(child.child_id, kept=new - old, gone=old - new)

    def of_child(self, child: Child) -> frozenset[bytes]:
        """Return the digests of a child; none where it is nobody, or in no county."""
        traits = traits_of(child)
        return self.of(traits, county=county_of(child.org)) if traits is not None else frozenset()

    def of(self, traits: Traits, *, county: str) -> frozenset[bytes]:
        """Return the digests of who somebody is said to be, in a county."""
        marks = traits.marks if county else ()
        return frozenset(self._digest(mark, county=county) for mark in marks)

    def holding(self, digests: Collection[bytes], *, within: str) -> Mapping[bytes, tuple[UUID, ...]]:
        """Find who has each digest, in order; those of a subtree."""
        wanted, found = sorted(digests), dict[bytes, list[UUID]]()
        for start in range(0, len(wanted), _ASKED):
            some = wanted[start : start + _ASKED]
            # The last again and again, so that there is one text, whatever the number.
            asked = dict(zip(map(_NAME, range(_ASKED)), chain(some, repeat(some[-1])), strict=False))
            for digest, child_id in self.database.tuples(_HOLDING, **below(within), **asked):
                found.setdefault(blob(digest), []).append(child_id)
        return {digest: tuple(ids) for digest, ids in found.items()}

    def pairs(self, *, within: str) -> list[tuple[UUID, UUID]]:
        """Find the pairs of files of a subtree that share a digest; so many of them at most."""
        return self.database.tuples(_PAIRS, most=MOST_PAIRS, **below(within))

    def renew(self, ids: Sequence[UUID]) -> None:
        """Make the digests of some children anew; who can't be read now keeps what it has.

        So does who is written to meanwhile: its own save sees to it.
        """
        wanted = {
            child_id: (len(events), self._wanted(child_id, events))
            for child_id, events in readable(self.log, ids, unreadable=lambda _child_id, _fault: None)
        }
        with self.database.transaction() as tx:
            for child_id, (version, digests) in sorted(wanted.items()):
                if not still_at(tx, child_id, version=version):
                    continue
                self._rows.put(tx, child_id, digests)

    def rebuild(self, *, after: UUID = FIRST) -> Iterator[Sequence[UUID]]:
        """Make every digest anew, behind an id; yields the children seen to, each time."""
        self.forget_erased()
        while ids := self._rows.children(after=after):
            self.renew(ids)
            after = ids[-1]
            yield ids

    def keep(self) -> int:
        """Forget who was erased, now and then; return how many these were."""
        if (now := time.monotonic()) < self._looks_at:
            return 0
        self._looks_at = now + LOOKS_SECONDS
        return self.forget_erased()

    def forget_erased(self) -> int:
        """Take away the digests of everybody whose key was destroyed; return of how many there were any."""
        found = {child_id for some in self._rows.erased() for child_id in self._rows.of(some)}
        self.forget(found)
        return len(found)

    def forget(self, ids: Collection[UUID]) -> None:
        """Take away the digests of children whose keys were destroyed."""
        with self.database.transaction() as tx:
            self._rows.forget(tx, ids)

    def wrong(self, children: Mapping[UUID, Sequence[Event]]) -> Iterator[UUID]:
        """Go through those of some children whose digests are not what their files say."""
        return self._rows.wrong(
            {child_id: self._wanted(child_id, said) for child_id, said in children.items()}
        )

    def left_over(self, children: Iterable[UUID]) -> list[UUID]:
        """Return those who have digests and are none of some children, or are erased."""
        return self._rows.left_over(children)

    def _wanted(self, child_id: UUID, events: Sequence[Event]) -> frozenset[bytes]:
        if any(event.erased for event in events):
            return frozenset()
        return self.of_child(fold(child_id, events))

    def _digest(self, mark: Mark, *, county: str) -> bytes:
        if (key := self._of_counties.get(county)) is None:
            key = self._of_counties[county] = self.keyring.digest(SECRET, county)
        return blake2b(_BETWEEN.join(mark).encode(), key=key, digest_size=BYTES).digest()
