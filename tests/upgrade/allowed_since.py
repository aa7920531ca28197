"""What is answered otherwise since 0.2, whichever version made the store."""

from tests.upgrade.differences import ADDED, Allowed

AT_WORK = "`careledger import list` says whether an import is at work, complete or broken off"
NAMED = "The verdicts of an organisation name the children who fell short"
TERMINAL_SINCE = tuple(
    Allowed(changelog=AT_WORK, questions="import list *", at=f"/*/{name}", how=ADDED)
    for name in ("state", "lines", "counts")
)
KNOWN_SINCE = (Allowed(changelog=NAMED, questions="report *", at="/short/*/child_name", how=ADDED),)
# What 0.1 did not say.
UNBOUND_SINCE = (Allowed(changelog=NAMED, questions="report *", at="/unbound/short/*/child_name", how=ADDED),)
