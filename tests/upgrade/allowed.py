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
from typing import Any

from tests.upgrade.differences import CHANGED, Allowed
from tests.upgrade.questions import KNOWN, NOW, TERMINAL


def _as_claimed(was: Any, now: Any) -> bool:
    """Tell whether a text differs in that an approver is called one by claim alone."""
    claimed = (
        str(was)
        .replace("审批人：", "审批人（自述）：")
        .replace("Approved by: ", "Approved by (as claimed): ")
    )
    return bool(now == claimed != was)


def _at_first(was: Any, now: Any) -> bool:
    """Tell whether a text differs in that a carer bears the name of that day, and not the latest."""
    return bool(now == str(was).replace("彭副校长", "彭老师") != was)


_CLAIMED = "Who approved a correction, a voiding or a snooze is shown as claimed."
_NAMED_THEN = (
    "A carer who was renamed keeps in each entry of a history the name of that entry's day, and in pairings "
    "that of the day that is asked about, as known at the moment that is asked about."
)
APPROVERS = (
    Allowed(changelog=_CLAIMED, questions="history *", at="/items/*/text/*", how=CHANGED, fits=_as_claimed),
)
KNOWN_THEN = (
    *APPROVERS,
    Allowed(changelog=_CLAIMED, questions="history full as *", at="#line/*", how=CHANGED, fits=_as_claimed),
    Allowed(
        changelog=_NAMED_THEN,
        questions="history paired *",
        at="/items/*/text/*",
        how=CHANGED,
        fits=_at_first,
    ),
)

# By group of questions. KNOWN holds answers that name a moment of knowledge in the past of the store.
ALLOWED: Mapping[str, tuple[Allowed, ...]] = {KNOWN: KNOWN_THEN, NOW: APPROVERS, TERMINAL: ()}
# Of the items that followers are told. Names are "<follower> <position>"; the pointer begins at the event.
ALLOWED_IN_FEEDS: tuple[Allowed, ...] = ()
# Of what becomes of requests that are sent again. Names are "<sender> <path>"; the value is a status with the
# state, [200, "already_recorded"], or with those of each item or line, [200, [[200, "already_recorded"]]].
ALLOWED_AGAIN: tuple[Allowed, ...] = ()
# What the watch says of itself on the first round after the upgrade: pairs of a child's slug and the type of
# the alert event, each with the line of the changelog. 0.1 has nothing more to say.
FIRST_ROUND: Mapping[tuple[str, str], str] = {}
# Rows of papers that 0.1 refused and a later version records, when the same paper is imported again: by
# paper, the line of the changelog and how many.
IMPORTED_NOW: Mapping[str, tuple[str, int]] = {}
