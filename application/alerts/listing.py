"""Alerts in a list, as their current rows show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from application.access import Action, Actor, require
from application.eventstore.database import Database
from application.listing import behind
from domain.alert_kind import UNCONTACTED
from domain.org import Step
from domain.subtree import WITHIN, below

_LISTED = (
    "SELECT alert_id, kind, org, child_id, anchor, silent_since, step, open, raised_at, acknowledged,"  # noqa: S608
    f" snoozed_until FROM alert_status WHERE {WITHIN} AND open IN :states AND step IN :steps"
    " AND acknowledged IN :answered AND (raised_at, alert_id) > (:at, :id)"
)
_GIVEN = {
    "child_id": " AND child_id = :child_id",
    "since": " AND raised_at >= :since",
    "kind": " AND kind = :kind",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertListed:
    """An alert as its current row shows it."""

    alert_id: UUID
    kind: str
    org: str
    child_id: UUID
    anchor: UUID
    silent_since: date
    step: str
    open: bool
    raised_at: datetime
    acknowledged: bool
    snoozed_until: date | None


class AlertLists:
    """The alerts of all children, to be listed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(
        self,
        *,
        actor: Actor,
        org: str = "",
        is_open: bool | None = None,
        step: str | None = None,
        kind: str | None = None,
        child_id: UUID | None = None,
        acknowledged: bool | None = None,
        raised_since: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> list[AlertListed]:
        """Return `limit` alerts of `org` and all below it by (raised_at, id), those after `after`.

        `raised_since` leaves out those that were raised before that moment (UTC).
        """
        org = org or actor.org
        require(actor, Action.READ, org=org)
        named = {"child_id": child_id, "since": raised_since, "kind": kind}
        given = {name: value for name, value in named.items() if value is not None}
        rows = self._database.all(
            f"{_LISTED}{''.join(_GIVEN[name] for name in given)} ORDER BY raised_at, alert_id LIMIT :limit",
            **below(org),
            **behind(after),
            **given,
            states=(True, False) if is_open is None else (is_open,),
            steps=tuple(Step) if step is None else (step,),
            answered=(True, False) if acknowledged is None else (acknowledged,),
            limit=limit,
        )
        since = self._silent_since([row["child_id"] for row in rows if row["open"]])
        for row in rows:
            # The day of what began it may have been corrected since it last rang.
            corrected = since.get((row["child_id"], row["anchor"]))
            told = row["open"] and row["kind"] == UNCONTACTED
            row["silent_since"] = corrected if told and corrected else row["silent_since"]
        return [AlertListed(**row) for row in rows]

    def _silent_since(self, child_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], date]:
        """Return the day from which each child is silent now, by child and anchor."""
        rows = self._database.all(
            "SELECT child_id, anchor, silent_since FROM child_status WHERE child_id IN :ids",
            ids=tuple(child_ids),
        )
        return {(row["child_id"], row["anchor"]): row["silent_since"] for row in rows}
