"""What it takes to be a type of care action: one module in `domain/care_actions/` gives one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.care_views import Move, Pairing, Transfer
from domain.choices import ActivityKind, Line, Met, Role, VisitOutcome
from domain.event import Details, NewEvent
from domain.ledger.event_type import EventType
from domain.ledger.fact import Fact
from domain.reasons import ENDS_BEFORE_IT_BEGINS, NO_SUCH_ACTION
from domain.refusal import AtOdds, Fault, Invalid, Reason, Text

T = TypeVar("T")
T2 = TypeVar("T2")
D = TypeVar("D", bound=Details)
Shows: TypeAlias = Mapping[str, list[dict[str, Any]]]
Check: TypeAlias = Callable[[NewEvent, Any], Iterator[Fault]]


class Known(Protocol):
    """What a check may ask of the child that an entry is about."""

    @property
    def born(self) -> date | None: ...
    @property
    def pairings(self) -> tuple[Pairing, ...]: ...
    @property
    def ended_pairings(self) -> Mapping[UUID, date]: ...
    @property
    def moves(self) -> tuple[Move, ...]: ...
    @property
    def placed(self) -> tuple[Move, ...]: ...
    @property
    def org(self) -> str: ...
    @property
    def transfers(self) -> tuple[Transfer, ...]: ...

    def transfer(self, event_id: UUID) -> Transfer | None:
        """Find a transfer by the event id of its proposal."""

    def fact(self, event_id: UUID) -> Fact | None:
        """Find a standing entry."""

    def of(self, wanted: type[D]) -> Iterator[tuple[Fact, D]]:
        """Go through the standing entries of one type, in order."""


class PaperLine(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a care log as schools keep it on paper, already trimmed; "" is an empty cell.

    `word` is 类型, by which the type was found: it may say more than that. `counterpart` is 对象, `outcome`
    结果, `content` 内容; `minutes` is None when the cell is empty, which is not known and never zero.
    `carers` are those whom it names, `companions` the names of further people who are no known carers.
    """

    word: str
    counterpart: str
    outcome: str
    minutes: int | None
    content: str
    carers: tuple[UUID, ...]
    companions: str = ""

    @property
    def record(self) -> str | None:
        """The contents, and behind them the companions, for a type without a field for these."""
        said = f"记录人：{self.companions}" if self.companions else ""
        return "\n".join(filter(None, (self.content, said))) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """What an activity says of one child that was there; `outcome`, `met` and `record` of a visit alone."""

    activity: UUID
    kind: ActivityKind
    topic: str
    role: Role
    minutes: int | None
    carers: tuple[UUID, ...]
    outcome: VisitOutcome | None = None
    met: tuple[Met, ...] = ()
    record: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfActivity:
    """How a type makes the entry of a child that was there.

    `visits`: of each child of a collective visit day, and otherwise of any other activity. `follows` are the
    fields that a correction of the activity changes in the entry.
    """

    make: Callable[[Attendance], Details]
    visits: bool = False
    follows: tuple[str, ...] = ()


PAPER_WORD = Reason(
    code="paper_word",
    zh="此类型不认识该栏的用词",
    en="This type does not accept the word in that column.",
)
PAPER_BLANK = Reason(
    code=PAPER_WORD.code,
    zh="该栏未填或没有这一列，而此类型须填写",
    en="This column is empty or missing, and this type needs it.",
)
CELLS_CONTRADICT = Reason(
    code="cells_contradict",
    zh="两栏互相矛盾",
    en="Two columns contradict each other.",
)


def unlike(text: Text, *, at: str) -> Fault:
    """Return the fault of a column that says what an entry of the type can't say, or less than it needs."""
    return Fault(reason=Reason(code=PAPER_WORD.code, zh=text.zh, en=text.en), pointer=f"/{at}")


def contradicting(first: str, second: str, *, at: str) -> Invalid:
    """Refuse a line of which two columns can't both be true, and name both; `at` is the first of them."""
    reason = Reason(
        code=CELLS_CONTRADICT.code,
        zh=f"“{first}”与“{second}”{CELLS_CONTRADICT.zh}",
        en=f"{CELLS_CONTRADICT.en} {first}, {second}.",
    )
    return Invalid(Fault(reason=reason, pointer=f"/{at}"))


def paper_word(words: Mapping[str, T], said: str, *, at: str, advice: Text | None = None) -> T:
    """Translate the word of a column, "outcome" or "counterpart", or refuse the line.

    A word that a type can't put into its event is none that it knows: no cell is dropped in silence.
    `advice` is what to do beside choosing another word.
    """
    if said not in words:
        known = "、".join(word or "（空）" for word in words)
        zh, en = (f"。{advice.zh}", f" {advice.en}") if advice else ("", "")
        why = PAPER_WORD if said else PAPER_BLANK
        reason = Reason(
            code=why.code, zh=f"{why.zh}；可填：{known}{zh}", en=f"{why.en} It knows: {known}.{en}"
        )
        raise Invalid(Fault(reason=reason, pointer=f"/{at}"))
    return words[said]


def both(first: Callable[[], T], second: Callable[[], T2]) -> tuple[T, T2]:
    """Return what two columns of a line say. Raises `Invalid` with the faults of both."""
    faults: list[Fault] = []
    for read in (first, second):
        try:
            read()
        except Invalid as refused:
            faults += refused.faults
    if faults:
        raise Invalid(*faults)
    return first(), second()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the state of a child shows of a type, under a name of its own: the details that hold.

    `holding` picks them of all that is known: those that hold, or none, of which there is one unless `many`.
    `first` is what stands before the fields of each, under names and in words that other types share; it is
    given all that types show of the child, in words, beside the details.
    """

    name: str
    holding: Callable[[Known], Iterable[Details]]
    many: bool = False
    first: Callable[[Any, Shows], Mapping[str, object]] = lambda _details, _all: {}


def _never(_details: Any, *, has_record: bool) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CareAction(EventType):
    """A type of care action: what may be recorded of a child.

    `contact` tells whether such an action, with or without its record, reaches the child's world, and
    `sighting` whether somebody of the carers' side met the child itself by it, face to face. `paper`
    are the words of the 类型 column of a care log and `from_paper` reads such a line; those of
    `beyond_paper` are words of a type of which a line says too little. `day_column` is the
    column of the census form that holds its day; None where that is the day of the enrolment. `of_activity`
    makes the entry of a child that took part in an activity. `shows` is the view of a child that belongs to
    this type alone, and stands in what is shown of it.
    """

    contact: Callable[..., bool] = _never
    sighting: Callable[..., bool] = _never
    paper: tuple[str, ...] = ()
    from_paper: Callable[[PaperLine], Details] | None = None
    beyond_paper: tuple[str, ...] = ()
    day_column: str | None = None
    of_activity: OfActivity | None = None
    shows: Shown | None = None

    def is_contact(self, details: Any, *, has_record: bool) -> bool:
        """Return whether such an action reaches the child's world."""
        return self.contact(details, has_record=has_record)

    def is_sighting(self, details: Any, *, has_record: bool) -> bool:
        """Return whether somebody of the carers' side met the child itself."""
        return self.sighting(details, has_record=has_record)


def before(day: date | None, other: date, reason: Reason, pointer: str) -> Iterator[Fault]:
    """Return a fault where `day` lies before `other`."""
    if day is not None and day < other:
        yield Fault(reason=reason, pointer=pointer)


def entry_named(child: Known, event_id: UUID, wanted: type[D], *, at: str) -> D:
    """Return the standing entry of the child that the field `at` names by its event id.

    Raises `AtOdds` where there is none of that type: it may come yet, from a phone that was offline.
    """
    fact = child.fact(event_id)
    if fact is None or not isinstance(fact.details, wanted):
        raise AtOdds(Fault(reason=NO_SUCH_ACTION, pointer=f"/details/{at}"))
    return fact.details


def naming(field: str, wanted: type[Details], *, once: Reason | None = None) -> Check:
    """Return the check that a field names a standing entry of a type, where it names one.

    `once` is given for a second entry that names the same.
    """

    def check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
        named = getattr(new_event.details, field)
        if named is None:
            return
        entry_named(child, named, wanted, at=field)
        if once is not None and any(getattr(o, field) == named for _, o in child.of(type(new_event.details))):
            yield Fault(reason=once, pointer=f"/details/{field}")

    return check


def place_on(child: Known, line: Line | None) -> str:
    """Return where a child belongs on a line; empty where that is nowhere, or no line is named."""
    orgs = [move.org for move in child.placed if move.line is line]
    return orgs[-1] if orgs else ""


def ends_no_earlier(new_event: NewEvent, _known: Any) -> Iterator[Fault]:
    """Find a day in `until` that lies before the entry."""
    until = new_event.details.until  # type: ignore[attr-defined]  # of the types that are checked by this
    return before(until, new_event.occurred.day, ENDS_BEFORE_IT_BEGINS, "/details/until")


def latest(wanted: type[D]) -> Callable[[Known], Iterable[D]]:
    """Return the view of the last entry of a type, if there is one."""
    return lambda child: [said for _, said in child.of(wanted)][-1:]
