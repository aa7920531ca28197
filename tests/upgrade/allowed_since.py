"""What is answered otherwise since 0.2, whichever version made the store."""

from tests.upgrade.differences import ADDED, REMOVED, Allowed

AT_WORK = "`careledger import list` says whether an import is at work, complete or broken off"
ERASED = "After an erasure no search by name or number finds the child or carer any more"
NAMED = "The verdicts of an organisation name the children who fell short"
TERMINAL_SINCE = tuple(
    Allowed(changelog=AT_WORK, questions="import list *", at=f"/*/{name}", how=ADDED)
    for name in ("state", "lines", "counts")
)
NOW_SINCE = (
    Allowed(changelog=ERASED, questions="search name '殷小删' by office", at="/items/*", how=REMOVED),
)
KNOWN_SINCE = (Allowed(changelog=NAMED, questions="report *", at="/short/*/child_name", how=ADDED),)
# What 0.1 did not say.
UNBOUND_SINCE = (Allowed(changelog=NAMED, questions="report *", at="/unbound/short/*/child_name", how=ADDED),)
