"""Names that somebody may have meant who wrote another: it sounds alike, or one character is different."""

from domain.name_parts import searched
from domain.sounds import sounds_of

# Of two characters one is the surname: another given name is another child.
_LONG_ENOUGH = 3


def is_near(written: str, name: str, /) -> bool:
    """Return whether a name may be meant by another one that was written; the same is not near."""
    said, there = searched(written), searched(name)
    if said == there or len(said) != len(there):
        return False
    different = sum(one != other for one, other in zip(said, there, strict=True))
    return (different == 1 and len(said) >= _LONG_ENOUGH) or _sounds_alike(said, there)


def _sounds_alike(said: str, there: str) -> bool:
    return all(
        one == other or set(mine) & set(theirs)
        for one, other, mine, theirs in zip(said, there, sounds_of(said), sounds_of(there), strict=True)
    )
