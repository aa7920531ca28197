"""Transfers, undecided and decided, as both sides see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from application.access import Action, Actor, require
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.reasons import NO_TRANSFER
from domain.care_views import Transfer
from domain.case_no import case_no_of
from domain.catalogue import types_with
from domain.child import Child, fold
from domain.days import local_day
from domain.effects import Effect
from domain.ledger.fact import Fact
from domain.org import within
from domain.refusal import Fault, Unknown, refuses
from domain.subtree import EITHER_WITHIN, below

K = TypeVar("K")


OPEN, LAPSED = "open", "lapsed"
# What each answer makes of a transfer; one that nobody answered before the child left care has lapsed.
_BY_ANSWER: Mapping[str, str] = {
    answer: answer.removeprefix("transfer_") for answer in types_with(Effect.ANSWERS_TRANSFER)
}
DECIDED = (*_BY_ANSWER.values(), LAPSED)
PROPOSING = types_with(Effect.PROPOSES_TRANSFER)
# The types of the entries that tell of a transfer in the organisation that the child went out of, or into.
TELLING = (*PROPOSING, *types_with(Effect.PLACES, Effect.ANSWERS_TRANSFER))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTransfer:
    """A transfer, with what goes over to the other side; `state` is one of `STATES`.

    The receiving side may not read the child's file yet: of the child it learns its name and number. Whoever
    can't see the child after the decision is told only that it was made: what is said of it is None then.
    """

    transfer_id: UUID
    child_id: UUID
    version: int
    case_no: str
    student_no: str | None
    name: str | None
    org: str
    to: str
    proposed_on: date
    days_open: int
    overdue: bool
    proposed_by: str | None
    duties: tuple[str, ...]
    reason: str | None
    open_alerts: tuple[UUID, ...]
    pairings: tuple[UUID, ...]
    state: str = OPEN
    decided_on: date | None = None


class Transfers:
    """The transfers of all children. They are proposed and answered in the child's own stream."""

    def __init__(self, *, log: EventLog, database: Database, days: int, now: Callable[[], datetime]) -> None:
        """A transfer that was proposed more than `days` ago is overdue."""
        self._log = log
        self._database = database
        self._days = days
        self._now = now

    def undecided(
        self,
        *,
        actor: Actor,
        org: str = "",
        since: date | None = None,
        after: tuple[date, UUID] | None = None,
        limit: int = 100,
    ) -> list[OpenTransfer]:
        """Return the transfers out of `org` or into it, the longest open first, those after `after`.

        `since` is the first day on which they may have been proposed.
        """
        org = org or actor.org
        require(actor, Action.READ, org=org)
        day, last = after or (date.min, UUID(int=0))
        rows = self._database.all(
            f"SELECT child_id, transfer FROM child_status WHERE transfer IS NOT NULL AND {EITHER_WITHIN}"  # noqa: S608
            " AND transfer_since >= :since AND (transfer_since, child_id) > (:day, :last)"
            " ORDER BY transfer_since, child_id LIMIT :limit",
            **below(org),
            since=since or date.min,
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

    @refuses(NO_TRANSFER)
    def read(self, transfer_id: UUID, *, actor: Actor) -> OpenTransfer:
        """Return a transfer, whatever became of it, by the id of its proposal. Raises `Unknown`."""
        require(actor, Action.READ, org=actor.org)
        rows = self._database.tuples(
            "SELECT originator_id FROM events WHERE event_id = :id AND topic IN :proposing",
            id=transfer_id,
            proposing=PROPOSING,
        )
        found = self.of_entries({(child_id, transfer_id): transfer_id for (child_id,) in rows}, actor=actor)
        if not found:
            raise Unknown(Fault(reason=NO_TRANSFER))
        return found[transfer_id]

    def of_entries(
        self, entries: Mapping[tuple[UUID, UUID], K], *, actor: Actor, org: str = ""
    ) -> dict[K, OpenTransfer]:
        """Return the transfers that entries of children proposed or accepted, by what stands for each entry.

        The entries are named by child and event. Of a transfer that is proposed in `org` and accepted there,
        the proposal alone counts. Left out are those that neither side of which lies in `org`.
        """
        org = org or actor.org
        streams = self._log.streams([child_id for child_id, _ in entries])
        children = {child_id: fold(child_id, events) for child_id, events in streams.items()}
        alerts = self._open_alerts(list(children))
        found: dict[K, OpenTransfer] = {}
        for (child_id, event_id), key in entries.items():
            child = children[child_id]
            fact = child.fact(event_id)
            proposal = None if fact is None else child.fact(getattr(fact.details, "transfer", event_id))
            if fact is None or proposal is None or proposal.details.TYPE not in PROPOSING:
                continue
            here = within(proposal.event.org, org)
            if (fact is proposal and (here or within(proposal.details.to, org))) or (
                fact is not proposal and not here
            ):
                found[key] = self._any_shown(child, proposal, alerts, actor=actor)
        return found

    def _any_shown(
        self, child: Child, proposal: Fact, alerts: Mapping[UUID, Sequence[UUID]], *, actor: Actor
    ) -> OpenTransfer:
        transfer = child.transfer(proposal.event_id)
        assert transfer is not None, "what was proposed is a transfer"
        shown = self._as_open(child, transfer, proposal, alerts)
        if transfer.open:
            return shown
        answer = next((a for a in child.having(Effect.ANSWERS_TRANSFER) if _of(a, proposal)), None)
        exits = (f.day for f in child.having(Effect.CLOSES_CARE) if f.day >= transfer.proposed_on)
        decided_on = answer.day if answer else min(exits)
        decided = replace(
            shown,
            version=(answer or proposal).event.originator_version,
            org=proposal.event.org,
            state=_BY_ANSWER[answer.details.TYPE] if answer else LAPSED,
            decided_on=decided_on,
            days_open=(decided_on - transfer.proposed_on).days,
            overdue=False,
            open_alerts=(),
            pairings=(),
        )
        if within(child.org, actor.org):
            return decided
        return replace(decided, student_no=None, name=None, proposed_by=None, duties=(), reason=None)

    def _shown(
        self, row: Mapping[str, Any], child: Child, alerts: Mapping[UUID, Sequence[UUID]]
    ) -> OpenTransfer | None:
        transfer = child.transfer(row["transfer"])
        fact = child.fact(row["transfer"])
        if transfer is None or fact is None or not transfer.open:
            return None
        return self._as_open(child, transfer, fact, alerts)

    def _as_open(
        self, child: Child, transfer: Transfer, fact: Fact, alerts: Mapping[UUID, Sequence[UUID]]
    ) -> OpenTransfer:
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


def _of(answer: Fact, proposal: Fact) -> bool:
    return bool(answer.details.transfer == proposal.event_id)
