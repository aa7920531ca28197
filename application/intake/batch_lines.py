"""What became of one line of a batch, and how that is kept: ids, codes and places, never what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from application.intake.submission import Submission
from domain.catalogue import submitted_types
from domain.event import Evidence
from domain.fields import fields_of
from domain.ledger.corrections import CORRECTABLE
from domain.refusal import Fault, Reason

RECORDED, ALREADY_RECORDED, QUARANTINED, REFUSED = "recorded", "already_recorded", "quarantined", "refused"
LINE_STATES = (RECORDED, ALREADY_RECORDED, QUARANTINED, REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """What became of one line. `faults` say why it does not stand; `item_id` is where it waits.

    `child_id` is the id of the stream; `stream_kind` says of which kind, None for a child.
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


def row_of(result: BatchLine, *, upload: UUID) -> dict[str, Any]:
    """Return the row of what became of a line."""
    faults = [
        {"pointer": _tame(f.pointer), "code": f.reason.code, "zh": f.reason.zh, "en": f.reason.en}
        for f in result.faults
    ]
    kept = {name: getattr(result, name) for name in BatchLine.__slots__ if name != "faults"}
    return {"upload": upload, **kept, "faults": faults or None}


def line_of(row: Mapping[str, Any]) -> BatchLine:
    """Return what became of a line as its row says."""
    faults = tuple(
        Fault(reason=Reason(code=f["code"], zh=f["zh"], en=f["en"]), pointer=f["pointer"])
        for f in row["faults"] or ()
    )
    kept = {name: row[name] for name in BatchLine.__slots__ if name != "faults"}
    return BatchLine(**kept, faults=faults)


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
    names = {*Submission.__slots__, *Evidence.__slots__, *CORRECTABLE}
    waiting: list[type] = [action.details for action in submitted_types().values()]
    while waiting:
        for field in fields_of(waiting.pop()):
            names.add(field.name)
            if hasattr(field.base, "__dataclass_fields__"):
                waiting.append(field.base)
    return frozenset(names)
