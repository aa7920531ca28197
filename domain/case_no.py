"""The case number 个案编号: by which people name a child that has no student number, or whose stays hidden.

It follows from the id of the child, so that it is there from the first day on, never changes, and says
nothing of the child. See ADR 46.
"""

from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from domain.normal import normal_number

# Crockford's: without I, L, O and U, which are taken for digits, or for one another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE, _LENGTH, _GROUP = len(ALPHABET), 9, 5
_SHIFTS = range(5 * (_LENGTH - 1), -1, -5)
_BYTES = 6
_VALUES = {digit: value for value, digit in enumerate(ALPHABET)}
_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None})
# For ever: with another one every child would get another number.
_DOMAIN = b"careledger case number 1\n"


# Lists of what was done name the same children again and again.
@lru_cache(maxsize=8192)
def case_no_of(child_id: UUID, /) -> str:
    """Return the case number of a child: two groups of five characters, of which the last one checks."""
    # The last digits of the number, of five bits each.
    number = int.from_bytes(sha256(_DOMAIN + child_id.bytes).digest()[-_BYTES:])
    digits = "".join([ALPHABET[number >> shift & 31] for shift in _SHIFTS])
    said = digits + check_character(digits)
    return f"{said[:_GROUP]}-{said[_GROUP:]}"


def normal_case_no(said: str, /) -> str:
    """Return a case number as it is stored, however it was typed."""
    plain = normal_digits(said)
    return f"{plain[:_GROUP]}-{plain[_GROUP:]}"


def normal_digits(said: str, /) -> str:
    """Return characters of a number or a code as they are meant, however they were typed."""
    return normal_number(said).translate(_MEANT)


def is_case_no(said: str, /) -> bool:
    """Return whether a text is a case number, with the check character that belongs to it."""
    plain = normal_case_no(said).replace("-", "")
    return (
        len(plain) == _LENGTH + 1
        and set(plain) <= set(ALPHABET)
        and plain[-1] == check_character(plain[:_LENGTH])
    )


def check_character(digits: str, /) -> str:
    """Return the check character by ISO 7064, MOD 33,32: it tells every single wrong character."""
    product = _BASE
    for digit in digits:
        product = 2 * ((product + _VALUES[digit]) % _BASE or _BASE) % (_BASE + 1)
    return ALPHABET[(_BASE + 1 - product) % _BASE]
