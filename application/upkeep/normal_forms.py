"""The upgrade after which words are found by their normal form, and numbers are kept by county.

Of a file that can't be read because its seal is broken, the digests stay as they are: nobody can say what
they were made of. Whoever was erased has none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from application.children.care_record import kept_numbers
from application.children.naming import NAMING, names_of
from application.eventstore.database import Database, Transaction
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.eventstore.seal import Tampered
from application.eventstore.values import blob
from application.lookups import CARER, NAME, Lookups
from application.upkeep.upgrading import Advance, Store, UpgradeStep
from domain.catalogue import details_with
from domain.child import Child, fold
from domain.effects import Effect
from domain.event import Event
from domain.normal import normal_path
from domain.org import county_of, school_of
from domain.refusal import Text
from domain.streams.carers.carer import CarerRegistered

CHUNK = 200
CHILDREN, CARERS = "children", "carers"
# The events that open a stream, of which the log alone knows all: a row may be missing.
_TYPES = {
    CHILDREN: tuple(details.TYPE for details in details_with(Effect.IDENTIFIES)),
    CARERS: (CarerRegistered.TYPE,),
}
_IDS = (
    "SELECT originator_id FROM events WHERE originator_version = 1 AND topic IN :types"
    " AND originator_id > :after ORDER BY originator_id LIMIT :limit"
)
Seen = Callable[[Transaction, Lookups, dict[UUID, tuple[Event, ...]]], None]


def _run(store: Store, cursor: str | None) -> Iterator[Advance]:
    with store.database.transaction() as tx:
        _spell(tx)
    return every_file(store, cursor, WRITE, unread=_keep_digests)


def every_file(
    store: Store,
    cursor: str | None,
    see: Mapping[str, Seen],
    *,
    unread: Callable[[Transaction, Sequence[UUID]], None] = lambda _tx, _ids: None,
) -> Iterator[Advance]:
    """See to all files of children and then of carers, in chunks; `unread` to those whose seal is broken."""
    database, done = store.database, 0
    ((total,),) = database.tuples(
        "SELECT count(*) FROM events WHERE originator_version = 1 AND topic IN :types",
        types=(*_TYPES[CHILDREN], *_TYPES[CARERS]),
    )
    begin, _, last = (cursor or f"{CHILDREN} {UUID(int=0)}").partition(" ")
    for kind in (CHILDREN, CARERS)[begin == CARERS :]:
        after = UUID(last) if kind == begin else UUID(int=0)
        while ids := opened(database, kind, after):
            streams, erased = _readable(store.log, ids), store.keyring.destroyed_among(ids)
            with database.transaction() as tx:
                see[kind](tx, store.lookups, streams)
                unread(tx, [i for i in ids if i not in streams and i not in erased])
            after, done = ids[-1], done + len(ids)
            yield Advance(cursor=f"{kind} {after}", done=min(done, total), total=total)


def opened(database: Database, kind: str, after: UUID) -> list[UUID]:
    """Return the next streams of children or of carers behind an id."""
    return [i for (i,) in database.tuples(_IDS, types=_TYPES[kind], after=after, limit=CHUNK)]


def _spell(tx: Transaction) -> None:
    """Note the normal form of each path; of several paths of one form the first is read for new ones."""
    paths = [path for (path,) in tx.tuples("SELECT path FROM org_unit ORDER BY path")]
    tx.many(
        "INSERT INTO org_spelling (normal, path) VALUES (:normal, :path) ON CONFLICT (normal) DO NOTHING",
        [{"normal": normal_path(path), "path": path} for path in paths],
    )


def _readable(log: EventLog, ids: Sequence[UUID]) -> dict[UUID, tuple[Event, ...]]:
    try:
        streams = dict(log.streams(list(ids)))
    except Tampered:
        if len(ids) == 1:
            return {}
        half = len(ids) // 2
        return _readable(log, ids[:half]) | _readable(log, ids[half:])
    return {i: events for i, events in streams.items() if not any(e.erased for e in events)}


def _children(tx: Transaction, lookups: Lookups, streams: dict[UUID, tuple[Event, ...]]) -> None:
    for child_id, events in streams.items():
        last, rows = Child(stream_id=child_id), list[Row]()
        for end, event in enumerate(events, start=1):
            if isinstance(event.details, NAMING):
                child = fold(child_id, events[:end])
                rows += _words(lookups, child, before=last)
                last = child
        claims = [
            lookups.claim(kind=kind, word=word, county=county, stream=child_id)
            for kind, word, county in sorted(kept_numbers(fold(child_id, events)))
        ]
        # What was borne once and what is borne now may be the same word.
        found_by(tx, {tuple(row.key.values()): row for row in rows}.values())
        _claim(tx, claims)


def _words(lookups: Lookups, child: Child, *, before: Child) -> Iterator[Row]:
    stream, old, new = child.child_id, kept_numbers(before), kept_numbers(child)
    for kind, word, _ in sorted(old):
        yield from lookups.words(kind=kind, word=word, stream=stream, borne=False)
    for kind, word, _ in sorted(new):
        yield from lookups.words(kind=kind, word=word, stream=stream)
    for name in sorted(names_of(child)):
        yield from lookups.words(kind=NAME, word=name, stream=stream)


def carers_found(tx: Transaction, lookups: Lookups, streams: dict[UUID, tuple[Event, ...]]) -> None:
    """Write the words by which carers are found."""
    for carer_id, events in streams.items():
        found_by(
            tx,
            [
                row
                for e in events
                if isinstance(e.details, CarerRegistered)
                for row in lookups.words(
                    kind=CARER, word=e.details.name, stream=carer_id, school=school_of(e.org)
                )
            ],
        )


def found_by(tx: Transaction, rows: Iterable[Row]) -> None:
    """Write the words by which streams are found, where they are not there."""
    tx.many(
        "INSERT INTO found_word (kind, digest, stream_id, borne) VALUES (:kind, :digest, :stream_id, :borne)"
        " ON CONFLICT (kind, digest, stream_id) DO NOTHING",
        [{**row.key, **row.values} for row in rows],
    )


def _claim(tx: Transaction, rows: Iterable[Row]) -> None:
    """Keep numbers for children; of two whose numbers meet now, each keeps its own and one the claim."""
    tx.many(
        "INSERT INTO number_claim (kind, county, digest, stream_id)"
        " VALUES (:kind, :county, :digest, :stream_id) ON CONFLICT (kind, county, digest) DO NOTHING",
        [{**row.key, **row.values} for row in rows],
    )


def _keep_digests(tx: Transaction, ids: Sequence[UUID]) -> None:
    if not ids:
        return
    held = set(tx.tuples("SELECT kind, digest, stream_id FROM claim WHERE stream_id IN :ids", ids=tuple(ids)))
    found = tx.tuples("SELECT kind, digest, stream_id FROM lookup WHERE stream_id IN :ids", ids=tuple(ids))
    orgs = dict(tx.tuples("SELECT child_id, org FROM child_status WHERE child_id IN :ids", ids=tuple(ids)))
    held = {(kind, blob(digest), stream) for kind, digest, stream in held}
    rows = [(kind, blob(digest), stream) for kind, digest, stream in found]
    found_by(
        tx,
        [
            Row(
                table="found_word",
                key={"kind": kind, "digest": digest, "stream_id": stream},
                values={"borne": kind in {NAME, CARER} or (kind, digest, stream) in held},
            )
            for kind, digest, stream in rows
        ],
    )
    _claim(
        tx,
        [
            Row(
                table="number_claim",
                key={"kind": kind, "county": county_of(orgs[stream]), "digest": digest},
                values={"stream_id": stream},
            )
            for kind, digest, stream in sorted(held)
            if stream in orgs
        ],
    )


# Writes the words of some children or carers that are not there.
WRITE: Mapping[str, Seen] = {CHILDREN: _children, CARERS: carers_found}
NORMAL_FORMS = UpgradeStep(
    name="normal_forms",
    label=Text(zh="统一号码与姓名的写法", en="Making numbers and names findable however they are spelled"),
    run=_run,
)
