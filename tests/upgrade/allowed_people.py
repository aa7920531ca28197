"""Who did it, as a later version tells it: principals and keys, claims of approval, carers' names then."""

from typing import Any
from uuid import UUID

from domain.ids import is_own
from tests.upgrade.differences import ADDED, CHANGED, MOVED, Allowed

CLAIMED = "Who approved a correction, a voiding or a snooze is shown as claimed."
NAMED_THEN = (
    "A carer who was renamed keeps in each entry of a history the name of that entry's day, and in pairings "
    "that of the day that is asked about, as known at the moment that is asked about."
)
PRINCIPALS = "`principal` and `key` in histories, the timeline and the changes say who did it"
KEYS_LISTED = "`careledger keys list` tells of each key whose it is, when it was used last"
# What 0.1 did not know of, and says of nothing that it has recorded.
NOT_KNOWN = {"principal": None, "key": None}


def _as_claimed(was: Any, now: Any) -> bool:
    """Return whether a text differs in that an approver is called one by claim alone."""
    return bool(now == claimed(str(was)) != was)


def claimed(text: str) -> str:
    """Return a text of 0.1 with each approver called one by claim alone."""
    return text.replace("审批人：", "审批人（自述）：").replace("Approved by: ", "Approved by (as claimed): ")


def _at_first(was: Any, now: Any) -> bool:
    """Return whether a text differs in that a carer bears the name of that day, and not the latest."""
    return bool(now == str(was).replace("彭副校长", "彭老师") != was)


def _is_principal(_was: Any, now: Any) -> bool:
    """Return whether it is an id of the ledger's own."""
    return is_own(UUID(str(now)))


NAMES_OF_THE_PRESENT = (
    Allowed(changelog=CLAIMED, questions="history *", at="/items/*/text/*", how=CHANGED, fits=_as_claimed),
)
NAMES_THEN = (
    *NAMES_OF_THE_PRESENT,
    Allowed(
        changelog=NAMED_THEN, questions="history paired *", at="/items/*/text/*", how=CHANGED, fits=_at_first
    ),
)


def _added(questions: str, at: str) -> tuple[Allowed, ...]:
    """Allow the two where 0.1 said neither."""
    return tuple(
        Allowed(
            changelog=PRINCIPALS,
            questions=questions,
            at=f"{at}/{name}",
            how=ADDED,
            fits=lambda _was, now: now is None,
        )
        for name in NOT_KNOWN
    )


WHO_DID_IT_THEN = _added("history *", "/items/*")
WHO_DID_IT = (*WHO_DID_IT_THEN, *_added("timeline *", "/items/*"))
WHO_DID_IT_IN_FEEDS = _added("*", "/data")
WHOSE_KEYS = (
    # Keys of one moment, which had no order before.
    Allowed(
        changelog=KEYS_LISTED,
        questions="keys list --json",
        at="",
        how=MOVED,
        fits=lambda was, now: sorted(was) == sorted(now),
    ),
    Allowed(
        changelog=KEYS_LISTED, questions="keys list --json", at="/*/principal", how=ADDED, fits=_is_principal
    ),
    Allowed(changelog=KEYS_LISTED, questions="keys list --json", at="/*/last_used_at", how=ADDED),
    Allowed(
        changelog=KEYS_LISTED,
        questions="keys list --json",
        at="/*/changed",
        how=ADDED,
        fits=lambda _was, now: now is False,
    ),
)
