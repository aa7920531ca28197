"""Alert cases: what the watch decides of a child, and what people answer."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from application.access import Action, Actor, require
from application.alerts.listing import AlertLists
from application.alerts.silence import Looked
from application.basis import UNBOUND, Basis
from application.envelope import event_by
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.reasons import IDEMPOTENCY_KEY_REUSED
from application.streams import Kept, Streams, until_settled
from domain.child import Child, fold
from domain.days import local_day
from domain.event import Details, Event, Occurred
from domain.ids import own_id
from domain.ladder import Ladders, LadderSaid
from domain.ledger.decide import refuse_same_approver
from domain.ledger.facts import evolve
from domain.policy import Policy
from domain.refusal import Fault, Reason, Unknown, conflict, refuses
from domain.status import alert_status_of
from domain.streams.alerts.case import (
    AlertAcknowledged,
    AlertCase,
    AlertNotified,
    AlertSnoozed,
    fold_alert,
)
from domain.streams.alerts.kind import KIND
from domain.streams.organisations.unit import Extension

UNKNOWN_ALERT = Reason(code="unknown_alert", zh="没有这一预警", en="No such alert.")


class Said(Protocol):
    """What units said of whom they watch, and by which ladders alerts ring."""

    @property
    def extensions(self) -> Sequence[Extension]: ...
    @property
    def ladders(self) -> Sequence[LadderSaid]: ...


class Alerts(AlertLists):
    """The cases of all children."""

    def __init__(
        self,
        *,
        log: EventLog,
        database: Database,
        now: Callable[[], datetime],
        policy: Policy,
        watching: Callable[[Collection[str]], Said],
    ) -> None:
        """`watching` returns what organisations, and those above them, decided about whom they watch and by
        which ladders."""
        super().__init__(database)
        self._log = log
        self.now = now
        self.policy = policy.escalation
        self.ladders = policy.ladders
        self._watching = watching
        self._streams = Streams(log=log, now=now)

    def watch(self, child_id: UUID, *, actor: Actor) -> Sequence[Event]:
        """Bring the cases of one child in line with its silence as it is now; return its file as it was read.

        Raises a case at its present step, escalates it, ends those that something ended, reopens one
        whose end was voided. Twice is once, and where somebody else was quicker, all is looked at again.
        """
        return until_settled(lambda: self._watch(child_id, actor=actor))

    def _watch(self, child_id: UUID, *, actor: Actor) -> Sequence[Event]:
        stream, keys = self._log.load(child_id)
        child = fold(child_id, stream)
        now = self.now()
        (looked,) = self._looked([child], now=now)
        occurred = Occurred.moment(now)
        for case, details in looked.outstanding():
            self._streams.append(
                KEPT, case, [details], keys=keys, actor=actor, org=child.last_org, occurred=occurred
            )
        return stream

    def would_decide(self, child: Child) -> Details | None:
        """Return what the watch would decide first of a child without a case. Nothing is read or kept."""
        looked = Looked(
            child=child, cases=(), ladders=self.ladders, policy=self.policy, now=self.now(), extensions=()
        )
        return next((details for _, details in looked.outstanding()), None)

    def next_looks(self, children: Sequence[Child]) -> Mapping[UUID, datetime | None]:
        """Return when `watch` has something to say of each child next; None when never, as things stand.

        That is now where a case is out of line with what is known; else the UTC moment at which the next
        step rings, or at which an open case ends.
        """
        return {each.child.child_id: each.next_look() for each in self._looked(children, now=self.now())}

    def _looked(self, children: Sequence[Child], *, now: datetime) -> list[Looked]:
        """Read the cases of children, and what their organisations said of whom they watch."""
        said = self._watching({org for child in children for org in child.orgs})
        ladders = self.ladders_by(said.ladders)
        looked = [
            Looked(
                child=child,
                cases=(),
                extensions=said.extensions,
                ladders=ladders,
                policy=self.policy,
                now=now,
            )
            for child in children
        ]
        cases = self._cases_of_each(looked)
        return [replace(each, cases=cases[each.child.child_id]) for each in looked]

    def ladders_by(self, said: Sequence[LadderSaid]) -> Ladders:
        """Return the ladders of all kinds, where units said this of them."""
        return replace(self.ladders, said=said) if said else self.ladders

    @refuses(
        UNKNOWN_ALERT, IDEMPOTENCY_KEY_REUSED, Basis.refuse_other, AlertCase.refuse_closed, Streams.decide
    )
    def acknowledge(
        self,
        alert: UUID,
        *,
        by: str,
        note: str | None,
        actor: Actor,
        basis: Basis = UNBOUND,
        key: str | None = None,
    ) -> AlertCase:
        """Say that somebody takes the alert on; the same again is nothing new. Only a fact ends it.

        With the `key` of an earlier answer it is that answer, whatever has become of the alert since.
        """
        said = AlertAcknowledged(by=by, note=note)
        return self._answer(
            alert, said, actor=actor, basis=basis, key=key, refuse=lambda case: case.refuse_closed()
        )

    @refuses(acknowledge, refuse_same_approver, AlertCase.refuse_snooze)
    def snooze(
        self,
        alert: UUID,
        *,
        until: date,
        reason: str,
        approved_by: str,
        actor: Actor,
        basis: Basis = UNBOUND,
        key: str | None = None,
    ) -> AlertCase:
        """Hold notices back through a day, for 14 days at most; the same again, or its `key`, is nothing new.

        Nobody approves of his own snooze.
        """
        refuse_same_approver((actor.name,), approved_by, "/approved_by")
        said, today = AlertSnoozed(until=until, reason=reason, approved_by=approved_by), local_day(self.now())
        return self._answer(
            alert,
            said,
            actor=actor,
            basis=basis,
            key=key,
            refuse=lambda case: case.refuse_snooze(until, today=today),
        )

    def notified(
        self, notices: Sequence[tuple[UUID, AlertNotified]], *, rows: Sequence[Row], actor: Actor
    ) -> None:
        """Record that a channel accepted notices of alerts, with the rows that say so; twice is once."""
        until_settled(lambda: self._notify(notices, rows=rows, actor=actor))

    def _notify(
        self, notices: Sequence[tuple[UUID, AlertNotified]], *, rows: Sequence[Row], actor: Actor
    ) -> None:
        events: list[Event] = []
        streams, keys = self._log.load_many(sorted({alert for alert, _ in notices}))
        for alert, stream in streams.items():
            known = {event.event_id for event in stream}
            of_alert = [notice for named, notice in notices if named == alert]
            events += self._notices(fold_alert(alert, stream), of_alert, known=known, actor=actor)
        if events:
            self._log.append(events, rows=rows, keys=keys)

    def _notices(
        self, case: AlertCase, notices: Sequence[AlertNotified], *, known: Collection[UUID], actor: Actor
    ) -> Iterator[Event]:
        now = self.now()
        for notice in notices:
            event_id = own_id(case.alert_id, f"notified:{notice.delivery}")
            if event_id not in known:
                event = event_by(
                    actor,
                    stream_id=case.alert_id,
                    version=case.version + 1,
                    event_id=event_id,
                    occurred=Occurred.moment(now),
                    details=notice,
                    org=case.org,
                    kind=KIND.name,
                )
                case = evolve(case, event)
                yield event

    @refuses(UNKNOWN_ALERT)
    def read(self, alert: UUID, *, actor: Actor) -> AlertCase:
        """Load a case that the actor may know of. Raises `Unknown`."""
        case = self.load(alert)
        if case.child is None:
            raise Unknown(Fault(reason=UNKNOWN_ALERT))
        require(actor, Action.READ, org=case.org)
        return case

    def load(self, alert: UUID) -> AlertCase:
        """Load a case; one that is not there has version 0."""
        return self._streams.load(KEPT, alert)

    def cases_of(self, child_id: UUID) -> list[AlertCase]:
        """Load every case that a child ever had."""
        return list(self._streams.load_many(KEPT, self._child_by_case([child_id])))

    def _cases_of_each(self, looked: Sequence[Looked]) -> dict[UUID, list[AlertCase]]:
        """Load every case that each child ever had."""
        child_by_case = self._child_by_case([each.child.child_id for each in looked])
        # Of what is raised meanwhile the row may not be there yet: it must not be raised again.
        child_by_case |= {case_id: each.child.child_id for each in looked for case_id in each.ids}
        cases: dict[UUID, list[AlertCase]] = {each.child.child_id: [] for each in looked}
        for case in self._streams.load_many(KEPT, child_by_case):
            cases[child_by_case[case.alert_id]].append(case)
        return cases

    def _child_by_case(self, child_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        rows = self._database.all(
            "SELECT alert_id, child_id FROM alert_status WHERE child_id IN :ids ORDER BY alert_id",
            ids=tuple(child_ids),
        )
        return {row["alert_id"]: row["child_id"] for row in rows}

    def _answer(
        self,
        alert: UUID,
        answer: Details,
        *,
        actor: Actor,
        basis: Basis,
        key: str | None,
        refuse: Callable[[AlertCase], None],
    ) -> AlertCase:
        event_id = None if key is None else own_id(alert, f"key:{actor.principal or actor.name}:{key}")

        def decision(case: AlertCase) -> Details | None:
            _refuse_unseen(case, actor=actor)
            before = None if event_id is None else case.fact(event_id)
            if before is not None and before.details != answer:
                raise conflict(IDEMPOTENCY_KEY_REUSED)
            if before is not None or case.stands(answer):
                return None
            basis.refuse_other(case.version)
            refuse(case)
            return answer

        kept = KEPT if event_id is None else replace(KEPT, event_id=lambda *_: event_id)
        occurred = Occurred.moment(self.now())
        return self._streams.decide(
            kept, alert, decision, actor=actor, org=lambda case: case.org, occurred=occurred
        ).state


def _refuse_unseen(case: AlertCase, *, actor: Actor) -> None:
    if case.child is None:
        raise Unknown(Fault(reason=UNKNOWN_ALERT))
    require(actor, Action.WATCH, org=case.org)


def _status_row(case: AlertCase) -> Row:
    values = asdict(alert_status_of(case))
    return Row(table="alert_status", key={"alert_id": values.pop("alert_id")}, values=values)


KEPT = Kept(
    kind=KIND,
    fold=fold_alert,
    rows=lambda case, _event: [_status_row(case)],
    of_another_kind=Unknown(Fault(reason=UNKNOWN_ALERT)),
)
