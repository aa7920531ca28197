"""The shapes of answers to what is recorded or put aside, alone or in batches, as JSON Schema."""

from collections.abc import Mapping

from api.shapes import (
    MOMENT,
    TEXT,
    UUID,
    WHOLE,
    Shape,
    many,
    maybe,
    obj,
    one_of,
    ref,
)
from domain.catalogue import served_kinds

_RECORDED: dict[str, Shape] = {
    "state": one_of("recorded", "already_recorded"),
    "event_id": UUID,
    "child_id": UUID,
    "position": WHOLE,
    "version": WHOLE,
    "late": obj(("asks_for",), days=WHOLE, asks_for=one_of("late_reason")),
}
# How an answer names a stream that is no child's; there is none of these before a kind of stream is served.
STREAM: dict[str, Shape] = {"stream_kind": TEXT, "stream_id": UUID} if served_kinds() else {}
RECORDED_ON_ANY = "RecordedOnAny" if STREAM else "Recorded"
_ON_STREAM = {n: shape for n, shape in _RECORDED.items() if n != "child_id"} | STREAM
_ITEM: dict[str, Shape] = {**_RECORDED, **STREAM}
_ITEM_OPTIONAL = (*(n for n in _ITEM if n != "state"), "item_id", "problem")
_COUNTS = ("recorded", "already_recorded", "quarantined", "refused")
_BATCH: dict[str, Shape] = {
    "batch_id": UUID,
    "state": one_of("receiving", "complete", "cut"),
    "lines": WHOLE,
    "counts": obj(**dict.fromkeys(_COUNTS, WHOLE)),
    "begun_at": MOMENT,
    "ended_at": maybe(MOMENT),
    "kept_until": MOMENT,
}
_LINE: dict[str, Shape] = {
    **_ITEM,
    "line": WHOLE,
    "status": WHOLE,
    "state": one_of(*_COUNTS),
    "item_id": UUID,
    "problem": ref("Problem"),
}
_LINE_OPTIONAL = tuple(n for n in _LINE if n not in ("line", "status", "state"))
_OF_STREAMS: dict[str, Shape] = {
    "StreamRecorded": obj(("late",), **_ON_STREAM),
    "RecordedOnAny": {"oneOf": [ref("Recorded"), ref("StreamRecorded")]},
}

RECORDING_ANSWERS: Mapping[str, Shape] = {
    "Recorded": obj(("late",), **_RECORDED),
    "Quarantined": obj(state=one_of("quarantined"), item_id=UUID, event_id=UUID, problem=ref("Problem")),
    "BatchResult": obj(
        batch_id=UUID,
        items=many(
            obj(
                _ITEM_OPTIONAL,
                **{
                    **_ITEM,
                    "index": WHOLE,
                    "status": WHOLE,
                    "state": one_of("recorded", "already_recorded", "quarantined", "refused"),
                    "item_id": UUID,
                    "problem": ref("Problem"),
                },
            )
        ),
    ),
    "BatchSummary": obj(**_BATCH, next=TEXT, links=obj(quarantined=TEXT, refused=TEXT)),
    "BatchLine": obj(_LINE_OPTIONAL, **_LINE),
    "BatchLines": obj(**_BATCH, items=many(ref("BatchLine")), next=maybe(TEXT)),
    "QuarantineList": obj(
        items=many(
            obj(
                item_id=UUID,
                org=TEXT,
                received_at=MOMENT,
                actor=TEXT,
                event_id=UUID,
                code=TEXT,
                pointer=TEXT,
                state=one_of("waiting", "accepted", "dismissed"),
                settled_at=maybe(MOMENT),
                settled_by=maybe(TEXT),
                settled_reason=maybe(TEXT),
            )
        ),
        next=maybe(TEXT),
    ),
    "Dismissed": obj(item_id=UUID, state=one_of("dismissed")),
    **(_OF_STREAMS if STREAM else {}),
}
