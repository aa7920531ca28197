"""The rows that rights and finding hang on, compared with what the streams say.

They are written with the events. A role that may write to the database can change them behind the program's
back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from application.children.care_record import kept_numbers
from application.children.likenesses import Likenesses
from application.children.name_digests import NameDigests
from application.children.naming import NAMING, names_of
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.eventstore.values import blob
from application.lookups import CARER, NAME, Lookups
from application.lookups import SECRET as LOOKUP
from application.recording.alone import held
from domain.catalogue import kind_of
from domain.child import fold
from domain.event import Event
from domain.ledger.facts import fold as fold_any
from domain.org import org_id, school_of
from domain.streams.carers.carer import CarerRegistered, fold_carer

_AT_ONCE = 200
_Claim = tuple[str, str, bytes]
_Word = tuple[str, bytes, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A row of a table that is not what the log says: `where` is the stream, or the path of a unit."""

    table: str
    where: str
    detail: str


@dataclass(slots=True, kw_only=True)
class _Wanted:
    """What the streams say that the tables should hold; of words also what they may hold."""

    claims: dict[_Claim, set[UUID]] = field(default_factory=dict)
    words: dict[_Word, bool] = field(default_factory=dict)
    once: set[_Word] = field(default_factory=set)
    carers: dict[UUID, str] = field(default_factory=dict)


def strange_rows(
    *,
    database: Database,
    log: EventLog,
    lookups: Lookups,
    kept: Sequence[Likenesses | NameDigests],
    children: Sequence[UUID],
    carers: Sequence[UUID],
    units: Collection[UUID],
    but: Collection[UUID],
    lost: Collection[str] = (),
    others: Sequence[UUID] = (),
) -> Iterator[Strange]:
    """Compare the rows of all children, carers, units and `others` with something to themselves, `but` some.

    What is made with a secret that is `lost` can't be compared.
    """
    wanted = _Wanted()
    kept = [each for each in kept if each.secret not in lost]
    known = LOOKUP not in lost
    for some in _streams(log, children, but=but):
        for child_id, events in some.items() if known else ():
            _of_child(wanted, lookups, child_id, events)
        for each in kept:
            yield from _digests(each.wrong(some), table=each.table, detail="digests")
    for each in kept:
        yield from _digests(each.left_over(children), table=each.table, detail="left over")
    for table, stream in lookups.outlasting():
        yield Strange(table=table, where=str(stream), detail="left over")
    for some in _streams(log, carers, but=but):
        for carer_id, events in some.items():
            _of_carer(wanted, lookups if known else None, carer_id, events)
    for some in _streams(log, others if known else (), but=but):
        for stream_id, events in some.items():
            _of_other(wanted, lookups, stream_id, events)
    yield from _orgs(dict(database.tuples("SELECT carer_id, org FROM carer_status")), wanted, but=but)
    if known:
        yield from _claims(_claims_in(database), wanted, but=but)
        yield from _words(_words_in(database), wanted, but=but)
    yield from _units(dict(database.tuples("SELECT path, stream_id FROM org_unit")), units)


def _claims_in(database: Database) -> dict[_Claim, UUID]:
    rows = database.tuples("SELECT kind, county, digest, stream_id FROM number_claim")
    return {(kind, county, blob(digest)): stream for kind, county, digest, stream in rows}


def _words_in(database: Database) -> dict[_Word, bool]:
    rows = database.tuples("SELECT kind, digest, stream_id, borne FROM found_word")
    return {(kind, blob(digest), stream): bool(borne) for kind, digest, stream, borne in rows}


def _streams(
    log: EventLog, ids: Sequence[UUID], *, but: Collection[UUID]
) -> Iterator[Mapping[UUID, tuple[Event, ...]]]:
    asked = [stream_id for stream_id in ids if stream_id not in but]
    for start in range(0, len(asked), _AT_ONCE):
        yield log.streams(asked[start : start + _AT_ONCE])


def _digests(children: Iterable[UUID], *, table: str, detail: str) -> Iterator[Strange]:
    for child_id in children:
        yield Strange(table=table, where=str(child_id), detail=detail)


def _of_child(wanted: _Wanted, lookups: Lookups, child_id: UUID, events: tuple[Event, ...]) -> None:
    for end, event in enumerate(events, start=1):
        if isinstance(event.details, NAMING):
            then = fold(child_id, events[:end])
            said = {(kind, word) for kind, word, _ in kept_numbers(then)}
            said |= {(NAME, name) for name in names_of(then)}
            wanted.once |= {(kind, d, child_id) for kind, word in said for d in lookups.digests(kind, word)}
    child = fold(child_id, events)
    for kind, word, county in kept_numbers(child):
        digest = lookups.digest(kind, word)
        wanted.claims.setdefault((kind, county, digest), set()).add(child_id)
        wanted.words[kind, digest, child_id] = True
    for name in names_of(child):
        wanted.words |= {(NAME, digest, child_id): True for digest in lookups.digests(NAME, name)}


def _of_carer(wanted: _Wanted, lookups: Lookups | None, carer_id: UUID, events: tuple[Event, ...]) -> None:
    carer = fold_carer(carer_id, events)
    if carer.registered is not None:
        wanted.carers[carer_id] = carer.org
    for event in events:
        if lookups and isinstance(event.details, CarerRegistered):
            digests = lookups.digests(CARER, event.details.name, school=school_of(event.org))
            wanted.words |= {(CARER, digest, carer_id): True for digest in digests}


def _of_other(wanted: _Wanted, lookups: Lookups, stream_id: UUID, events: tuple[Event, ...]) -> None:
    kind = kind_of(events[0])
    for series, word, org in held(kind, fold_any(kind.view, stream_id, events)):
        wanted.claims.setdefault((series, org, lookups.digest(series, word)), set()).add(stream_id)


def _orgs(found: Mapping[UUID, str], wanted: _Wanted, *, but: Collection[UUID]) -> Iterator[Strange]:
    for carer_id in sorted({*found, *wanted.carers} - {*but}):
        if found.get(carer_id) != wanted.carers.get(carer_id):
            detail = "org" if carer_id in wanted.carers else "left over"
            yield Strange(table="carer_status", where=str(carer_id), detail=detail)


def _claims(found: Mapping[_Claim, UUID], wanted: _Wanted, *, but: Collection[UUID]) -> Iterator[Strange]:
    # Of two files of version 0.1 whose numbers meet, either may hold the claim.
    for claim, streams in wanted.claims.items():
        holder = found.get(claim)
        if holder not in streams and holder not in but:
            for stream in sorted(streams):
                yield Strange(table="number_claim", where=str(stream), detail=claim[0])
    for claim, stream in found.items():
        if claim not in wanted.claims and stream not in but:
            yield Strange(table="number_claim", where=str(stream), detail="left over")


def _words(found: Mapping[_Word, bool], wanted: _Wanted, *, but: Collection[UUID]) -> Iterator[Strange]:
    for word in wanted.words:
        if not found.get(word):
            yield Strange(table="found_word", where=str(word[2]), detail=word[0])
    for word, borne in found.items():
        if word in wanted.words or word[2] in but:
            continue
        # A name is found for ever; a number that is another's by now is not borne any more.
        if word not in wanted.once or (borne and word[0] != NAME):
            yield Strange(table="found_word", where=str(word[2]), detail="left over")


def _units(found: Mapping[str, UUID], units: Collection[UUID]) -> Iterator[Strange]:
    for path, stream in found.items():
        if stream != org_id(path) or stream not in units:
            yield Strange(table="org_unit", where=path, detail="left over")
    for stream in sorted({*units} - {*found.values()}):
        yield Strange(table="org_unit", where=str(stream), detail="missing")
