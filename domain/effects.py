"""What an entry changes of a child beyond itself: declared by its type, and derived by everything else.

No module asks for the class of a type to learn this. What an effect reads of an entry is named beside it.
"""

from enum import Enum, auto


class Effect(Enum):
    """An effect of a type of care action."""

    # There is one of each, so it is told by itself: Enum would look up its name every time.
    __hash__ = object.__hash__

    IDENTIFIES = auto()  # opens the file: says who the child is
    CHANGES_PROFILE = auto()  # every field that is given replaces that of the profile
    OPENS_CARE = auto()  # care begins on its day
    CLOSES_CARE = auto()  # its day is the last in care
    AFTER_CARE = auto()  # is said of a child who has left care
    PLACES = auto()  # from its day on the child belongs to the organisation of the envelope
    PROMOTES = auto()  # its new place is in the same school, so that nobody has to accept it
    PLACES_ON_LINE = auto()  # `line` and `org`: from its day on the child belongs there on that line
    LEAVES_LINE = auto()  # `line`: its day is the first on which it belongs to nobody on that line
    STARTS_PAIRING = auto()  # `carer` and `kind`: a pairing begins on its day
    ENDS_PAIRING = auto()  # `pairing`: its day is the first without it
    PROPOSES_TRANSFER = auto()  # `to` and `line`: the organisation that is to take the child over
    ANSWERS_TRANSFER = auto()  # `transfer`: it is decided by this
    ANSWERED_BY_RECEIVER = auto()  # `transfer`: nobody but the receiving side may say this
    TELLS_OF_PARENT = auto()  # `parent` and `away`: the latest entry about a parent holds
    TELLS_STATE_OF_PARENT = auto()  # `parent`, `status` and `since`: the latest entry about a parent holds
    TELLS_OF_HOMECOMING = auto()  # `parent`, `planned` and `until`: a visit home, which ends no absence
    CALLS_FOR_VISIT = auto()  # `kind`: something after which the child must be visited
    SETTLES_VISIT = auto()  # `trigger`: that, and whatever joined it by then, is settled
    VERIFIES_VISIT = auto()  # `visit` and `disproves`: the latest entry about a visit holds
    NAMES_GUARDIAN = auto()  # `name`, `relation` and `kind`: the latest one is the guardian
    ARRANGES_CARE = auto()  # `name` and `relation`: from its day on they look after the child at home
    ENDS_ARRANGED_CARE = auto()  # `arrangement`: its day is the first without them
    MERGES = auto()  # `into`: the child goes on in another file, and this one stands for nobody
    TAKES_OVER = auto()  # `child`, `name` and numbers: another file of the child goes on in this one
