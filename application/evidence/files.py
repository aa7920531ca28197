"""The files whose fingerprints entries name: kept under the key of their stream, shown without metadata."""

import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import Any
from uuid import UUID

from application.access import Action, Actor
from application.basis import UNBOUND, Basis
from application.eventstore.keyring import KeyDestroyed, Keyring, KeysMissing
from application.eventstore.log import UNREADABLE
from application.eventstore.seal import NONCE_BYTES, packed, seal, unseal
from application.evidence.blobs import Blobs
from application.evidence.formats import Format, format_of, shown_copy
from application.reasons import ERASED, NOT_FOUND
from application.recording.recording import Recording
from domain.event import Event, Evidence
from domain.ledger.kind import StreamKind
from domain.refusal import Fault, Invalid, Reason, Unknown, refuses

OTHER_FILE = Reason(
    code="evidence_hash_mismatch",
    zh="文件内容与地址中的 SHA-256 摘要不符",
    en="The file has another SHA-256 than the address says.",
)
NO_FILE = Reason(
    code="evidence_missing",
    zh="登记中有此佐证的摘要，但文件尚未上传",
    en="An entry names this evidence, and the file was never sent.",
)
# How often streams that were erased are looked for.
_LOOKS_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Evidence that a standing entry names; `stored` says whether the file is here."""

    event: Event
    evidence: Evidence
    stored: bool


class EvidenceFiles:
    """The files of all streams. Each is found by the SHA-256 of the original."""

    def __init__(self, folder: Path, *, keyring: Keyring, recordings: Mapping[str, Recording[Any]]) -> None:
        self._blobs = Blobs(folder)
        self._keyring = keyring
        self._recordings = recordings
        self._looks_at = 0.0

    @refuses(OTHER_FILE, format_of, shown_copy, ERASED, Basis.refuse_other)
    def keep(
        self,
        kind: StreamKind[Any],
        stream_id: UUID,
        sha256: str,
        data: bytes,
        *,
        actor: Actor,
        basis: Basis = UNBOUND,
    ) -> tuple[bool, int]:
        """Keep a file, and return whether it is new, and the version of its stream, which stays as it is.

        It may come before the entry that names it. Raises `Unknown` and `Stale`, and `Invalid` for a file
        that is another one, not taken, or can't be opened.
        """
        recording = self._recordings[kind.name]
        version = recording.read(stream_id, actor=actor, action=Action(kind.writes))[1].version
        basis.refuse_other(version)
        if digest_of(data).hexdigest() != sha256:
            raise Invalid(Fault(reason=OTHER_FILE))
        key = self._key(stream_id)
        if key is not None and self._blobs.has(stream_id, _name(key, sha256)):
            # It could be opened when it came first.
            return False, version
        shown_copy(data)
        if key is None:
            raise KeyDestroyed(stream_id=stream_id)
        name = _name(key, sha256)
        blob = seal(key, data, aad=_place(stream_id, name), nonce=secrets.token_bytes(NONCE_BYTES))
        return self._blobs.put(stream_id, name, blob), version

    def named(self, kind: StreamKind[Any], stream_id: UUID, *, actor: Actor) -> list[Named]:
        """Return what the standing entries of a stream name, in the order of their recording.

        Raises `Unknown` where there is no stream that the actor may know of.
        """
        state = self._recordings[kind.name].read(stream_id, actor=actor, action=Action(kind.reads))[1]
        there = [self._here(each) for each in self._files(kind, stream_id)]
        facts = sorted(state.entries, key=lambda fact: fact.event.originator_version)
        return [
            Named(
                event=fact.event,
                evidence=each,
                stored=any(_name(key, each.sha256) in names for key, names in there),
            )
            for fact in facts
            for each in fact.event.evidence
        ]

    @refuses(NO_FILE)
    def read(
        self, kind: StreamKind[Any], stream_id: UUID, sha256: str, *, actor: Actor, original: bool = False
    ) -> tuple[Format, bytes]:
        """Return the copy of a file that is shown, or the `original`, for whoever may manage the stream.

        Raises `Unknown`, by another reason where an entry names a file that was never sent.
        """
        action = Action.MANAGE if original else Action(kind.reads)
        state = self._recordings[kind.name].read(stream_id, actor=actor, action=action)[1]
        for file_of in self._files(kind, stream_id):
            key = self._key(file_of)
            name = "" if key is None else _name(key, sha256)
            blob = self._blobs.get(file_of, name) if name else None
            if key is not None and blob is not None:
                data = unseal(key, blob, aad=_place(file_of, name))
                return format_of(data), data if original else shown_copy(data)
        named = any(each.sha256 == sha256 for fact in state.entries for each in fact.event.evidence)
        raise Unknown(Fault(reason=NO_FILE, pointer="/sha256") if named else Fault(reason=NOT_FOUND))

    def tidy(self) -> int:
        """Take away, now and then, the files of streams whose keys were destroyed; return of how many."""
        if (now := time.monotonic()) < self._looks_at:
            return 0
        self._looks_at = now + _LOOKS_SECONDS
        erased = self._keyring.destroyed_among(list(self._blobs.streams()))
        for stream_id in erased:
            self._blobs.forget(stream_id)
        return len(erased)

    def findings(self) -> Iterator[tuple[UUID, str]]:
        """Go through the streams with files that don't open, or that have no key; and why.

        Those of an erased stream are a worker's to take away within a minute, and nobody can open them.
        """
        for stream_id in self._blobs.streams():
            known = self._keyring.known([stream_id])
            if stream_id not in known:
                yield stream_id, "key missing"
                continue
            key = known[stream_id]
            if key is None:
                continue
            for name in sorted(self._blobs.names(stream_id)):
                if (fault := self._fault(stream_id, key, name)) is not None:
                    yield stream_id, fault

    def _fault(self, stream_id: UUID, key: bytes, name: str) -> str | None:
        blob = self._blobs.get(stream_id, name)
        if blob is None:
            # Taken away since it was listed.
            return None
        try:
            data = unseal(key, blob, aad=_place(stream_id, name))
        except UNREADABLE as error:
            return type(error).__name__
        return None if _name(key, digest_of(data).hexdigest()) == name else "under another name"

    def _files(self, kind: StreamKind[Any], stream_id: UUID) -> tuple[UUID, ...]:
        """Return a stream and those that go on in it: what they say came over, their files stay there."""
        return (stream_id, *self._recordings[kind.name].files_in(stream_id))

    def _here(self, stream_id: UUID) -> tuple[bytes, frozenset[str]]:
        """Return the key of a stream and the names of its files; none where it was erased."""
        key = self._key(stream_id)
        return (b"", frozenset()) if key is None else (key, self._blobs.names(stream_id))

    def _key(self, stream_id: UUID) -> bytes | None:
        """Return the key of a stream that has events; None where it was destroyed. Raises `KeysMissing`."""
        known = self._keyring.known([stream_id])
        if stream_id not in known:
            raise KeysMissing(streams=[stream_id])
        return known[stream_id]


def _name(key: bytes, sha256: str) -> str:
    """Return the name of a file: it tells nobody without the key which file it is."""
    return hmac.digest(key, packed("evidence", sha256), "sha256").hex()


def _place(stream_id: UUID, name: str) -> bytes:
    return packed("evidence", stream_id, name)
