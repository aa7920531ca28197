"""A sealed blob opens with its key, in its place, unchanged, and in no other way."""

import os
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.eventstore.seal import Tampered, key_generation, packed, seal, unseal

KEY = bytes(range(32))
NONCE = bytes(range(100, 112))
PLACE = b"child 1, version 1"
# Written by the first version of the program. It has to open for ever: never make it anew.
GOLDEN = bytes.fromhex(
    "01016465666768696a6b6c6d6e6f87a312ddc3d875355aadba9c8415d0f6adab5180e167892502d827ca3a5faf8324afb8152555"
)


def test_a_blob_of_the_first_version_opens_for_ever() -> None:
    assert unseal(KEY, GOLDEN, aad=PLACE) == "小明".encode()
    assert seal(KEY, "小明".encode(), aad=PLACE, nonce=NONCE) == GOLDEN
    assert GOLDEN[:14] == bytes([1, 1]) + NONCE
    assert key_generation(GOLDEN) == 1


@settings(deadline=None)
@given(plaintext=st.binary(max_size=200), aad=st.binary(max_size=50), key=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens(plaintext: bytes, aad: bytes, key: bytes) -> None:
    blob = seal(key, plaintext, aad=aad, nonce=os.urandom(12))

    assert unseal(key, blob, aad=aad) == plaintext


@pytest.mark.parametrize("place", range(len(GOLDEN)))
def test_a_change_of_any_bit_is_refused(place: int) -> None:
    for bit in range(8):
        changed = bytearray(GOLDEN)
        changed[place] ^= 1 << bit

        with pytest.raises(Tampered):
            unseal(KEY, bytes(changed), aad=PLACE)


@pytest.mark.parametrize("length", range(len(GOLDEN)))
def test_a_blob_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(Tampered):
        unseal(KEY, GOLDEN[:length], aad=PLACE)


def test_a_blob_moved_to_another_place_is_refused() -> None:
    with pytest.raises(Tampered, match="place"):
        unseal(KEY, GOLDEN, aad=b"child 1, version 2")


def test_another_key_is_refused_by_the_commitment() -> None:
    with pytest.raises(Tampered, match="another key"):
        unseal(os.urandom(32), GOLDEN, aad=PLACE)


def test_a_second_key_that_borrows_the_commitment_is_refused() -> None:
    other = os.urandom(32)
    blob = bytearray(seal(other, b"another story", aad=PLACE, nonce=NONCE))
    blob[14:30] = GOLDEN[14:30]

    for key in (KEY, other):
        with pytest.raises(Tampered):
            unseal(key, bytes(blob), aad=PLACE)


def test_the_generation_of_the_key_is_written_and_bound() -> None:
    blob = seal(KEY, b"x", aad=PLACE, nonce=NONCE, generation=2)

    assert key_generation(blob) == 2
    assert unseal(KEY, blob, aad=PLACE) == b"x"


@pytest.mark.parametrize(("key", "nonce"), [(KEY[:16], NONCE), (KEY, NONCE[:8])])
def test_a_key_or_a_nonce_of_another_length_is_refused(key: bytes, nonce: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        seal(key, b"x", aad=PLACE, nonce=nonce)


parts = st.lists(st.text() | st.binary() | st.integers() | st.uuids(), max_size=4)


@settings(deadline=None)
@given(one=parts, other=parts)
def test_rows_of_values_are_packed_alike_only_when_they_are_the_same(
    one: list[str | bytes | int | UUID], other: list[str | bytes | int | UUID]
) -> None:
    same = [(type(part), part) for part in one] == [(type(part), part) for part in other]

    assert (packed(*one) == packed(*other)) == same
