"""Between events and the bytes that lie in the store for ever.

`state` is: one byte of format (1), four bytes with the length of the open part (big-endian), the open
part (JSON), the sealed part (AES-256-GCM under the key of the stream). The open part stays readable for
ever; the sealed part holds every personal field. The seal covers both parts, the ids, the type, the
organisation and the metadata, so that no byte of them can be changed unnoticed while the key lives.
When the key is destroyed, personal fields read as `ERASED` or None and the rest still counts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from struct import Struct
from typing import Any
from uuid import UUID

import msgspec

from application.eventstore.recorder import CareStoredEvent
from application.eventstore.seal import Lock, Tampered, commitment_in, packed, seal, unseal
from domain.catalogue import details_by_type
from domain.event import Details, Event, Evidence, Metadata, Occurred
from domain.fields import fields_of, may_say_none

FORMAT = 1
ERASED = "［已删除］"
# The byte of the format, and the length of the open part.
_HEAD = Struct(">BI")


class _Shown(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """The open part. The order of its fields is that of the bytes."""

    schema: int
    occurred_on: date
    occurred_at: datetime | None = None
    written_on: date | None = None
    details: dict[str, Any]
    sealed: list[str] = []
    evidence: tuple[Evidence, ...] = ()
    source_event_id: UUID | None = None
    noted_at: datetime | None = None


class _Hidden(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """The sealed part. The order of its fields is that of the bytes."""

    recorded_by: str
    late_reason: str | None = None
    details: dict[str, Any]


_encoded = msgspec.json.Encoder().encode
_canonical = msgspec.json.Encoder(order="sorted").encode
_decoded = msgspec.json.Decoder().decode
_shown = msgspec.json.Decoder(_Shown).decode
_hidden = msgspec.json.Decoder(_Hidden).decode
_metadata = msgspec.json.Decoder(Metadata).decode
# What decoding raises; its text quotes what lies there.
_GARBLED = (msgspec.DecodeError, UnicodeDecodeError)


class UnknownTopic(Exception):
    """The store holds a type of event that this version of the program does not know."""


class EventMapper:
    """Turns events into stored events and back, with one key a stream. `nonce` makes 12 random bytes."""

    def __init__(self, *, nonce: Callable[[], bytes]) -> None:
        self._nonce = nonce

    def to_stored_event(self, event: Event, *, key: bytes | Lock) -> CareStoredEvent:
        """Encode an event and seal it under the key of its stream."""
        details, topic = event.details, event.details.TYPE
        open_names, personal_names = _names(type(details))
        hidden = _said(details, personal_names)
        open_part = _encoded(
            _Shown(
                schema=1 + len(details.UPCASTS),
                occurred_on=event.occurred.day,
                occurred_at=event.occurred.at,
                written_on=event.written_on,
                details=_said(details, open_names),
                sealed=sorted(hidden),
                evidence=event.evidence,
                source_event_id=event.source_event_id,
                noted_at=event.noted_at,
            )
        )
        metadata = _canonical(event.metadata)
        blob = seal(
            key,
            _encoded(_Hidden(recorded_by=event.recorded_by, late_reason=event.late_reason, details=hidden)),
            aad=_bound(event, event.originator_id, topic, metadata, open_part),
            nonce=self._nonce(),
        )
        return CareStoredEvent.lying(
            originator_id=event.originator_id,
            originator_version=event.originator_version,
            topic=topic,
            state=_HEAD.pack(FORMAT, len(open_part)) + open_part + blob,
            event_id=event.event_id,
            occurred_at=event.occurred.instant,
            org=event.org,
            metadata=metadata,
            recorded_at=None,
            position=None,
        )

    def to_event(self, stored: CareStoredEvent, *, key: bytes | Lock | None) -> Event:
        """Unseal and decode a stored event; without a key, where that was destroyed, it comes back erased.

        Raises Tampered for bytes that are not those that were written, UnknownTopic for a type that is
        not known.
        """
        details_type = details_by_type().get(stored.topic)
        if details_type is None:
            raise UnknownTopic(stored.topic)
        stream_id = stream_of(stored)
        open_part, blob = _parts(stored.state)
        hidden = None
        try:
            if key is not None:
                metadata = _canonical(_decoded(stored.metadata))
                aad = _bound(stored, stream_id, stored.topic, metadata, open_part)
                hidden = _hidden(unseal(key, blob, aad=aad))
            shown, origin = _shown(open_part), _metadata(stored.metadata)
        except _GARBLED:
            raise Tampered("an event is garbled") from None
        words = shown.details | (dict.fromkeys(shown.sealed, _GONE) if hidden is None else hidden.details)
        if shown.schema <= len(details_type.UPCASTS):
            for upcast in details_type.UPCASTS[shown.schema - 1 :]:
                words = upcast(words)
        return Event(
            originator_id=stream_id,
            originator_version=stored.originator_version,
            event_id=stored.event_id,
            occurred=Occurred(day=shown.occurred_on, at=shown.occurred_at),
            details=msgspec.convert(words, type=details_type) if hidden else _erased(details_type, words),
            recorded_by=hidden.recorded_by if hidden else ERASED,
            late_reason=hidden.late_reason if hidden else None,
            org=stored.org,
            metadata=origin,
            written_on=shown.written_on,
            evidence=shown.evidence,
            source_event_id=shown.source_event_id,
            noted_at=shown.noted_at,
            recorded_at=stored.recorded_at,
            position=stored.position,
            erased=hidden is None,
        )


def commitment_of_seal(state: bytes) -> bytes | None:
    """The commitment to the key that an event was sealed with; None where its bytes are no event."""
    try:
        return commitment_in(_parts(state)[1])
    except Tampered:
        return None


def stream_of(stored: CareStoredEvent) -> UUID:
    """The id of the stream, which the library also allows to be text."""
    stream_id = stored.originator_id
    return stream_id if isinstance(stream_id, UUID) else UUID(stream_id)


_NAMES: dict[type[Details], tuple[tuple[str, ...], tuple[str, ...]]] = {}


def _names(details: type[Details]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the open fields of a type of event, and of its personal ones."""
    if details not in _NAMES:
        known = [(f.name, f.spec.personal) for f in fields_of(details)]
        _NAMES[details] = (
            tuple(name for name, personal in known if not personal),
            tuple(name for name, personal in known if personal),
        )
    return _NAMES[details]


def _said(thing: object, names: Sequence[str]) -> dict[str, Any]:
    """The fields that say something."""
    kind: Any = type(thing)
    return {
        n: value
        for n in names
        if (value := getattr(thing, n)) is not None and (value != () or n in may_say_none(kind))
    }


def _bound(
    event: Event | CareStoredEvent, stream_id: UUID, topic: str, metadata: bytes, open_part: bytes
) -> bytes:
    """What the seal vouches for beside the sealed part itself: the `packed` of it all, and quicker."""
    number = str(event.originator_version).encode()
    return b"".join(
        (
            _UUID,
            # As their `bytes`, which Python works out in a call of its own.
            stream_id.int.to_bytes(16),
            b"i",
            len(number).to_bytes(8),
            number,
            _packed_word(topic),
            _UUID,
            event.event_id.int.to_bytes(16),
            _packed_word(event.org),
            b"b",
            len(metadata).to_bytes(8),
            metadata,
            b"b",
            len(open_part).to_bytes(8),
            open_part,
        )
    )


_UUID = packed(UUID(int=0))[:-16]
# Types and organisations: few, and no secrets.
_packed_word = lru_cache(maxsize=4096)(packed)


def _parts(state: bytes) -> tuple[bytes, bytes]:
    if not isinstance(state, bytes) or len(state) <= _HEAD.size or state[0] != FORMAT:
        raise Tampered("this is no event of a format that is known")
    end = _HEAD.size + _HEAD.unpack_from(state)[1]
    if end > len(state):
        raise Tampered("an event is cut short")
    return state[_HEAD.size : end], state[end:]


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
            try:
                values[field.name] = msgspec.convert(word, type=wanted)
            except msgspec.ValidationError:
                raise Tampered("an erased event is garbled") from None
        elif field.required:
            values[field.name] = None
    return details_type(**values)
