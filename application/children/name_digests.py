"""The keyed digests by which children are found by part of a name: kept, moved and forgotten (ADR 51).

They lie under their county, and go along with a transfer. `child_status.searched_in` says in which county a
child has them: NULL is of one of whom they were never made, "" of one who has none to be made.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from application.children.digest_rows import AT_ONCE, BYTES, FIRST, LOOKS_SECONDS, DigestRows, ddl_of
from application.children.naming import names_borne, names_taken_over
from application.eventstore.database import Database, Transaction
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.readable import readable
from domain.child import Child, fold
from domain.event import Event
from domain.name_parts import Part, parts_of
from domain.org import county_of

TABLE, SEARCHED_IN = "name_part", "searched_in"
DDL = (
    *ddl_of(TABLE),
    "ALTER TABLE child_status ADD COLUMN searched_in text",
    "CREATE INDEX child_status_unsearched ON child_status (org) WHERE searched_in IS NULL",
)
SECRET = "name_part"  # noqa: S105  the name of one


class NameDigests:
    """Makes the digests of names, and keeps them for those who have none."""

    table = TABLE
    secret = SECRET

    def __init__(self, *, database: Database, keyring: Keyring, log: EventLog) -> None:
        self._database = database
        self._keyring = keyring
        self._log = log
        self._rows = DigestRows(TABLE, database=database, keyring=keyring)
        self._looks_at, self._after = 0.0, FIRST

    def digest(self, part: Part, *, county: str) -> bytes:
        """Return the digest of a part of a name: another one in each county."""
        return self._keyring.digest(SECRET, county, *part)[:BYTES]

    def of(self, names: Iterable[str], *, county: str) -> frozenset[bytes]:
        """Return the digests of names; none where a child is in no county."""
        if not county:
            return frozenset()
        parts = {part for name in names for part in parts_of(name)}
        return frozenset(self.digest(part, county=county) for part in parts)

    def rows(self, child: Child, events: Sequence[Event], *, before: Child) -> Sequence[Row]:
        """Make the rows that are written with new events of a child that say its name, or move it."""
        old, new = searched_in(before), searched_in(child)
        names = names_borne(child.child_id, events)
        kept = self.of(names, county=new)
        left = names if old != new else names_taken_over(before)
        gone = self.of(left, county=old) - kept
        return self._rows.changed(child.child_id, kept=kept, gone=gone)

    def due(self, *, after: UUID) -> list[UUID]:
        """Return some children behind an id of whom no digests were ever made, in order."""
        rows = self._database.tuples(
            "SELECT child_id FROM child_status WHERE searched_in IS NULL AND child_id > :after"
            " ORDER BY child_id LIMIT :limit",
            after=after,
            limit=AT_ONCE,
        )
        return [child_id for (child_id,) in rows]

    def renew(self, ids: Sequence[UUID]) -> None:
        """Make the digests of some children anew; who can't be read now is left as if it had none.

        Who is written to meanwhile is left as well: its own save sees to it, or the next one who asks.
        """
        read = readable(self._log, ids, unreadable=lambda _child_id, _fault: None)
        wanted = {child_id: self._wanted(child_id, events) for child_id, events in read}
        with self._database.transaction() as tx:
            for child_id, (version, county, digests) in sorted(wanted.items()):
                if _mark(tx, child_id, county=county, version=version):
                    self._rows.put(tx, child_id, digests)

    def keep(self) -> int:
        """Forget who was erased and see to some of those without digests; return how many these were.

        0 where there is nothing to do now. Of several processes one does so at a time.
        """
        if (now := time.monotonic()) < self._looks_at:
            return 0
        due = list[UUID]()
        with self._database.advisory(TABLE) as mine:
            if mine:
                self.forget_erased()
                due = self.due(after=self._after)
                self.renew(due)
        self._after = due[-1] if due else FIRST
        self._looks_at = now if due else now + LOOKS_SECONDS
        return len(due)

    def rebuild(self) -> Iterator[int]:
        """Make every digest anew; yields how many children were seen to each time."""
        self.forget_erased()
        after = FIRST
        while ids := self._rows.children(after=after):
            self.renew(ids)
            after = ids[-1]
            yield len(ids)
        with self._database.transaction() as tx:
            tx.run("DELETE FROM name_part WHERE child_id NOT IN (SELECT child_id FROM child_status)")

    def forget(self, ids: Sequence[UUID]) -> None:
        """Take away every digest of children whose keys were destroyed."""
        with self._database.transaction() as tx:
            self._rows.forget(tx, ids)
            for child_id in ids:
                tx.run(
                    "UPDATE child_status SET searched_in = '' WHERE child_id = :child_id"
                    " AND (searched_in IS NULL OR searched_in <> '')",
                    child_id=child_id,
                )

    def forget_erased(self) -> int:
        """Take away the digests of everybody whose key was destroyed; return of how many there were any."""
        found = [
            child_id
            for some in self._rows.erased()
            for (child_id,) in self._database.tuples(
                "SELECT child_id FROM child_status WHERE child_id IN :ids"
                " AND (searched_in IS NULL OR searched_in <> '')"
                " UNION SELECT child_id FROM name_part WHERE child_id IN :ids",
                ids=some,
            )
        ]
        self.forget(found)
        return len(found)

    def wrong(self, children: Mapping[UUID, Sequence[Event]]) -> Iterator[UUID]:
        """Go through those of some children whose digests are not what their files say."""
        return self._rows.wrong(
            {child_id: self._wanted(child_id, said)[2] for child_id, said in children.items()}
        )

    def left_over(self, children: Iterable[UUID]) -> list[UUID]:
        """Return those who have digests and are none of some children, or are erased."""
        return self._rows.left_over(children)

    def _wanted(self, child_id: UUID, events: Sequence[Event]) -> tuple[int, str, frozenset[bytes]]:
        if any(event.erased for event in events):
            return len(events), "", frozenset()
        county = searched_in(fold(child_id, events))
        return len(events), county, self.of(names_borne(child_id, events), county=county)


def searched_in(child: Child) -> str:
    """Return the county under which a child is found; "" for one that has no name or belongs nowhere."""
    return county_of(child.org) if child.profile is not None else ""


def _mark(tx: Transaction, child_id: UUID, *, county: str, version: int) -> bool:
    """Say in which county a child has its digests; False where its file is longer by now."""
    return bool(
        tx.run(
            "UPDATE child_status SET searched_in = :county WHERE child_id = :child_id AND version = :version",
            county=county,
            child_id=child_id,
            version=version,
        )
    )
