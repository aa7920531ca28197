"""Files that may be of one child: found by what they have in common, told apart by who has looked (ADR 50).

A pair follows from the files as they are, so it needs no event. What is kept is that two were told apart;
once one of them says something else of who the child is, they are another pair.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from application.access import ALLOWED, Action, Actor, require
from application.children.likenesses import Likenesses
from application.readable import Unreadable, readable
from application.reasons import NOT_FOUND
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.doubles import SIGNS, Likeness, Traits, compared, traits_of
from domain.fields import Choice
from domain.ids import own_id
from domain.org import county_of, within
from domain.refusal import Fault, Unknown, refuses

DDL = (
    """
    CREATE TABLE double_apart (
        double_id uuid PRIMARY KEY,
        settled_at timestamptz NOT NULL,
        settled_by text NOT NULL
    )
    """,
)
NAMESPACE = UUID("0b4c2f0e-8a55-5a0d-9d4e-5f1c1f6a3f50")
SECRET = "double"  # noqa: S105  the name of one
MOST_SHOWN = 500
# So many are named where one child is enrolled.
MOST_HINTED = 5
# Of how many that have a mark each is compared with: where more have it, it tells nobody apart.
MOST_COMPARED = 50
_AT_ONCE = 200
K = TypeVar("K")


class State(Choice):
    """Whether somebody has looked at a pair."""

    OPEN = "open", "待核对", "open"
    APART = "apart", "已确认不是同一名", "told apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class MayBe:
    """A file that may be of a child, and why."""

    child_id: UUID
    case_no: str
    org: str
    name: str
    student_no: str | None
    likeness: Likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """Two files that may be of one child, in order of id, and why; when and by whom they were told apart."""

    double_id: UUID
    likeness: Likeness
    children: tuple[MayBe, MayBe]
    settled_at: datetime | None = None
    settled_by: str | None = None

    @property
    def state(self) -> State:
        """Whether somebody has looked at it."""
        return State.OPEN if self.settled_at is None else State.APART


class Doubles:
    """The pairs that a key sees: those both of whose files lie within its reach."""

    def __init__(self, likenesses: Likenesses, *, now: Callable[[], datetime]) -> None:
        self._likenesses = likenesses
        self._log = likenesses.log
        self._database = likenesses.database
        self._now = now

    def listed(
        self,
        *,
        actor: Actor,
        org: str = "",
        state: State = State.OPEN,
        unreadable: Unreadable | None = None,
    ) -> list[Double]:
        """Return the pairs of a state in `org` and below it, those that have most in common first."""
        org = org or actor.org
        require(actor, Action.READ, org=org)
        found = [each for each in self._seen(org, unreadable=unreadable) if each.state is state]
        return sorted(found, key=lambda each: (-each.likeness.score, each.double_id))

    @refuses(NOT_FOUND)
    def tell_apart(self, double_id: UUID, *, actor: Actor) -> Double:
        """Say that two files are of two children; the same again is nothing new. Raises `Unknown`."""
        found = self._found(double_id, actor=actor)
        if found.state is State.APART:
            return found
        with self._database.transaction() as tx:
            row = {"double_id": double_id, "settled_at": self._now(), "settled_by": actor.name}
            tx.upsert(table="double_apart", key=("double_id",), rows=[row])
        return self._found(double_id, actor=actor)

    @refuses(NOT_FOUND)
    def reopen(self, double_id: UUID, *, actor: Actor) -> Double:
        """Take back that two files were told apart; twice is once. Raises `Unknown`."""
        self._found(double_id, actor=actor)
        with self._database.transaction() as tx:
            tx.run("DELETE FROM double_apart WHERE double_id = :double_id", double_id=double_id)
        return self._found(double_id, actor=actor)

    def like(
        self, wanted: Mapping[K, Traits], *, org: str, actor: Actor, but: Collection[UUID] = ()
    ) -> Mapping[K, list[MayBe]]:
        """Return files that may be of children of `org`, the likeliest first, that the actor may read.

        Who there are none for is left out.
        """
        if Action.READ not in ALLOWED[actor.role] or actor.types is not None:
            return {}
        digests = {key: self._likenesses.of(each, county=county_of(org)) for key, each in wanted.items()}
        every = {digest for some in digests.values() for digest in some}
        holders = {
            digest: list(islice((i for i in ids if i not in but), MOST_COMPARED))
            for digest, ids in self._likenesses.holding(every, within=actor.org).items()
        }
        # Nobody is a double of itself.
        meant = {
            key: {i for digest in some for i in holders.get(digest, ()) if i != key}
            for key, some in digests.items()
        }
        ids = sorted(set().union(*meant.values()))
        known = self._known(ids, unreadable=lambda _child_id, _fault: None)
        found = {
            key: _likely(wanted[key], [known[i] for i in some if i in known]) for key, some in meant.items()
        }
        return {key: likely for key, likely in found.items() if likely}

    def like_children(self, child_ids: Sequence[UUID], *, actor: Actor) -> Mapping[UUID, list[MayBe]]:
        """Return files that may be of the same children as these, but those that were told apart from them.

        Children whom the actor may not read, and who there are none for, are left out.
        """
        known = self._known(child_ids, unreadable=lambda _child_id, _fault: None)
        by_org: dict[str, dict[UUID, Traits]] = {}
        for child_id, (child, traits) in known.items():
            if within(child.org, actor.org):
                by_org.setdefault(child.org, {})[child_id] = traits
        found: dict[UUID, list[MayBe]] = {}
        for org, wanted in by_org.items():
            found |= self.like(wanted, org=org, actor=actor)
        others = self._known(
            sorted({each.child_id for some in found.values() for each in some}), unreadable=None
        )
        ids = {
            (child_id, each.child_id): self._id_of(
                {child_id: known[child_id][1], each.child_id: others[each.child_id][1]}
            )
            for child_id, some in found.items()
            for each in some
            if each.child_id in others
        }
        apart = self._apart(list(set(ids.values())))
        left = {
            child_id: [each for each in some if ids.get((child_id, each.child_id)) not in apart]
            for child_id, some in found.items()
        }
        return {child_id: some for child_id, some in left.items() if some}

    def among(self, children: Collection[UUID], *, actor: Actor) -> list[Double]:
        """Return the pairs to which all these children belong."""
        require(actor, Action.READ, org=actor.org)
        seen = self._seen(actor.org, unreadable=lambda _child_id, _fault: None)
        return [each for each in seen if {*children} <= {child.child_id for child in each.children}]

    def _found(self, double_id: UUID, *, actor: Actor) -> Double:
        require(actor, Action.MANAGE, org=actor.org)
        for each in self._seen(actor.org, unreadable=lambda _child_id, _fault: None):
            if each.double_id == double_id:
                return each
        raise Unknown(Fault(reason=NOT_FOUND))

    def _seen(self, org: str, *, unreadable: Unreadable | None) -> Iterator[Double]:
        pairs = self._likenesses.pairs(within=org)
        known = self._known(sorted({i for pair in pairs for i in pair}), unreadable=unreadable)
        likely: dict[UUID, tuple[Likeness, tuple[MayBe, MayBe]]] = {}
        for one, other in pairs:
            if one not in known or other not in known:
                continue
            (first, said), (second, there) = known[one], known[other]
            likeness = compared(said, there)
            if likeness.worth_a_look and within(first.org, org) and within(second.org, org):
                both = _may_be(first, likeness), _may_be(second, likeness)
                likely[self._id_of({one: said, other: there})] = likeness, both
        apart = self._apart(list(likely))
        for double_id, (likeness, both) in likely.items():
            at, by = apart.get(double_id, (None, None))
            yield Double(double_id=double_id, likeness=likeness, children=both, settled_at=at, settled_by=by)

    def _known(
        self, ids: Sequence[UUID], *, unreadable: Unreadable | None
    ) -> dict[UUID, tuple[Child, Traits]]:
        """Read files and who they are of; whoever was erased since is forgotten."""
        found: dict[UUID, tuple[Child, Traits]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            for child_id, events in readable(self._log, ids[start : start + _AT_ONCE], unreadable=unreadable):
                child = fold(child_id, events)
                if any(event.erased for event in events):
                    self._likenesses.forget([child_id])
                elif (traits := traits_of(child)) is not None:
                    found[child_id] = child, traits
        return found

    def _apart(self, double_ids: Sequence[UUID]) -> Mapping[UUID, tuple[datetime, str]]:
        if not double_ids:
            return {}
        rows = self._database.tuples(
            "SELECT double_id, settled_at, settled_by FROM double_apart WHERE double_id IN :ids",
            ids=tuple(double_ids),
        )
        return {double_id: (at, by) for double_id, at, by in rows}

    def _id_of(self, both: Mapping[UUID, Traits]) -> UUID:
        """Return the id of a pair as it is: what was told apart was told of who they were then."""
        said = (repr([sign.of(both[child_id]) for sign in SIGNS]) for child_id in sorted(both))
        digest = self._likenesses.keyring.digest(SECRET, *sorted(both), *said)
        return own_id(NAMESPACE, digest.hex())


def _likely(traits: Traits, known: Sequence[tuple[Child, Traits]]) -> list[MayBe]:
    found = (_may_be(child, compared(traits, there)) for child, there in known)
    likely = [each for each in found if each.likeness.worth_a_look]
    return sorted(likely, key=lambda each: (-each.likeness.score, each.child_id))[:MOST_HINTED]


def _may_be(child: Child, likeness: Likeness) -> MayBe:
    profile = child.profile
    assert profile is not None, "who has traits is enrolled"
    return MayBe(
        child_id=child.child_id,
        case_no=case_no_of(child.child_id),
        org=child.org,
        name=profile.name,
        student_no=profile.student_no,
        likeness=likeness,
    )


def shown(double: Double) -> dict[str, Any]:
    """Write a pair."""
    return {
        "double_id": double.double_id,
        "state": double.state,
        "score": double.likeness.score,
        "agrees": double.likeness.agrees,
        "differs": double.likeness.differs,
        "children": [
            {
                "child_id": each.child_id,
                "case_no": each.case_no,
                "org": each.org,
                "name": each.name,
                "student_no": each.student_no,
            }
            for each in double.children
        ],
        "settled_at": double.settled_at,
        "settled_by": double.settled_by,
    }
