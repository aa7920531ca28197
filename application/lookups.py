"""Finding a stream by a word that must not lie in the clear: through a keyed digest of its normal form.

Whoever was erased is found by none from that moment on, and its digests are taken away.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from types import MappingProxyType
from uuid import UUID

from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.recorder import Row
from domain.normal import normal_name, normal_number, undotted
from domain.org import county_of, within
from domain.subtree import EITHER_WITHIN, below

# A list of bytes is no parameter that both engines know: each of them has its own name.
AT_ONCE = 100
NAME, CARER, CASE_NO = "name", "carer", "case_no"
NUMBERS = ("student_no", "id_number")
# The forms in which a word is found. The first is that of version 0.2.0, which goes by it alone.
FORMS: Mapping[str, Sequence[Callable[[str], str]]] = MappingProxyType(
    {**dict.fromkeys(NUMBERS, (normal_number,)), **dict.fromkeys((NAME, CARER), (normal_name, undotted))}
)
SECRET = "lookup"  # noqa: S105  the name of one
_NAME = "digest_{}".format
# The last two are those of version 0.1.
_TABLES = ("found_word", "number_claim", "lookup", "claim")
DDL = tuple(f"CREATE INDEX {table}_stream ON {table} (stream_id)" for table in _TABLES)
# Of a child: its id, whether it bears the word now, its places, and where it is to go.
_Row = tuple[UUID, bool, str, str | None, str | None]
# How often keys that were destroyed are looked for; what is left that long after an erasure is a finding.
_LOOKS_SECONDS, _GRACE_SECONDS = 60.0, 180.0


class Lookups:
    """Words by which children and carers are found."""

    def __init__(self, *, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._looks_at = 0.0

    def carers(self, names: Collection[str], *, school: str) -> Mapping[str, tuple[UUID, ...]]:
        """Find the carers that bear each of some names in a school, or bore it once, in order of id."""
        digests = {name: self.digests(CARER, name, school=school) for name in names}
        found: dict[bytes, list[UUID]] = {digest: [] for some in digests.values() for digest in some}
        for asked in _at_once(list(found)):
            rows = self._database.tuples(_named_carers(len(asked)), kind=CARER, **asked)
            for digest, stream_id in rows:
                found[bytes(digest)].append(stream_id)
        erased = self._keyring.destroyed_among({i for some in found.values() for i in some})
        return {
            name: tuple(sorted({i for digest in some for i in found[digest]} - erased))
            for name, some in digests.items()
        }

    def children(self, *, kind: str, words: Collection[str], scope: str) -> Mapping[str, tuple[UUID, ...]]:
        """Find the children whom each of some words of one kind stands for, in order of id.

        Only those of the subtree `scope`, or on their way into it by a transfer. A number stands for who
        bears it in a county now; where nobody does, for who bore it once.
        """
        digests = {word: self.digests(kind, word) for word in words}
        wanted = list(dict.fromkeys(digest for some in digests.values() for digest in some))
        found: dict[bytes, list[_Row]] = {digest: [] for digest in wanted}
        for asked in _at_once(wanted):
            rows = self._database.tuples(_find(len(asked)), kind=kind, **below(county_of(scope)), **asked)
            for digest, *row in rows:
                found[digest].append((row[0], row[1], row[2], row[3], row[4]))
        erased = self._keyring.destroyed_among({row[0] for rows in found.values() for row in rows})
        return {
            word: _seen(
                sorted({row for digest in some for row in found[digest] if row[0] not in erased}),
                scope=scope,
            )
            for word, some in digests.items()
        }

    def words(self, *, kind: str, word: str, stream: UUID, borne: bool = True, school: str = "") -> list[Row]:
        """Make the rows by which `stream` is found."""
        return [
            Row(
                table="found_word",
                key={"kind": kind, "digest": digest, "stream_id": stream},
                values={"borne": borne},
            )
            for digest in self.digests(kind, word, school=school)
        ]

    def claim(self, *, kind: str, word: str, county: str, stream: UUID) -> Row:
        """Make the row that keeps a number of a county for `stream` alone: a save that breaks it raises
        RowTaken."""
        return Row(
            table="number_claim",
            key={"kind": kind, "county": county, "digest": self.digest(kind, word)},
            values={"stream_id": stream},
            unique=True,
        )

    def release(self, *, kind: str, word: str, county: str, stream: UUID) -> Row:
        """Make the row that gives a number back that was kept for `stream`."""
        key = {"kind": kind, "county": county, "digest": self.digest(kind, word), "stream_id": stream}
        return Row(table="number_claim", key=key, gone=True)

    def digest(self, kind: str, word: str, *, school: str = "") -> bytes:
        """Return the digest of the normal form of a word. A carer's is that of its `school`."""
        return self.digests(kind, word, school=school)[0]

    def digests(self, kind: str, word: str, *, school: str = "") -> tuple[bytes, ...]:
        """Return a digest of each form of a word."""
        forms = dict.fromkeys(form(word) for form in FORMS.get(kind, (normal_number,)))
        return tuple(
            self._keyring.digest(SECRET, kind, f"{school}\n{said}" if kind == CARER else said)
            for said in forms
        )

    def holder(self, claim: Row) -> UUID | None:
        """Return the child for which a number is kept; None where it is free."""
        holder = self._holder(claim)
        return None if holder is None or self._keyring.destroyed_among([holder]) else holder

    def give_back(self, claims: Iterable[Row]) -> bool:
        """Give back those numbers that are kept for somebody erased; return whether there are any."""
        holders = {holder for claim in claims if (holder := self._holder(claim)) is not None}
        erased = self._keyring.destroyed_among(holders)
        self.forget(erased)
        return bool(erased)

    def _holder(self, claim: Row) -> UUID | None:
        rows = self._database.tuples(
            "SELECT stream_id FROM number_claim WHERE kind = :kind AND county = :county AND digest = :digest",
            **claim.key,
        )
        return rows[0][0] if rows else None

    def forget(self, ids: Collection[UUID]) -> None:
        """Take away every word of streams whose keys were destroyed, and give back their numbers."""
        if not ids:
            return
        with self._database.transaction() as tx:
            for table in _TABLES:
                tx.run(f"DELETE FROM {table} WHERE stream_id IN :ids", ids=tuple(sorted(ids)))  # noqa: S608

    def forget_erased(self) -> int:
        """Take away the words of everybody whose key was destroyed; return of how many there were any."""
        found = {stream_id for _, stream_id in self.left_over()}
        self.forget(found)
        return len(found)

    def keep(self) -> int:
        """Forget who was erased, now and then; return how many these were."""
        if (now := time.monotonic()) < self._looks_at:
            return 0
        self._looks_at = now + _LOOKS_SECONDS
        return self.forget_erased()

    def left_over(self, *, seconds_ago: float = 0.0) -> Iterator[tuple[str, UUID]]:
        """Go through the tables that have words of streams that were erased, and these streams."""
        erased = self._keyring.destroyed(seconds_ago=seconds_ago)
        for start in range(0, len(erased), AT_ONCE):
            for table in _TABLES:
                rows = self._database.tuples(
                    f"SELECT DISTINCT stream_id FROM {table} WHERE stream_id IN :ids",  # noqa: S608
                    ids=tuple(erased[start : start + AT_ONCE]),
                )
                yield from ((table, stream_id) for (stream_id,) in rows)

    def outlasting(self) -> Iterator[tuple[str, UUID]]:
        """Go through the same, but for what was erased just now: a worker takes that away within a minute."""
        return self.left_over(seconds_ago=_GRACE_SECONDS)


def _seen(rows: Collection[_Row], *, scope: str) -> tuple[UUID, ...]:
    """Leave those whom a word stands for in their county and who lie in a subtree, or are to come into it."""
    held = {county_of(org) for _, borne, org, _, _ in rows if borne}
    return tuple(
        stream_id
        for stream_id, borne, org, to, village in rows
        # A file that is void lies nowhere.
        if (borne or not held or (org and county_of(org) not in held))
        and any(within(place, scope) for place in (org, to, village) if place is not None)
    )


def _at_once(digests: Sequence[bytes]) -> Iterator[dict[str, bytes]]:
    """Go through digests in portions, by the names of parameters."""
    for start in range(0, len(digests), AT_ONCE):
        some = digests[start : start + AT_ONCE]
        size = 1 if len(some) == 1 else AT_ONCE
        # The last again and again, so that there are two texts, whatever the number.
        yield dict(zip(map(_NAME, range(size)), chain(some, repeat(some[-1])), strict=False))


def _find(size: int) -> str:
    return (
        "SELECT digest, stream_id, borne, org, transfer_to, village FROM found_word"  # noqa: S608  names
        " JOIN child_status ON child_id = stream_id"
        f" WHERE kind = :kind AND digest IN ({_digests(size)}) AND {EITHER_WITHIN} ORDER BY digest, stream_id"
    )


def _named_carers(size: int) -> str:
    return (
        "SELECT digest, stream_id FROM found_word"  # noqa: S608  names
        f" WHERE kind = :kind AND digest IN ({_digests(size)}) ORDER BY digest, stream_id"
    )


def _digests(size: int) -> str:
    return ", ".join(f":{_NAME(number)}" for number in range(size))
