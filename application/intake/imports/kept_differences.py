"""What a list says otherwise and the ledger is to keep, as somebody has settled: it is not told again.

A mark is a keyed digest of whom a row means, its column and what both say of it: once either says something
else it is another difference, and is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.intake.imports.roster_cells import BORN, NAME, NUMBER
from application.intake.imports.roster_form import RosterForm
from application.intake.papers.settled import WHOLE_ROW
from domain.normal import normal_name, normal_number, undotted

SECRET = "difference_kept"  # noqa: S105  the name of one


class KeptDifferences:
    """Remembers them by school."""

    def __init__(self, *, database: Database, keyring: Keyring, now: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._now = now

    def known(self, org: str) -> frozenset[bytes]:
        """Return the marks of what is not to be told again of a school."""
        rows = self._database.all("SELECT mark FROM difference_kept WHERE org = :org", org=org)
        return frozenset(bytes(row["mark"]) for row in rows)

    def mark(self, org: str, cells: Mapping[str, str], *, column: str, here: str, there: str) -> bytes:
        """Return the mark of a difference; of a whole row `here` and `there` say nothing."""
        if column == WHOLE_ROW:
            here = there = ""
        said = (column, normal_name(here), normal_name(there))
        return self._keyring.digest(SECRET, org, *_whom(cells), *said)

    def keep(self, org: str, form: RosterForm, *, said_by: str) -> None:
        """Remember what somebody settled in a workbook of two lists that were compared."""
        rows = [
            {"org": org, "mark": mark, "said_by": said_by, "said_at": self._now()}
            for mark in dict.fromkeys(self._settled(org, form))
        ]
        if rows:
            with self._database.transaction() as tx:
                tx.upsert(table="difference_kept", key=("org", "mark"), rows=rows)

    def _settled(self, org: str, form: RosterForm) -> Iterator[bytes]:
        for line, settled in (form.settled or {}).items():
            cells = form.settled_rows.get(line)
            for column, here, there in settled.stays if cells is not None else ():
                yield self.mark(org, cells or {}, column=column, here=here, there=there)


def _whom(cells: Mapping[str, str]) -> Sequence[str]:
    """Return what tells a child of a school from the others: its number, or else its name and birthday."""
    if number := normal_number(cells.get(NUMBER, "")):
        return (number, "")
    return (undotted(cells.get(NAME, "")), cells.get(BORN, ""))
