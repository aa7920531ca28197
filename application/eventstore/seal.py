"""Sealing personal fields under the key of their stream.

A blob is for ever: format (1 byte), generation of the key (1), nonce (12), commitment to the key (16), and
the text under AES-256-GCM with its tag (16). All that stands before the text is authenticated with it.
AES-GCM alone lets two keys open one blob to two stories; the commitment rules that out.
"""

import hmac
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_FORMAT = 1
_NONCE = slice(2, 14)
_COMMITMENT = slice(14, 30)
_TEXT = slice(30, None)
_TAG_BYTES = 16


class Tampered(Exception):
    """A blob is not what was sealed with this key for this place."""


class OtherKey(Tampered):
    """A blob was sealed with another key than the one that was tried."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A key made ready to seal and open many blobs. It is as secret as the key, and kept no longer."""

    commitment: bytes
    cipher: AESGCM


def lock_of(key: bytes | Lock) -> Lock:
    """Make a key ready."""
    return key if isinstance(key, Lock) else Lock(commitment_of(key), AESGCM(key))


def seal(key: bytes | Lock, plaintext: bytes, *, aad: bytes, nonce: bytes, generation: int = 1) -> bytes:
    """The blob of a text that only `key` opens, and only in the place that `aad` names.

    `nonce` is 12 random bytes: the same must never come twice with one key.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    lock = key if type(key) is Lock else lock_of(key)
    header = bytes([_FORMAT, generation]) + nonce + lock.commitment
    return header + lock.cipher.encrypt(nonce, plaintext, header + aad)


def unseal(key: bytes | Lock, blob: bytes, *, aad: bytes) -> bytes:
    """The text of a blob. Raises Tampered for a changed blob or another place, OtherKey for another key."""
    lock = key if type(key) is Lock else lock_of(key)
    if not isinstance(blob, bytes):
        # SQLite takes a value of any type into a column.
        raise Tampered("this is no blob")
    header = blob[: _COMMITMENT.stop]
    if len(blob) < _COMMITMENT.stop + _TAG_BYTES or header[0] != _FORMAT:
        raise Tampered("this is no sealed blob of a format that is known")
    if not hmac.compare_digest(header[_COMMITMENT], lock.commitment):
        raise OtherKey("the blob was sealed with another key")
    try:
        return lock.cipher.decrypt(header[_NONCE], blob[_TEXT], header + aad)
    except InvalidTag:
        raise Tampered("the blob or its place has been changed") from None


def commitment_in(blob: bytes) -> bytes | None:
    """Return the commitment to the key that a blob was sealed with; None where it is no blob."""
    known = len(blob) >= _COMMITMENT.stop + _TAG_BYTES and blob[0] == _FORMAT
    return blob[_COMMITMENT] if known else None


def key_generation(blob: bytes) -> int:
    """Which generation of the stream's key a blob was sealed with."""
    return blob[1]


def packed(*parts: UUID | str | bytes | int) -> bytes:
    """Values in a row, so that no two rows of values look alike: each with its type and its length."""
    packs: list[bytes] = []
    for part in parts:
        if isinstance(part, str):
            kind, body = b"s", part.encode()
        elif isinstance(part, UUID):
            kind, body = b"u", part.bytes
        elif isinstance(part, bytes):
            kind, body = b"b", part
        else:
            kind, body = b"i", str(int(part)).encode()
        packs += (kind, len(body).to_bytes(8), body)
    return b"".join(packs)


def commitment_of(key: bytes) -> bytes:
    """Return the 16 bytes by which a blob names its key, and which reveal nothing of the key."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return hmac.digest(key, b"commit", "sha256")[:16]
