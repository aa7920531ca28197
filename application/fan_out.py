"""Out of one stream, into the file of each child that it names: once each, however often it is tried.

What a file must say is declared by the kind of the stream (`StreamKind.fans_out`). The rows of
`recording.waiting` say what is still to be done. The ids of the entries follow from the stream and the child,
so that a process that dies in the middle leaves nothing that the next one would write twice.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from application.access import Actor, Role
from application.children.care_record import CareRecord
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.eventstore.log import EventLog
from application.recording.chunks import MOST_STREAMS
from application.recording.outcome import Outcome, Provenance
from application.recording.waiting import DISMISSED, QUARANTINED, RECORDED, VOIDED, WAITING
from application.streams import Busy
from domain.catalogue import kind_of
from domain.event import NewEvent
from domain.ledger.facts import Facts, fold
from domain.ledger.kind import Addressee, FanOut
from domain.reasons import IS_VOID, NO_SUCH_EVENT, UNKNOWN_CHILD
from domain.refusal import Fault, Refused, Unknown, at_odds

NAME = "fanout"
BATCH = 500
FEW = 50
AGAIN_AFTER_CONFLICT = timedelta(seconds=1)
# What was put aside is looked at again: the child may be enrolled by then. Each wait doubles, up to a day.
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
# Why a child was put aside whose own file, or the stream that names it, can't be read: the log says more.
FAULTY = "fault"
_DUE = "SELECT activity_id, number, version, tries, settled_at FROM participation WHERE not_before <= :now"
# What is noted of a row beside its number.
_NOTED = ("activity_id", "version", "state", "code", "tries", "not_before")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Source:
    """A stream that fans out, as it stands."""

    state: Facts
    fans_out: FanOut[Any]
    addressees: Sequence[Addressee]

    def withdrawn(self, addressee: Addressee) -> bool:
        """Return whether what names the child never was so."""
        return self.fans_out.withdrawn(self.state, addressee)

    def new_events(self, addressee: Addressee, child_id: UUID) -> Sequence[NewEvent]:
        """Return all that the file of a child must say."""
        return self.fans_out.new_events(self.state, addressee, child_id)


class FanOuts:
    """Writes into the files of children what follows from other streams. Any number may work at once."""

    def __init__(
        self,
        *,
        event_log: EventLog,
        database: Database,
        record: CareRecord,
        now: Callable[[], datetime],
    ) -> None:
        self._log = event_log
        self._database = database
        self._record = record
        self._now = now

    def step(self, *, at: Callable[[str], None] = lambda _: None) -> int:
        """Work off a batch of what is due; return how many children were looked at.

        `at` is called with the name of each point between two effects, where a test may crash.
        """
        if not self._due(limit=1):
            return 0
        # Two at once would do no harm, and everything twice.
        with self._database.advisory(NAME) as mine:
            return self._work(self._due(limit=BATCH), at=at) if mine else 0

    def of_stream(self, stream_id: UUID, *, most: int = FEW) -> int:
        """Work off what is due of one stream, for `most` children; return how many were looked at."""
        return self._work(self._due(limit=most, stream_id=stream_id), at=lambda _: None)

    def due(self) -> int:
        """Count the children that are to be looked at by now."""
        row = self._database.one(
            "SELECT count(*) AS due FROM participation WHERE not_before <= :now", now=self._now()
        )
        return int(row["due"]) if row else 0

    def _due(self, *, limit: int, stream_id: UUID | None = None) -> list[dict[str, Any]]:
        return self._database.all(
            f"{_DUE}{' AND activity_id IN :only' if stream_id else ''}"
            " ORDER BY not_before, activity_id, number LIMIT :limit",
            now=self._now(),
            only=(stream_id,) if stream_id else (),
            limit=limit,
        )

    def _work(self, rows: Sequence[Mapping[str, Any]], *, at: Callable[[str], None]) -> int:
        sources = self._readable({row["activity_id"] for row in rows})
        settled = []
        for first in range(0, len(rows), MOST_STREAMS):
            portion = rows[first : first + MOST_STREAMS]
            written = self._written_at_once(portion, sources)
            for row in portion:
                outcomes = written.get((row["activity_id"], row["number"]))
                settled.append(self._settled(row, sources.get(row["activity_id"]), outcomes))
                at("fanout.recorded")
        self._keep(settled)
        at("fanout.settled")
        return len(rows)

    def _keep(self, settled: Iterable[Mapping[str, Any]]) -> None:
        """Note how far rows are by now; most of them are equally far."""
        alike: dict[tuple[Any, ...], list[int]] = {}
        for values in settled:
            alike.setdefault(tuple(values[name] for name in _NOTED), []).append(values["number"])
        with self._database.transaction() as tx:
            for key, numbers in alike.items():
                # A row that was set again meanwhile, as by a voiding, is left to be looked at again.
                # One that was dismissed meanwhile stays so, unless it is written: then that came too late.
                tx.run(
                    "UPDATE participation SET state = :state, code = :code, tries = :tries,"
                    " not_before = :not_before"
                    " WHERE activity_id = :activity_id AND number IN :numbers AND version = :version"
                    " AND (state <> :dismissed OR :state IN :written)",
                    **dict(zip(_NOTED, key, strict=True)),
                    numbers=tuple(numbers),
                    dismissed=DISMISSED,
                    written=(RECORDED, VOIDED),
                )

    def _readable(self, stream_ids: Iterable[UUID]) -> dict[UUID, _Source]:
        """Load streams that fan out. One that can't be read is left out: it must not hold up the others."""
        found = {}
        for stream_id in stream_ids:
            try:
                found[stream_id] = self._source(stream_id)
            except DatabaseUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  its kind alone: its text may quote what was recorded
                log.error("could not read stream %s: %s", stream_id, type(error).__name__)  # noqa: TRY400
        return found

    def _source(self, stream_id: UUID) -> _Source:
        stream = self._log.stream(stream_id)
        kind = kind_of(stream[0])
        assert kind.fans_out is not None
        state = fold(kind.view, stream_id, stream)
        return _Source(state, kind.fans_out, kind.fans_out.addressees(state))

    def _written_at_once(
        self, rows: Sequence[Mapping[str, Any]], sources: Mapping[UUID, _Source]
    ) -> dict[tuple[UUID, int], Sequence[Outcome]]:
        """Write what one entry means for many children in few transactions, as far as nothing is odd.

        Return what became of it by stream and number. What is missing there is written child by child.
        """
        together: dict[UUID, dict[UUID, tuple[Addressee, Sequence[NewEvent]]]] = {}
        for row in rows:
            source = sources.get(row["activity_id"])
            if source is None or row["settled_at"] is not None:
                continue
            try:
                to = source.addressees[row["number"]]
                if (child := self._child(source, to)) is not None:
                    new_events = source.new_events(to, child)
                    together.setdefault(to.cause.event_id, {}).setdefault(child, (to, new_events))
            except DatabaseUnavailable:
                raise
            except Exception:  # noqa: BLE001, S112  by itself it says why
                continue
        found: dict[tuple[UUID, int], Sequence[Outcome]] = {}
        for each in together.values():
            if len(each) > 1:
                found |= self._of_cause(each)
        return found

    def _of_cause(
        self, children: Mapping[UUID, tuple[Addressee, Sequence[NewEvent]]]
    ) -> dict[tuple[UUID, int], Sequence[Outcome]]:
        """Write what one entry means for some children."""
        (first, _), *_ = children.values()
        streams = {child: new_events for child, (_, new_events) in children.items()}
        try:
            done = self._record.record_streams(streams, **_as_recorded(first), unattended=True)
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001  one file that can't be read must not hold up the others; it says so by itself
            return {}
        stream = first.cause.originator_id
        return {(stream, to.number): done[child] for child, (to, _) in children.items()}

    def _settled(
        self, row: Mapping[str, Any], source: _Source | None, outcomes: Sequence[Outcome] | None
    ) -> dict[str, Any]:
        """Write the entries of one child unless that is done, and return what its row says from now on.

        `outcomes` are those of what was written already.
        """
        key = {name: row[name] for name in ("activity_id", "number", "version")}
        tries = row["tries"] + 1
        if source is None:
            return self._put_aside(key, FAULTY, tries=tries)
        try:
            addressee = source.addressees[row["number"]]
            withdrawn = source.withdrawn(addressee)
            dismissed = row["settled_at"] is not None and not withdrawn
            if dismissed and not self._written(source, addressee):
                # That was while a correction was being saved, which had not heard of it.
                return _set(key, DISMISSED, tries=row["tries"])
            refused = self._refused(source, addressee, outcomes)
        except Busy:
            return _set(key, WAITING, tries=row["tries"], not_before=self._now() + AGAIN_AFTER_CONFLICT)
        except KeysMissing as missing:
            return self._put_aside(key, missing.reason.code, tries=tries)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  one child's file must not keep the others from being written
            number, reason = row["number"], type(error).__name__
            log.error("could not write number %d of %s: %s", number, source.state.stream_id, reason)  # noqa: TRY400
            return self._put_aside(key, FAULTY, tries=tries)
        if refused is None:
            return _set(key, VOIDED if withdrawn else RECORDED, tries=tries)
        if refused.reason is IS_VOID or (withdrawn and refused.reason is NO_SUCH_EVENT):
            return _set(key, VOIDED, tries=tries)
        code = UNKNOWN_CHILD.code if isinstance(refused, Unknown) else refused.reason.code
        return self._put_aside(key, code, tries=tries)

    def _written(self, source: _Source, addressee: Addressee) -> bool:
        """Return whether the entry of a child is in its file."""
        child_id = self._child(source, addressee)
        return child_id is not None and self._written_for(child_id, source, addressee)

    def _written_for(self, child_id: UUID, source: _Source, addressee: Addressee) -> bool:
        return self._log.event(source.new_events(addressee, child_id)[0].event_id) is not None

    def _put_aside(self, key: Mapping[str, Any], code: str, *, tries: int) -> dict[str, Any]:
        wait = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
        return _set(key, QUARANTINED, code=code, tries=tries, not_before=self._now() + wait)

    def _refused(
        self, source: _Source, addressee: Addressee, outcomes: Sequence[Outcome] | None
    ) -> Refused | None:
        """Record what is missing in the child's file; return what stands in the way of it.

        Where what names the child is withdrawn, only the voiding matters any more.
        """
        withdrawn = source.withdrawn(addressee)
        child_id = self._child(source, addressee)
        if child_id is None:
            unknown = Unknown(Fault(reason=UNKNOWN_CHILD))
            return at_odds(NO_SUCH_EVENT) if withdrawn else unknown
        new_events = source.new_events(addressee, child_id)
        if outcomes is None:
            outcomes = self._recorded(new_events, addressee, child_id=child_id, scope=addressee.scope)
        elif isinstance(outcomes[0], Busy | KeysMissing):
            raise outcomes[0]
        if isinstance(outcomes[0], Unknown) and self._log.event(new_events[0].event_id) is not None:
            # The child has left the recorder's sight since: what follows is for the ledger itself to write.
            outcomes = self._recorded(new_events, addressee, child_id=child_id, scope="")
        if not withdrawn:
            return next((o for o in outcomes if isinstance(o, Refused)), None)
        last = outcomes[-1]
        if isinstance(last, Unknown):
            return at_odds(NO_SUCH_EVENT)
        return last if isinstance(last, Refused) else None

    def _recorded(
        self, new_events: Sequence[NewEvent], addressee: Addressee, *, child_id: UUID, scope: str
    ) -> Sequence[Outcome]:
        return self._record.record_many(
            **_as_recorded(addressee, scope=scope), stream_id=child_id, new_events=new_events, unattended=True
        )

    def _child(self, source: _Source, addressee: Addressee) -> UUID | None:
        """Return which child is named, within the recorder's sight or as it was written already."""
        if addressee.child_id is not None:
            return addressee.child_id
        number = addressee.student_no or ""
        found = self._record.meant((number,), scope=addressee.scope)[number]
        if not found:
            everywhere = self._record.find(kind="student_no", word=number, scope="")
            found = tuple(c for c in everywhere if self._written_for(c, source, addressee))
        elif len(found) == 1:
            # It may have been written into another file of the child, before that was merged.
            files = self._record.files_in(found[0])
            found = tuple(c for c in files if self._written_for(c, source, addressee))[:1] or found
        return found[0] if len(found) == 1 else None


def _as_recorded(to: Addressee, *, scope: str | None = None) -> dict[str, Any]:
    """Return by whom and by what the entry of a child is recorded: as the entry that names it was."""
    recorder = to.cause.metadata
    actor = Actor(
        name=recorder.actor,
        role=Role(recorder.role),
        org=to.scope if scope is None else scope,
        channel=recorder.channel,
        principal=recorder.principal,
        key=recorder.key,
    )
    return {"actor": actor, "provenance": Provenance(correlation_id=recorder.correlation_id)}


def _set(
    key: Mapping[str, Any],
    state: str,
    *,
    tries: int,
    code: str | None = None,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    return {**key, "state": state, "code": code, "tries": tries, "not_before": not_before}
