"""What is said of imports since 0.2."""

from tests.upgrade.differences import ADDED, Allowed

AT_WORK = "`careledger import list` says whether an import is at work, complete or broken off"
LISTED_IMPORTS = tuple(
    Allowed(changelog=AT_WORK, questions="import list *", at=f"/*/{name}", how=ADDED)
    for name in ("state", "lines", "counts")
)
