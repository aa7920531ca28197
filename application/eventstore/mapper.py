"""Between events and the bytes that lie in the store for ever.

`state` is: one byte of format (1), four bytes with the length of the open part (big-endian), the open
part (JSON), the sealed part (AES-256-GCM under the key of the stream). The open part stays readable for
ever; the sealed part holds every personal field. The seal covers both parts, the ids, the type, the
organisation and the metadata, so that no byte of them can be changed unnoticed while the key lives.
When the key is destroyed, personal fields read as `ERASED` or None and the rest still counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from application.eventstore.recorder import CareStoredEvent
from application.eventstore.seal import Lock, Tampered, lock_of, packed, seal, unseal
from domain.event import Details, Event, Evidence, Metadata, Occurred
from domain.event_types import event_types
from domain.fields import fields_of

FORMAT = 1
ERASED = "［已删除］"
LENGTH = 4

_decoded = msgspec.json.Decoder().decode
_metadata = msgspec.json.Decoder(Metadata).decode


class UnknownTopic(Exception):
    """The store holds a type of event that this version of the program does not know."""


class EventMapper:
    """Turns events into stored events and back, with one key a stream. `nonce` makes 12 random bytes."""

    def __init__(self, *, nonce: Callable[[], bytes]) -> None:
        self._nonce = nonce

    def to_stored_event(self, event: Event, *, key: bytes) -> CareStoredEvent:
        """Encode an event and seal it under the key of its stream."""
        personal = _personal(type(event.details))
        words = _words(event.details)
        hidden: dict[str, Any] = {
            "recorded_by": event.recorded_by,
            "late_reason": event.late_reason,
            "details": {n: v for n, v in words.items() if n in personal},
        }
        shown = {
            "schema": 1 + len(event.details.UPCASTS),
            "occurred_on": event.occurred.day,
            "occurred_at": event.occurred.at,
            "written_on": event.written_on,
            "details": {n: v for n, v in words.items() if n not in personal},
            "sealed": sorted(hidden["details"]),
            "evidence": [asdict(e) for e in event.evidence],
            "source_event_id": event.source_event_id,
        }
        open_part = msgspec.json.encode({n: v for n, v in shown.items() if v not in (None, [])})
        metadata = _encoded_metadata(event.metadata)
        blob = seal(
            key,
            msgspec.json.encode({n: v for n, v in hidden.items() if v is not None}),
            aad=packed(
                event.originator_id,
                event.originator_version,
                event.type,
                event.event_id,
                event.org,
                metadata,
                open_part,
            ),
            nonce=self._nonce(),
        )
        return CareStoredEvent(
            originator_id=event.originator_id,
            originator_version=event.originator_version,
            topic=event.type,
            state=bytes([FORMAT]) + len(open_part).to_bytes(LENGTH, "big") + open_part + blob,
            event_id=event.event_id,
            occurred_at=event.occurred.instant,
            org=event.org,
            metadata=metadata,
        )

    def to_events(self, stored: Sequence[CareStoredEvent], *, keys: Mapping[UUID, bytes]) -> list[Event]:
        """Unseal and decode stored events as `to_event` does, each with the key of its stream."""
        locks = {stream_id: lock_of(key) for stream_id, key in keys.items()}
        return [self.to_event(s, key=locks.get(stream_of(s))) for s in stored]

    def to_event(self, stored: CareStoredEvent, *, key: bytes | Lock | None) -> Event:
        """Unseal and decode a stored event; without the key of its stream it comes back erased.

        Raises Tampered for bytes that are not those that were written, UnknownTopic for a type that is
        not known.
        """
        details_type = event_types().get(stored.topic)
        if details_type is None:
            raise UnknownTopic(stored.topic)
        open_part, blob = _parts(stored.state)
        hidden = _decoded(unseal(key, blob, aad=_bound(stored, open_part))) if key else None
        shown = _decoded(open_part)
        sealed = dict.fromkeys(shown.get("sealed", ()), _GONE) if hidden is None else hidden["details"]
        words = shown["details"] | sealed
        for upcast in details_type.UPCASTS[shown["schema"] - 1 :]:
            words = upcast(words)
        details = msgspec.convert(words, type=details_type) if hidden else _erased(details_type, words)
        at = shown.get("occurred_at")
        return Event(
            originator_id=stream_of(stored),
            originator_version=stored.originator_version,
            event_id=stored.event_id,
            occurred=Occurred(
                day=date.fromisoformat(shown["occurred_on"]), at=datetime.fromisoformat(at) if at else None
            ),
            details=details,
            recorded_by=hidden["recorded_by"] if hidden else ERASED,
            late_reason=hidden.get("late_reason") if hidden else None,
            org=stored.org,
            metadata=_metadata(stored.metadata),
            written_on=date.fromisoformat(shown["written_on"]) if "written_on" in shown else None,
            evidence=tuple(Evidence(**e) for e in shown.get("evidence", ())),
            source_event_id=UUID(shown["source_event_id"]) if "source_event_id" in shown else None,
            recorded_at=stored.recorded_at,
            position=stored.position,
            erased=hidden is None,
        )


def stream_of(stored: CareStoredEvent) -> UUID:
    """The id of the stream, which the library also allows to be text."""
    stream_id = stored.originator_id
    return stream_id if isinstance(stream_id, UUID) else UUID(stream_id)


_PERSONAL: dict[type[Details], frozenset[str]] = {}


def _personal(details: type[Details]) -> frozenset[str]:
    if details not in _PERSONAL:
        _PERSONAL[details] = frozenset(f.name for f in fields_of(details) if f.spec.personal)
    return _PERSONAL[details]


def _words(details: Details) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(details)
    return {name: value for name, value in words.items() if value not in (None, [])}


def _encoded_metadata(metadata: Metadata) -> bytes:
    words = {n: v for n, v in msgspec.to_builtins(metadata).items() if v is not None}
    return msgspec.json.encode(words, order="sorted")


def _bound(stored: CareStoredEvent, open_part: bytes) -> bytes:
    """What the seal vouches for beside the sealed part itself."""
    return packed(
        stream_of(stored),
        stored.originator_version,
        stored.topic,
        stored.event_id,
        stored.org,
        msgspec.json.encode(_decoded(stored.metadata), order="sorted"),
        open_part,
    )


def _parts(state: bytes) -> tuple[bytes, bytes]:
    if len(state) <= 1 + LENGTH or state[0] != FORMAT:
        raise Tampered("this is no event of a format that is known")
    end = 1 + LENGTH + int.from_bytes(state[1 : 1 + LENGTH], "big")
    if end > len(state):
        raise Tampered("an event is cut short")
    return state[1 + LENGTH : end], state[end:]


_GONE = object()


def _erased(details_type: type[Details], words: Mapping[str, Any]) -> Details:
    """Make details whose personal fields are gone. Text that was there reads as ERASED: it was there."""
    values: dict[str, Any] = {}
    for field in fields_of(details_type):
        word = words.get(field.name)
        if word is _GONE:
            values[field.name] = ERASED if field.base is str and not field.many else None
        elif word is not None:
            base: Any = field.base
            wanted: Any = tuple[base, ...] if field.many else base
            values[field.name] = msgspec.convert(word, type=wanted)
        elif field.required:
            values[field.name] = None
    return details_type(**values)
