"""What a later version may answer otherwise than the one that made a store, each with its changelog line.

Whoever changes an answer adds an entry here, as narrow as it can be, with the line of CHANGELOG.md that tells
users of it:

    Allowed(
        changelog="A history names a carer as it was called at the moment that is asked about.",
        questions="history paired *",
        at="/items/*/text/*",
        how=CHANGED,
    )

An entry that fits no difference any more fails the test, as does one whose line is not in the changelog. What
later versions say otherwise than 0.1 is `SINCE["0.1"]`, and so on: a change of today is an entry of each
version whose store shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
from tests.upgrade.allowed_since import (
    KNOWN_SINCE,
    LINES_SINCE,
    NOW_SINCE,
    TERMINAL_SINCE,
    UNBOUND_SINCE,
    UNSEEN_SINCE,
)
from tests.upgrade.allowed_watched import ENDED, KNOWN_WATCHED, NOW_WATCHED, TERMINAL_WATCHED
from tests.upgrade.allowed_words import FOUND
from tests.upgrade.differences import CHANGED, Allowed
from tests.upgrade.people import recipient_id
from tests.upgrade.questions import KNOWN, NOW, TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is answered otherwise since a version."""

    # By group of questions. KNOWN holds answers that name a moment of knowledge in the past of the store.
    answers: Mapping[str, tuple[Allowed, ...]] = field(default_factory=dict)
    # Of the items that followers are told. Names are "<follower> <position>"; the pointer begins at the
    # event.
    feeds: tuple[Allowed, ...] = ()
    # Of what becomes of requests that are sent again. Names are "<sender> <path>"; the value is a status with
    # the state, [200, "already_recorded"], or with those of each item or line, [200, [[200,
    # "already_recorded"]]].
    again: tuple[Allowed, ...] = ()
    # What the watch says of itself on the first round after the upgrade: pairs of a child's slug and the type
    # of the alert event, each with the line of the changelog. The version itself has nothing more to say.
    first_round: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # Rows of papers that the version refused and a later one records, when the same paper is imported again:
    # by paper, the line of the changelog and how many.
    imported: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def changelog(self) -> tuple[str, ...]:
        """Every line of the changelog that is referred to."""
        entries = (*(each for group in self.answers.values() for each in group), *self.feeds, *self.again)
        rows = (line for line, _ in self.imported.values())
        return (*(each.changelog for each in entries), *self.first_round.values(), *rows)


_SINCE_FIRST = Since(
    answers={
        KNOWN: (
            *allowed_nothing.OF_KNOWN,
            *IN_HISTORIES,
            *OF_CHILDREN,
            *KNOWN_ORDER,
            *KNOWN_WATCHED,
            *NAMES_THEN,
            *WHO_DID_IT_THEN,
            *KNOWN_SHAPE,
            *KNOWN_SINCE,
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
            *NOW_SINCE,
        ),
        TERMINAL: (
            *allowed_nothing.OF_TERMINAL,
            *TERMINAL_ORDER,
            *TERMINAL_WATCHED,
            *WHOSE_KEYS,
            *WHO_DID_IT_THEN,
            *TERMINAL_SHAPE,
            *TERMINAL_SINCE,
        ),
    },
    feeds=(*FEEDS_ORDER, *WHO_DID_IT_IN_FEEDS, *IN_FEEDS),
    again=(
        Allowed(
            changelog="What nothing can ever be sent to is not registered as a recipient any more:",
            questions=f"office /v1/recipients/{recipient_id('a_private')}",
            at="/0",
            how=CHANGED,
            fits=lambda was, now: (was, now) == (200, 422),
        ),
        *BY_TYPE,
    ),
    first_round={
        (slug, "alert_resolved"): ENDED
        for slug in (
            *("home_silent", "home_info", "home_acknowledged", "home_snoozed", "home_resolved", "came_back"),
            *("b_home_silent", "c_home", "day_parent_returns", "day_home_contacts"),
        )
    }
    | UNSEEN_SINCE,
    imported={
        "roster.xlsx": (
            "No child is refused any more because of its parents, its guardian or its pairing",
            1,
        ),
    },
)
SINCE: Mapping[str, Since] = {
    "0.1": _SINCE_FIRST,
    "0.2": Since(
        answers={
            KNOWN: (*KNOWN_SINCE, *UNBOUND_SINCE, *LINES_SINCE),
            NOW: NOW_SINCE,
            TERMINAL: TERMINAL_SINCE,
        },
        first_round=UNSEEN_SINCE,
    ),
}
