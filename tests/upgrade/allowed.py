"""What a later version may answer otherwise than the one that made a store, each with its changelog line.

Whoever changes an answer adds an entry here, as narrow as it can be, with the line of CHANGELOG.md that tells
users of it:

    Allowed(
        changelog="A history names a carer as it was called at the moment that is asked about.",
        questions="history paired *",
        at="/items/*/text/*",
        how=CHANGED,
    )

An entry that fits no difference any more fails the test, as does one whose line is not in the changelog.
"""

from collections.abc import Mapping

from tests.upgrade import allowed_nothing
from tests.upgrade.allowed_carers import BY_TYPE, IN_HISTORIES, OF_CHILDREN
from tests.upgrade.allowed_order import FEEDS_ORDER, KNOWN_ORDER, NOW_ORDER, TERMINAL_ORDER
from tests.upgrade.allowed_people import (
    NAMES_OF_THE_PRESENT,
    NAMES_THEN,
    WHO_DID_IT,
    WHO_DID_IT_IN_FEEDS,
    WHO_DID_IT_THEN,
    WHOSE_KEYS,
)
from tests.upgrade.allowed_shape import IN_FEEDS, KNOWN_SHAPE, NOW_SHAPE, TERMINAL_SHAPE
from tests.upgrade.allowed_watched import ENDED, KNOWN_WATCHED, NOW_WATCHED, TERMINAL_WATCHED
from tests.upgrade.allowed_words import FOUND
from tests.upgrade.differences import CHANGED, Allowed
from tests.upgrade.people import recipient_id
from tests.upgrade.questions import KNOWN, NOW, TERMINAL

# By group of questions. KNOWN holds answers that name a moment of knowledge in the past of the store.
ALLOWED: Mapping[str, tuple[Allowed, ...]] = {
    KNOWN: (
        *allowed_nothing.OF_KNOWN,
        *IN_HISTORIES,
        *OF_CHILDREN,
        *KNOWN_ORDER,
        *KNOWN_WATCHED,
        *NAMES_THEN,
        *WHO_DID_IT_THEN,
        *KNOWN_SHAPE,
    ),
    NOW: (
        *FOUND,
        *allowed_nothing.OF_NOW,
        *OF_CHILDREN,
        *NOW_ORDER,
        *NOW_WATCHED,
        *NAMES_OF_THE_PRESENT,
        *WHO_DID_IT,
        *NOW_SHAPE,
    ),
    TERMINAL: (
        *allowed_nothing.OF_TERMINAL,
        *TERMINAL_ORDER,
        *TERMINAL_WATCHED,
        *WHOSE_KEYS,
        *WHO_DID_IT_THEN,
        *TERMINAL_SHAPE,
    ),
}
# Of the items that followers are told. Names are "<follower> <position>"; the pointer begins at the event.
ALLOWED_IN_FEEDS: tuple[Allowed, ...] = (*FEEDS_ORDER, *WHO_DID_IT_IN_FEEDS, *IN_FEEDS)
# Of what becomes of requests that are sent again. Names are "<sender> <path>"; the value is a status with the
# state, [200, "already_recorded"], or with those of each item or line, [200, [[200, "already_recorded"]]].
ALLOWED_AGAIN: tuple[Allowed, ...] = (
    Allowed(
        changelog="What nothing can ever be sent to is not registered as a recipient any more:",
        questions=f"office /v1/recipients/{recipient_id('a_private')}",
        at="/0",
        how=CHANGED,
        fits=lambda was, now: (was, now) == (200, 422),
    ),
    *BY_TYPE,
)
# What the watch says of itself on the first round after the upgrade: pairs of a child's slug and the type of
# the alert event, each with the line of the changelog. 0.1 has nothing more to say.
FIRST_ROUND: Mapping[tuple[str, str], str] = {
    (slug, "alert_resolved"): ENDED
    for slug in (
        *("home_silent", "home_info", "home_acknowledged", "home_snoozed", "home_resolved", "came_back"),
        *("b_home_silent", "c_home", "day_parent_returns", "day_home_contacts"),
    )
}
# Rows of papers that 0.1 refused and a later version records, when the same paper is imported again: by
# paper, the line of the changelog and how many.
IMPORTED_NOW: Mapping[str, tuple[str, int]] = {
    "roster.xlsx": ("No child is refused any more because of its parents, its guardian or its pairing", 1),
}
