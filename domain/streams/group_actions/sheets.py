"""The sheets of a group action: one entry for many children, with a row for each of them.

A sheet is declared by the care action that it writes into each file and by the fields that differ from child
to child. These stand in its rows, all others once at its head.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import GenericAlias
from typing import Any, get_type_hints
from uuid import UUID

from domain.catalogue import care_actions_by_type
from domain.event import Details, NewEvent
from domain.fields import described, fields_of
from domain.ledger.event_type import EventType, declared
from domain.ledger.fanning import named_twice
from domain.refusal import Advice, Fault, Invalid, Reason, Text

MOST_CHILDREN = 2000
PAIRING_OR_FORMER = Reason(
    code="pairing_or_former",
    zh="须写明交出帮扶人，或每名儿童的结对",
    en="Say who hands over, or which pairing of each child.",
)
ADVICE = Advice(
    reason=PAIRING_OR_FORMER,
    zh="填写交出帮扶人（former），各行即可不写结对编号。",
    en="Give the carer who hands over as `former`; then no row needs a pairing.",
    refusals=(Invalid,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A type of sheet: the type that it writes into each file, and which fields of that stand in the rows.

    Those in `left_out` need not be said: what they are is found when the entry is written.
    """

    name: str
    label: Text
    says: str
    entry: str
    each: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def writes(self) -> type[Details]:
        """What is written into each file."""
        return care_actions_by_type()[self.entry].details


_DECLARED = (
    Sheet(
        name="letters_written",
        label=Text(zh="书信活动", en="Letters written"),
        says="Letters of many children: of each, to whom it went. Never what it says.",
        entry="letter_sent",
        each=("reader", "answers"),
    ),
    Sheet(
        name="messages_spread",
        label=Text(zh="群发通知", en="Messages spread"),
        says="One message to many homes: of each, whether it arrived and was answered.",
        entry="message_sent",
        each=("arrived", "answered"),
    ),
    Sheet(
        name="calls_held",
        label=Text(zh="集体亲情通话", en="Calls held"),
        says="Calls of many children one after another: of each, whom it called and whether they talked.",
        entry="call_made",
        each=("called", "outcome", "minutes", "language", "record"),
    ),
    Sheet(
        name="children_measured",
        label=Text(zh="集体体检", en="Children measured"),
        says="A health day: of each child, what was measured and found.",
        entry="health_check_recorded",
        each=("height_cm", "weight_g", "eyes", "teeth", "findings", "follow_up_on"),
    ),
    Sheet(
        name="class_handed_over",
        label=Text(zh="整班交接", en="Class handed over"),
        says="All pairings of one kind go over to another carer: those of `former`, or those that are named.",
        entry="care_handed_over",
        each=("pairing", "duties"),
        left_out=("pairing",),
    ),
)


def _fields(sheet: Sheet, names: Iterable[str]) -> list[tuple[str, Any, Any]]:
    details: Any = sheet.writes
    known, types = {f.name: f for f in dataclasses.fields(details)}, get_type_hints(details)
    left_out = set(sheet.left_out)
    made = {
        name: dataclasses.field(default=None if name in left_out else f.default, metadata=f.metadata)
        for name, f in known.items()
    }
    return [(name, types[name] | None if name in left_out else types[name], made[name]) for name in names]


def _class(name: str, bases: tuple[type, ...], fields: Any, **namespace: Any) -> Any:
    namespace["__module__"] = __name__
    return dataclasses.make_dataclass(
        name, fields, bases=bases, namespace=namespace, frozen=True, slots=True, kw_only=True
    )


def _details(sheet: Sheet) -> type[Details]:
    """Make the details class of a sheet, and that of its rows."""
    name = "".join(word.title() for word in sheet.name.split("_"))
    child = ("child", UUID, described("儿童", "Child"))
    row = _class(f"{name}Row", (), [child, *_fields(sheet, sheet.each)], __doc__="What one child had.")
    rows = described("儿童", "Children", personal=True, min_length=1, max_length=MOST_CHILDREN)
    head = [f.name for f in fields_of(sheet.writes) if f.name not in sheet.each]
    many: Any = GenericAlias(tuple, (row, ...))
    fields = [("children", many, rows), *_fields(sheet, head)]
    made: type[Details] = _class(name, (Details,), fields, __doc__=sheet.says, TYPE=sheet.name)
    return made


def _check(new_event: NewEvent, action: Any) -> Iterator[Fault]:
    said: Any = new_event.details
    if SHEETS[type(said)].left_out and said.former is None and any(r.pairing is None for r in said.children):
        yield Fault(reason=PAIRING_OR_FORMER, pointer="/details/former")
    before = (row.child for _, other in action.of(type(said)) for row in other.children or ())
    yield from named_twice((row.child for row in said.children), before)


def _event_type(sheet: Sheet, details: type[Details]) -> EventType:
    return EventType(
        details=details,
        label=sheet.label,
        carers=declared(sheet.writes).carers,
        correctable=False,
        check=_check,
    )


SHEETS: dict[type[Details], Sheet] = {_details(sheet): sheet for sheet in _DECLARED}
EVENT_TYPES = tuple(_event_type(sheet, details) for details, sheet in SHEETS.items())


def entry_of(said: Any, child: UUID) -> Details:
    """Return what a sheet says of one child, as the entry of its file."""
    sheet = SHEETS[type(said)]
    row = next(row for row in said.children if row.child == child)
    names = [field.name for field in fields_of(sheet.writes)]
    return sheet.writes(**{name: getattr(row if name in sheet.each else said, name) for name in names})
