"""Recording care actions: what the streams of children have beyond those of any kind."""

from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from application.access import Actor
from application.children.claims import FailedClaims
from application.children.likenesses import TELLING, Likenesses
from application.children.name_digests import SEARCHED_IN, NameDigests, searched_in
from application.children.naming import NAMING, names_of
from application.children.session import ChildScope, ChildSession
from application.eventstore.log import UNREADABLE, Keys
from application.eventstore.recorder import Row, RowTaken
from application.lookups import CASE_NO, FORMS, NAME, NUMBERS, Lookups
from application.reasons import ID_IN_USE, NUMBER_TAKEN
from application.recording.recording import Collaborators, Recording
from application.recording.session import Opened, Session
from domain.care_views import places_of
from domain.case_no import normal_case_no
from domain.catalogue import types_with
from domain.child import Child, fold
from domain.effects import Effect
from domain.event import Event
from domain.ledger.event_type import declared
from domain.ledger.facts import untouched
from domain.org import county_of, within
from domain.policy import Policy
from domain.refusal import Conflict, Fault, Reason
from domain.status import ChildStatus, status_of
from domain.streams.children.kind import KIND
from domain.subtree import CHILD_WITHIN, EITHER_WITHIN, WITHIN, below

# The kind, the county and the digest of a number.
Held = tuple[str, str, bytes]
_STATUS_TABLE = "child_status"
# What the row of a child says beside its key.
_STATUS = tuple(name for name in ChildStatus.__struct_fields__ if name != "child_id")
_status_values = attrgetter(*_STATUS)
# The views of a child by which it is found: what it is called, its numbers, its county.
_FOUND_BY = frozenset({"profile", "org", "merged", "taken_over"})
CASE_NO_TAKEN = Reason(
    code=ID_IN_USE.code,
    zh="该编号对应的个案编号已属于另一名儿童，请为此儿童另选编号",
    en="The case number that follows from this id belongs to another child. Choose another id for this one.",
)


class CareRecord(Recording[Child]):
    """Records care actions on the streams of children."""

    def __init__(
        self,
        collaborators: Collaborators,
        *,
        likenesses: Likenesses,
        name_digests: NameDigests,
        policy: Policy,
        claims: FailedClaims,
    ) -> None:
        super().__init__(KIND, collaborators)
        self.likenesses = likenesses
        self.name_digests = name_digests
        self._policy = policy
        self._claims = claims

    def org_of(self, state: Child, events: Sequence[Event], *, actor: Actor) -> str:
        """Return the organisation that a child belongs to now, or did until its enrolment was void.

        Of the two that it may belong to, that which the actor may know of.
        """
        seen = (org for org in places_of(state.placed) if within(org, actor.org))
        return next(seen, state.last_org)

    def scope(self) -> ChildScope:
        """Return what the sessions of one transaction share."""
        return ChildScope(
            carers=self._carers,
            organisations=self._organisations,
            claims=self._claims,
            refuse_types=self._refuse_types,
            event=self._log.event,
        )

    def session(self, opened: Opened) -> ChildSession:
        """Return the session in which new events of a child are decided."""
        return ChildSession(opened, policy=self._policy)

    def rows(self, session: Session[Child]) -> Sequence[Row]:
        """Return the rows that go with the events: the status, and what is new of the words to be found by.

        The numbers among these are kept for the child in its county, and go with it into another, as the
        digests of its name do.
        """
        child, before = session.state, session.loaded
        values: dict[str, Any] = dict(zip(_STATUS, _status_values(status_of(child)), strict=True))
        status = Row(table=_STATUS_TABLE, key={"child_id": child.stream_id}, values=values)
        if not any(map(_tells_who, session.events)):
            return [status]
        rows = list[Row]()
        if _named_anew(session):
            values[SEARCHED_IN] = searched_in(child)
            rows += self.name_digests.rows(child, session.stream, before=before)
        rows.append(status)
        rows += _number_rows(self._lookups, child, before=before)
        rows += _name_rows(self._lookups, child, before=before)
        rows += self.likenesses.rows(child, session.events, before=before)
        return rows

    def taken(self, actor: Actor, *, table: str) -> Fault:
        """Return why a number is refused that is another child's, and count that against the key.

        A case number is nobody's choice: whose id leads to another child's needs another id.
        """
        if table == _STATUS_TABLE:
            return Fault(reason=CASE_NO_TAKEN)
        self._claims.note(actor)
        return Fault(reason=NUMBER_TAKEN, pointer="/details/student_no")

    def refuse_held(self, session: Session[Child], *, actor: Actor, held: MutableMapping[Held, UUID]) -> None:
        """Raise `Conflict` where a number that is new to a child is another's: what else a save finds out.

        `held` are numbers by whom sessions before would have kept them for.
        """
        for row in _claims(self._lookups, session):
            place = row.key["kind"], row.key["county"], row.key["digest"]
            if place not in held:
                held[place] = self._lookups.holder(row) or session.state.child_id
            if held[place] != session.state.child_id:
                raise Conflict(self.taken(actor, table=row.table))

    def save(self, sessions: Sequence[Session[Child]], *, keys: Keys) -> dict[UUID, Sequence[int]]:
        """Save as `Recording` does; a number that was an erased child's is free."""
        try:
            return super().save(sessions, keys=keys)
        except RowTaken:
            if not self._lookups.give_back(row for each in sessions for row in _claims(self._lookups, each)):
                raise
        return super().save(sessions, keys=keys)

    def versions(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Return how long the streams of children are."""
        rows = self._database.tuples(
            "SELECT child_id, version FROM child_status WHERE child_id IN :ids", ids=tuple(stream_ids)
        )
        return dict(rows)

    def in_care(self, scope: str, day: date) -> tuple[UUID, ...]:
        """Return the children of a subtree who are in care on a day, by their rows."""
        rows = self._database.tuples(
            f"SELECT child_id FROM child_status WHERE {CHILD_WITHIN} AND enrolled_on <= :day"  # noqa: S608
            " AND (care_ends_on IS NULL OR care_ends_on >= :day) ORDER BY org, child_id",
            day=day,
            **below(scope),
        )
        return tuple(child_id for (child_id,) in rows)

    def belonging(self, scope: str) -> tuple[tuple[UUID, str], ...]:
        """Return the children of a subtree, in care or not, each with where it belongs."""
        rows = self._database.tuples(
            f"SELECT child_id, org FROM child_status WHERE {CHILD_WITHIN} ORDER BY child_id",  # noqa: S608
            **below(scope),
        )
        return tuple((child_id, org) for child_id, org in rows)

    def find(self, *, kind: str, word: str, scope: str) -> tuple[UUID, ...]:
        """Find children by student number (`student_no`), identity number (`id_number`), `name` or `case_no`.

        Only those of the subtree `scope`, or on their way into it; "" is everywhere.
        """
        if kind == CASE_NO:
            return self._of_case(word, scope=scope)
        return self._lookups.children(kind=kind, words=(word,), scope=scope)[word]

    def named(self, names: Collection[str], *, scope: str) -> Mapping[str, tuple[UUID, ...]]:
        """Find the children of a subtree, or on their way into it, who bear each name or bore it once."""
        return self._lookups.children(kind=NAME, words=names, scope=scope)

    def forget_erased(self) -> None:
        """Take away what is kept of the names and numbers of those whose keys were destroyed."""
        self._lookups.forget_erased()
        self.name_digests.forget_erased()
        self.likenesses.forget_erased()

    def files_of_case(self, case_no: str, *, scope: str) -> tuple[UUID, ...]:
        """Find the file of a case number, be it merged or not, within `scope` or on its way into it."""
        rows = self._database.tuples(
            f"SELECT child_id FROM child_status WHERE case_no = :case_no AND {EITHER_WITHIN}",  # noqa: S608
            case_no=normal_case_no(case_no),
            **below(scope),
        )
        return tuple(child_id for (child_id,) in rows)

    def files_in(self, child_id: UUID) -> tuple[UUID, ...]:
        """Return the files that go on in that of a child."""
        taken = self._database.one(
            "SELECT 1 FROM events WHERE originator_id = :child_id AND topic IN :taking LIMIT 1",
            child_id=child_id,
            taking=types_with(Effect.TAKES_OVER),
        )
        # Nearly always there are none, and the file need not be read for that.
        return () if taken is None else tuple(f.details.child for f in self.state(child_id).taken_over)

    def kept(self, child_id: UUID, *, scope: str = "") -> tuple[UUID, ...]:
        """Return the file in which a child goes on, mostly its own; none where that is out of `scope`."""
        return tuple(self._kept(child_id, scope=scope))

    def _of_case(self, case_no: str, *, scope: str) -> tuple[UUID, ...]:
        found = self.files_of_case(case_no, scope=scope)
        return tuple(dict.fromkeys(kept for file in found for kept in self.kept(file, scope=scope)))

    def _kept(self, child_id: UUID, *, scope: str) -> Iterator[UUID]:
        """Go to the file in which a child goes on, where its own was merged; it may lie out of sight.

        Whoever can't be read stands for itself: who asks next is told why.
        """
        # A merged file has no day in care, so hardly any other is read.
        row = self._database.one("SELECT enrolled_on FROM child_status WHERE child_id = :id", id=child_id)
        into = None
        if row is not None and row["enrolled_on"] is None:
            with suppress(*UNREADABLE):
                into = self.state(child_id).merged_into
        if into is None:
            yield child_id
        elif self.state(into).belongs_to(scope):
            yield from self._kept(into, scope=scope)

    def meant(self, numbers: Collection[str], *, scope: str) -> Mapping[str, tuple[UUID, ...]]:
        """Find the child that each student number stands for: of several none is meant.

        Files from before numbers had a normal form may differ in nothing but the spelling of theirs, which
        then tells them apart.
        """
        found = self._lookups.children(kind="student_no", words=numbers, scope=scope)
        return {number: self._spelled_so(number, ids) for number, ids in found.items()}

    def meant_before(self, numbers: Mapping[UUID, str], *, scope: str) -> Mapping[UUID, UUID]:
        """Find the children whom student numbers stood for when events were recorded in `scope`.

        `numbers` are by the ids of the events. The child may have left since; its number is still its own.
        """
        if not numbers:
            return {}
        rows = self._database.all(
            "SELECT event_id, originator_id FROM events"  # noqa: S608  a constant
            f" WHERE event_id IN :ids AND {WITHIN}",
            ids=tuple(numbers),
            **below(scope),
        )
        of = {row["event_id"]: row["originator_id"] for row in rows}
        bearers = self._lookups.children(
            kind="student_no", words={numbers[event_id] for event_id in of}, scope=""
        )
        return {
            event_id: child
            for event_id, child in of.items()
            if child in (there := bearers[numbers[event_id]])
            or any(kept in there for kept in self._kept(child, scope=""))
        }

    def _spelled_so(self, number: str, ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        if len(ids) < 2:
            return ids
        profiles = ((i, fold(i, events).profile) for i, events in self._log.streams(list(ids)).items())
        exactly = tuple(
            i for i, said in profiles if said and (said.student_no or "").strip() == number.strip()
        )
        return exactly or ids


def _number_rows(lookups: Lookups, child: Child, *, before: Child) -> Iterator[Row]:
    """Make the rows of what has changed in a child's numbers and in the county that keeps them for it."""
    stream = child.child_id
    old, new = kept_numbers(before), kept_numbers(child)
    words = {(kind, word) for kind, word, _ in new}
    for kind, word, county in sorted(old - new):
        yield lookups.release(kind=kind, word=word, county=county, stream=stream)
        if (kind, word) not in words:
            yield from lookups.words(kind=kind, word=word, stream=stream, borne=False)
    for kind, word, county in sorted(new - old):
        yield from lookups.words(kind=kind, word=word, stream=stream)
        yield lookups.claim(kind=kind, word=word, county=county, stream=stream)


def _claims(lookups: Lookups, session: Session[Child]) -> Iterator[Row]:
    """Make the rows by which numbers that are new to a child are kept for it."""
    return (row for row in _number_rows(lookups, session.state, before=session.loaded) if row.unique)


def kept_numbers(child: Child) -> frozenset[tuple[str, str, str]]:
    """Return each number that is kept for a child: its kind, its normal form, the county that keeps it.

    Beside its own these are the numbers that it has in files which were merged into its own.
    """
    if child.profile is None:
        return frozenset()
    county = county_of(child.org)
    borne = (child.profile, *(fact.details for fact in child.taken_over))
    words = ((kind, getattr(said, kind)) for said in borne for kind in NUMBERS)
    normal = ((kind, FORMS[kind][0](word)) for kind, word in words if word)
    return frozenset((kind, word, county) for kind, word in normal if word)


def _name_rows(lookups: Lookups, child: Child, *, before: Child) -> Iterator[Row]:
    """Make the rows of the names by which a child is found: for ever, but where a merge moves them."""
    stream, old, new = child.child_id, names_of(before), names_of(child)
    for name in sorted(new - old):
        yield from lookups.words(kind=NAME, word=name, stream=stream)
    if (child.merged, child.taken_over) != (before.merged, before.taken_over):
        kept = {digest for name in new for digest in lookups.digests(NAME, name)}
        for name in sorted(old - new):
            left = lookups.words(kind=NAME, word=name, stream=stream, borne=False)
            yield from (row for row in left if row.key["digest"] not in kept)


def _tells_who(event: Event) -> bool:
    """Return whether an entry may change by what a child is found, or what doubles of it are found by."""
    details = type(event.details)
    if declared(details).changes_others or isinstance(event.details, TELLING):
        return True
    return not _FOUND_BY.issubset(untouched(Child, details))


def _named_anew(session: Session[Child]) -> bool:
    """Return whether a child has other names or another county by now, or had some for a while."""
    child, before = session.state, session.loaded
    if (names_of(child), searched_in(child)) != (names_of(before), searched_in(before)):
        return True
    return sum(isinstance(event.details, NAMING) for event in session.events) > 1
