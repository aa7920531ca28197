"""Transfers that are still to be decided, as both sides see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.access import Action, Actor, require
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.days import local_day
from domain.subtree import EITHER_WITHIN, below


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTransfer:
    """A transfer that nobody has decided yet, with what goes over to the other side.

    The receiving side may not read the child's file yet: of the child it learns its name and number.
    """

    transfer_id: UUID
    child_id: UUID
    version: int
    case_no: str
    student_no: str | None
    name: str
    org: str
    to: str
    proposed_on: date
    days_open: int
    overdue: bool
    proposed_by: str
    duties: tuple[str, ...]
    reason: str | None
    open_alerts: tuple[UUID, ...]
    pairings: tuple[UUID, ...]


class Transfers:
    """The undecided transfers of all children. They are proposed and answered in the child's own stream."""

    def __init__(self, *, log: EventLog, database: Database, days: int, now: Callable[[], datetime]) -> None:
        """A transfer that was proposed more than `days` ago is overdue."""
        self._log = log
        self._database = database
        self._days = days
        self._now = now

    def undecided(
        self, *, actor: Actor, org: str = "", after: tuple[date, UUID] | None = None, limit: int = 100
    ) -> list[OpenTransfer]:
        """Return the transfers out of `org` or into it, the longest open first, those after `after`."""
        org = org or actor.org
        require(actor, Action.READ, org=org)
        day, last = after or (date.min, UUID(int=0))
        rows = self._database.all(
            f"SELECT child_id, transfer FROM child_status WHERE transfer IS NOT NULL AND {EITHER_WITHIN}"  # noqa: S608
            " AND (transfer_since, child_id) > (:day, :last)"
            " ORDER BY transfer_since, child_id LIMIT :limit",
            **below(org),
            day=day,
            last=last,
            limit=limit,
        )
        streams = self._log.streams([row["child_id"] for row in rows])
        children = [fold(child_id, events) for child_id, events in streams.items()]
        alerts = self._open_alerts([child.child_id for child in children])
        # What was decided since the rows were read is left out.
        known = ((row, child) for row, child in zip(rows, children, strict=True))
        return [found for row, child in known if (found := self._shown(row, child, alerts)) is not None]

    def _shown(
        self, row: Mapping[str, Any], child: Child, alerts: Mapping[UUID, Sequence[UUID]]
    ) -> OpenTransfer | None:
        transfer = child.transfer(row["transfer"])
        fact = child.fact(row["transfer"])
        if transfer is None or fact is None or not transfer.open:
            return None
        details, today = fact.details, local_day(self._now())
        days_open = (today - transfer.proposed_on).days
        return OpenTransfer(
            transfer_id=transfer.event_id,
            child_id=child.child_id,
            version=child.version,
            case_no=case_no_of(child.child_id),
            student_no=child.profile.student_no if child.profile else None,
            name=(child.profile.name if child.profile else "") or "",
            org=child.org,
            to=transfer.to,
            proposed_on=transfer.proposed_on,
            days_open=days_open,
            overdue=days_open > self._days,
            proposed_by=fact.event.recorded_by,
            duties=details.duties or (),
            reason=details.reason,
            open_alerts=tuple(alerts.get(child.child_id, ())),
            pairings=tuple(p.event_id for p in child.pairings if p.holds(today)),
        )

    def _open_alerts(self, child_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        rows = self._database.all(
            "SELECT alert_id, child_id FROM alert_status WHERE child_id IN :ids AND open = :open"
            " ORDER BY alert_id",
            ids=tuple(child_ids),
            open=True,
        )
        found: dict[UUID, list[UUID]] = {}
        for row in rows:
            found.setdefault(row["child_id"], []).append(row["alert_id"])
        return found
