"""What the headings of a school's papers mean, as somebody said once: remembered with what was recorded."""

from collections.abc import Callable, Sequence
from datetime import datetime

from application.eventstore.database import Database


class ColumnMaps:
    """Remembers, as the texts `HEADING=COLUMN` that the command takes, by school and kind of paper."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def known(self, org: str, *, kind: str) -> tuple[str, ...]:
        """Return what is remembered of a school's papers."""
        rows = self._database.all(
            "SELECT heading, column_name FROM column_map WHERE org = :org AND kind = :kind ORDER BY heading",
            org=org,
            kind=kind,
        )
        return tuple(f"{row['heading']}={row['column_name']}" for row in rows)

    def remember(self, org: str, *, kind: str, mapped: Sequence[str]) -> None:
        """Remember what headings mean; what was said last holds."""
        if not mapped:
            return
        pairs = dict(each.partition("=")[::2] for each in mapped)
        rows = [
            {"org": org, "kind": kind, "heading": heading, "column_name": column, "said_at": self._now()}
            for heading, column in pairs.items()
        ]
        with self._database.transaction() as tx:
            tx.upsert(table="column_map", key=("org", "kind", "heading"), rows=rows)

    def forget(self, org: str, *, kind: str | None = None) -> int:
        """Forget what was said of a school's papers, of one kind or of all; return how many headings."""
        with self._database.transaction() as tx:
            return tx.run(
                "DELETE FROM column_map WHERE org = :org AND kind IN :kinds",
                org=org,
                kinds=("roster", "care_log") if kind is None else (kind,),
            )
