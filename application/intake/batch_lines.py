"""What became of one line of a batch, and how that is kept: ids, codes and places, never what was said."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import Struct

from application.access import Forbidden
from application.children.claims import TooManyClaims
from application.eventstore.keyring import KeysMissing
from application.intake.submission import Submission
from application.recording.daily_limit import TooManyEvents
from application.recording.outcome import Recorded
from application.streams import Busy
from domain.catalogue import submitted_types
from domain.event import Evidence
from domain.fields import fields_of
from domain.ledger.corrections import CORRECTABLE
from domain.ledger.fact import Fact
from domain.refusal import AtOdds, Conflict, Fault, Invalid, Reason, Refused, Stale, Unknown, VersionRequired

RECORDED, ALREADY_RECORDED, QUARANTINED, REFUSED = "recorded", "already_recorded", "quarantined", "refused"
LINE_STATES = (RECORDED, ALREADY_RECORDED, QUARANTINED, REFUSED)
# The HTTP status of each kind of refusal that an entry may meet, whatever way it comes.
STATUS: Mapping[type[Refused], int] = {
    Forbidden: 403,
    Unknown: 404,
    Conflict: 409,
    AtOdds: 409,
    Stale: 412,
    Invalid: 422,
    VersionRequired: 428,
    TooManyEvents: 429,
    TooManyClaims: 429,
    Busy: 503,
    KeysMissing: 503,
}


class BatchLine(Struct, frozen=True, kw_only=True, gc=False):
    """What became of one line. `faults` say why it does not stand; `item_id` is where it waits.

    `child_id` is the id of the stream; `stream_kind` says of which kind, None for a child. Of a paper with
    several sheets the sheet, counted from 1, and the row in it are given: its name may be that of a person.
    `faults` of what was recorded say what of the line was not, `repeats` which entries may tell of the same.
    """

    line: int
    status: int
    state: str
    event_id: UUID | None = None
    child_id: UUID | None = None
    position: int | None = None
    version: int | None = None
    late_days: int | None = None
    item_id: UUID | None = None
    faults: tuple[Fault, ...] = ()
    stream_kind: str | None = None
    sheet: int | None = None
    sheet_row: int | None = None
    repeats: tuple[UUID, ...] = ()


_SHEET = ("sheet", "sheet_row")
_PLAIN = tuple(name for name in BatchLine.__struct_fields__ if name not in ("faults", "repeats", *_SHEET))


def recorded_line(number: int, outcome: Recorded) -> BatchLine:
    """Return what is kept of a line whose entry stands."""
    return BatchLine(
        line=number,
        status=201 if outcome.new else 200,
        state=RECORDED if outcome.new else ALREADY_RECORDED,
        event_id=outcome.event_id,
        child_id=outcome.stream_id,
        position=outcome.position,
        version=outcome.version,
        late_days=outcome.late_days,
        stream_kind=outcome.stream_kind,
        repeats=outcome.repeats,
    )


def standing_line(number: int, fact: Fact, *, own: bool = False) -> BatchLine:
    """Return what is kept of a line whose entry was there; `own` says that this batch recorded it before."""
    event = fact.event
    return BatchLine(
        line=number,
        status=201 if own else 200,
        state=RECORDED if own else ALREADY_RECORDED,
        event_id=event.event_id,
        child_id=event.originator_id,
        position=event.position,
        version=event.originator_version,
        late_days=fact.late_days,
    )


def of_line(fact: Fact, *, import_id: UUID | None, line: int) -> bool:
    """Return whether an entry was recorded of a line by an import, say before that was cut."""
    told = fact.event.metadata
    return import_id is not None and (told.import_id, told.line) == (import_id, line)


def status_of_line(refused: Refused) -> int:
    """Return the HTTP status of a refusal that a line may meet; what is wrong with the line itself is 422."""
    return next((STATUS[kind] for kind in type(refused).__mro__ if kind in STATUS), 422)


def rows_of(results: Sequence[BatchLine], *, upload: UUID) -> list[dict[str, Any]]:
    """Return the rows of what became of some lines, all with the same columns."""
    names = (*_PLAIN, *_SHEET) if any(each.sheet is not None for each in results) else _PLAIN
    rows = [
        {"upload": upload, **{name: getattr(each, name) for name in names}, "faults": _faults(each)}
        for each in results
    ]
    if any(each.repeats for each in results):
        for row, each in zip(rows, results, strict=True):
            row["repeats"] = [str(event_id) for event_id in each.repeats] or None
    return rows


def _faults(result: BatchLine) -> list[dict[str, str]] | None:
    return [
        {"pointer": _tame(f.pointer), "code": f.reason.code, "zh": f.reason.zh, "en": f.reason.en}
        for f in result.faults
    ] or None


def line_of(row: Mapping[str, Any]) -> BatchLine:
    """Return what became of a line as its row says."""
    faults = tuple(
        Fault(reason=Reason(code=f["code"], zh=f["zh"], en=f["en"]), pointer=f["pointer"])
        for f in row["faults"] or ()
    )
    kept = {name: row[name] for name in BatchLine.__struct_fields__ if name not in ("faults", "repeats")}
    return BatchLine(**kept, faults=faults, repeats=tuple(map(UUID, row["repeats"] or ())))


def _tame(pointer: str) -> str:
    """Cut a pointer before the first step that is no word of ours: senders may call a field anything."""
    tame = ""
    for step in pointer.split("/")[1:]:
        if not step.isdecimal() and step not in _field_names():
            break
        tame += f"/{step}"
    return tame


@cache
def _field_names() -> frozenset[str]:
    names = {*Submission.__struct_fields__, *Evidence.__slots__, *CORRECTABLE}
    waiting: list[type] = [action.details for action in submitted_types().values()]
    while waiting:
        for field in fields_of(waiting.pop()):
            names.add(field.name)
            if hasattr(field.base, "__dataclass_fields__"):
                waiting.append(field.base)
    return frozenset(names)
