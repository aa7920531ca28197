"""What it takes to be a kind of stream: its types, the view of its facts, and what may be said of it.

The declaration of each kind is the `KIND` of `domain/streams/<plural>/kind.py`.
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from domain.event import Details, Event, NewEvent
from domain.ledger import event_corrected, event_voided
from domain.ledger.event_type import EventType
from domain.ledger.facts import Facts
from domain.reasons import NO_SUCH_EVENT
from domain.refusal import Fault, Reason, Text, conflict

F = TypeVar("F", bound=Facts)

# The kind of streams whose events name none, as no event did in 0.1.
UNNAMED = "child"
# Whose entries are for rules that no kind declares as its own: any unit of the tree.
UNIT = "unit"

UNKNOWN_STREAM = Reason(code="unknown_stream", zh="没有这一档案", en="Nothing was recorded under this id.")
ALREADY_OPEN = Reason(code="already_open", zh="该编号已登记", en="This id is already in use.")
OPENING_STANDS = Reason(
    code="opening_stands",
    zh="其后已有其他记录，不能作废首条记录",
    en="The first event can't be voided while later ones stand.",
)
NOT_ON_STREAM = Reason(code=NO_SUCH_EVENT.code, zh="尚无这条记录", en="There is no such event yet.")


def _no_faults(_state: Any, _new_event: NewEvent) -> Iterator[Fault]:
    return iter(())


def _admit(_state: Any, _new_event: NewEvent, *, corrected: bool) -> Iterator[Fault]:  # the form of a hook
    return iter(())


def _orgs_of_entries(state: Facts) -> Collection[str]:
    return frozenset(fact.event.org for fact in state.entries)


def _never_ends(_state: Any) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may read a stream that is not for everybody: holders of keys, by their ids as principals.

    The managers of its county may as well, but nobody who is excluded.
    """

    readers: frozenset[UUID]
    excluded: frozenset[UUID]


def _no_children(_state: Any) -> Collection[UUID]:
    return ()


def open_until(closed: Callable[[Any], bool], reason: Reason) -> Callable[..., Iterator[Fault]]:
    """Return the `admits` of a kind whose streams are closed.

    A closed one takes nothing more, for `reason`; what was wrong can still be corrected and voided, the
    closing too.
    """

    def admits(state: Any, _new_event: NewEvent, *, corrected: bool) -> Iterator[Fault]:
        if closed(state) and not corrected:
            raise conflict(reason)
        return iter(())

    return admits


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks(Generic[F]):
    """What a kind adds to the rules of every stream; see `domain.ledger.decide`. Each finds faults or raises.

    `days` looks at the days of any new event; `opening` at what opens the stream, and `restated` at what a
    correction makes of that beside the other facts. `admits` looks at what is said of an open stream, or at
    what a correction (`corrected`) makes of such an entry. `ended` raises where the stream takes no more.
    """

    days: Callable[[F, NewEvent], Iterator[Fault]] = _no_faults
    opening: Callable[[F, NewEvent], Iterator[Fault]] = _no_faults
    restated: Callable[[F, NewEvent], Iterator[Fault]] = _no_faults
    admits: Callable[..., Iterator[Fault]] = _admit
    ended: Callable[[F], None] = _never_ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A child whose file must say something because of an event of another stream.

    `number` is its place among all that the stream ever names, from 0; `cause` is the event that named it,
    by id or by student number. A number is looked up within `scope`, the organisation that the recorder saw.
    """

    number: int
    cause: Event
    child_id: UUID | None
    student_no: str | None
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut(Generic[F]):
    """What the files of children must say because of a stream of this kind.

    `addressees` names the children, those that are named later behind the others. `new_events` gives all that
    the file of one must say, whose id is known by then: the entry itself, then what has changed it since, and
    last its voiding where what names the child is `withdrawn`. Their ids follow from the stream and the
    child, so that each is recorded once, however often it is offered.
    """

    addressees: Callable[[F], Sequence[Addressee]]
    new_events: Callable[[F, Addressee, UUID], Sequence[NewEvent]]
    withdrawn: Callable[[F, Addressee], bool]


@dataclass(frozen=True, kw_only=True)
class StreamKind(Generic[F]):
    """A kind of stream.

    `name` is singular, as metadata name it; `plural` is the segment of its paths. `types` are all that its
    streams hold, the correction and the voiding among them where any type allows them; those in `opens` open
    a stream, once unless `opens_again`. `view` is what its facts are folded into. An id is chosen by the
    client ("uuid"), follows from a path of organisations ("path"), or is given by the ledger ("own").
    `reads` and `writes` name the actions that a key needs.

    Routes, items of batches, changes, the timeline and history follow for a kind that is `served`; any other
    has routes made by hand. `fans_out` says what the files of children must say because of this stream;
    `children` gives those whom it ever named, by whom it is found. With `access` a stream is there for those
    alone whom that names: to others it is as if it were not, in every list and feed.
    `counts_for` is the subject of rules that its entries belong to, where that is not the unit that recorded
    them; those of a kind that is neither served nor says so count for nobody, nor do those of few readers.
    `orgs` gives the organisations that a stream ever belonged to, by default those that recorded its entries:
    carers of their counties are named in its history. The reasons are given where a stream was never opened
    (`unknown`), is opened twice (`already_open`), or would lose its opening while other entries stand
    (`opening_stands`), and where a correction or voiding names what is not there (`no_such_event`); `id_at`
    points to the id that was chosen.
    """

    name: str
    plural: str
    label: Text
    types: tuple[EventType, ...]
    opens: tuple[type[Details], ...]
    view: type[F]
    checks: Checks[F] = field(default_factory=Checks)
    opens_again: bool = False
    unknown: Reason = UNKNOWN_STREAM
    already_open: Reason = ALREADY_OPEN
    opening_stands: Reason = OPENING_STANDS
    no_such_event: Reason = NOT_ON_STREAM
    id: Literal["uuid", "path", "own"] = "uuid"
    id_at: str = "/stream_id"
    served: bool = False
    reads: str = "read"
    writes: str = "submit"
    fans_out: FanOut[F] | None = None
    children: Callable[[F], Collection[UUID]] = _no_children
    counts_for: str | None = None
    access: Callable[[F], Access] | None = None
    orgs: Callable[[F], Collection[str]] = _orgs_of_entries

    @property
    def in_metadata(self) -> str | None:
        """The name that metadata give; None for a child's streams, whose events name no kind."""
        return None if self.name == UNNAMED else self.name

    @property
    def counted_for(self) -> str | None:
        """Whose entries these are for rules: the subject that was declared, or a unit; None for nobody."""
        if self.access is not None:
            return None
        return self.counts_for or (UNIT if self.served else None)

    @property
    def folder(self) -> str:
        """The name of the folder in `domain/streams/` that declares this kind."""
        return self.plural.replace("-", "_")

    @cached_property
    def by_type(self) -> Mapping[str, EventType]:
        """The types of this kind by name."""
        return {each.type: each for each in self.types}

    @cached_property
    def has_to_itself(self) -> tuple[type[Details], ...]:
        """The types whose entries may say what no other stream may say as well."""
        return tuple(each.details for each in self.types if each.has_to_itself)

    @cached_property
    def opening(self) -> frozenset[str]:
        """The names of the types that open a stream."""
        return frozenset(name for name, each in self.by_type.items() if issubclass(each.details, self.opens))


def modules_in(package: str, *, but: str = "") -> Iterator[ModuleType]:
    """Import the modules of a package one after another, by name; leave out the one with the name `but`."""
    found = importlib.import_module(package)
    for name in sorted(info.name for info in pkgutil.iter_modules(found.__path__)):
        if name != but:
            yield importlib.import_module(f"{package}.{name}")


def types_beside(module: str, /) -> tuple[EventType, ...]:
    """Return the types that the other modules of a folder declare: their `EVENT_TYPE` or `EVENT_TYPES`.

    The correction and the voiding are added where any of them allows it. `module` is the full name of the
    one that declares the kind.
    """
    package, _, own = module.rpartition(".")
    found: list[EventType] = []
    for each in modules_in(package, but=own):
        found += getattr(each, "EVENT_TYPES", ())
        found += filter(None, (getattr(each, "EVENT_TYPE", None),))
    correction = [event_corrected.EVENT_TYPE] if any(each.correctable for each in found) else []
    voiding = [event_voided.EVENT_TYPE] if any(each.voidable for each in found) else []
    return (*found, *correction, *voiding)
