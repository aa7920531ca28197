"""What became of a message: it is written down, and somebody else is told where it was not accepted."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from application.access import SYSTEM
from application.alerts.cases import Alerts
from application.eventstore.database import DatabaseUnavailable
from application.eventstore.log import EventLog
from application.eventstore.recorder import Row
from application.organisations.registry import Organisations
from domain.event import Event
from domain.org import Step
from domain.streams.alerts.case import AlertCase, AlertNotified, Stated, fold_alert
from projections.database import Database
from projections.outbox import deliveries
from projections.outbox.deliveries import (
    ACCEPTED,
    FAILED,
    PENDING,
    UNKNOWN,
    Delivery,
)
from workers.channel import Accepted, Outcome, Permanent, Retryable
from workers.routing import FALLBACK_AFTER, FALLBACK_AT, Escalation, next_deliveries

# How long to wait after the first attempt, the second, and so on; after the last it is given up.
WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
)
MOST_ATTEMPTS = len(WAITS) + 1
# What would be given up, but nobody else was told or can be, is tried on until its alert ends.
TRY_ON_AFTER = timedelta(hours=1)
JITTER = 0.2
# Of two who fail at once, each must see that the other did: they look one after the other.
OTHERS, OTHERS_SECONDS = "others", 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Writes down what became of messages. `chance` returns a number from 0 to 1."""

    database: Database
    log: EventLog
    organisations: Organisations
    alerts: Alerts
    now: Callable[[], datetime]
    chance: Callable[[], float]

    def cases(
        self, taken: Sequence[Delivery], *, now: datetime
    ) -> tuple[dict[UUID, AlertCase], dict[UUID, str]]:
        """Load the cases of a message, and say of which alerts no notice is worth sending any more, and why.

        A case that can't be read has version 0, and is notified of as its deliveries say.
        """
        streams = self._streams(list(dict.fromkeys(each.alert_id for each in taken)))
        cases = {alert_id: fold_alert(alert_id, stream) for alert_id, stream in streams.items()}
        for each in taken:
            if not streams[each.alert_id]:
                stated = Stated(org=each.org, child=each.child_id, kind=each.kind)
                cases[each.alert_id] = AlertCase(stream_id=each.alert_id, stated=stated)
        over = {}
        for alert_id, case in cases.items():
            if any(event.erased for event in streams[alert_id]):
                over[alert_id] = "alert_erased"
            elif not case.open:
                over[alert_id] = "alert_closed"
            elif case.muted(max(now, *(each.created_at for each in taken if each.alert_id == alert_id))):
                # The end of the snooze brings a notice of its own; what rang at that end stays worth telling,
                # also where the clock was set back since.
                over[alert_id] = "alert_snoozed"
        return cases, over

    def _streams(self, alerts: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
        """Load the streams of alerts; one that can't be read is empty, and holds no other up."""
        try:
            return self.log.streams(alerts)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with a file, its notices go out
            if len(alerts) == 1:
                log.error("alert %s: %s, told of all the same", alerts[0], type(error).__name__)  # noqa: TRY400
                return {alerts[0]: ()}
        return {alert: stream for each in alerts for alert, stream in self._streams([each]).items()}

    def write_down(
        self, members: Sequence[Delivery], outcome: Outcome, cases: Mapping[UUID, AlertCase]
    ) -> None:
        now, attempts = self.now(), members[0].attempts
        if isinstance(outcome, Accepted):
            self._write_accepted(members, outcome, cases, now=now)
            return
        if isinstance(outcome, Permanent) or attempts >= MOST_ATTEMPTS:
            self.give_up(members, cases, reason=outcome.reason)
            return
        wait = WAITS[attempts - 1] * (1 + JITTER * self.chance())
        if isinstance(outcome, Retryable) and outcome.retry_after is not None:
            wait = max(wait, outcome.retry_after)
        state = PENDING if isinstance(outcome, Retryable) else UNKNOWN
        if attempts < FALLBACK_AT and wait <= FALLBACK_AFTER:
            self.put_off(members, state=state, reason=outcome.reason, not_before=now + wait)
            return
        with self.database.advisory(OTHERS, wait_seconds=OTHERS_SECONDS):
            fallbacks, _ = self.fallbacks(members, cases, now=now)
            self.put_off(
                members, state=state, reason=outcome.reason, not_before=now + wait, fallbacks=fallbacks
            )

    def give_up(self, members: Sequence[Delivery], cases: Mapping[UUID, AlertCase], *, reason: str) -> None:
        """Give a message up, and notify others; what nobody else was or can be notified of is tried on."""
        with self.database.advisory(OTHERS, wait_seconds=OTHERS_SECONDS):
            now = self.now()
            fallbacks, last = self.fallbacks(members, cases, now=now)
            over = [each for each in members if each.delivery_id not in last]
            self.put_off(over, state=FAILED, reason=reason, not_before=now, fallbacks=fallbacks)
            tried_on = [each for each in members if each.delivery_id in last]
            self.put_off(tried_on, state=PENDING, reason=reason, not_before=now + TRY_ON_AFTER)
        if tried_on:
            log.error(
                "message %s: %s, nobody else can be told of %d", members[0].message_id, reason, len(tried_on)
            )

    def _write_accepted(
        self,
        members: Sequence[Delivery],
        outcome: Accepted,
        cases: Mapping[UUID, AlertCase],
        *,
        now: datetime,
    ) -> None:
        rows, notified = [], []
        for each in members:
            if not cases[each.alert_id].version:
                # Nothing can be added to a file that can't be read.
                with self.database.transaction() as tx:
                    deliveries.accept(tx, each, provider_id=outcome.provider_id, now=now)
                continue
            accepted = replace(
                each, state=ACCEPTED, updated_at=now, last_reason=None, provider_id=outcome.provider_id
            )
            values = deliveries.row_of(accepted)
            rows.append(Row(table="delivery", key={"delivery_id": values.pop("delivery_id")}, values=values))
            notice = AlertNotified(
                delivery=each.delivery_id,
                step=Step.from_word(each.step),
                channel=each.channel,
                recipient=each.recipient_id,
            )
            notified.append((each.alert_id, notice))
        self.alerts.notified(notified, rows=rows, actor=SYSTEM)

    def put_off(
        self,
        members: Sequence[Delivery],
        *,
        state: str,
        reason: str,
        not_before: datetime,
        fallbacks: Sequence[Delivery] | None = None,
    ) -> None:
        """Write down why a message was not accepted, and the `fallbacks` that it has come to."""
        if not members:
            return
        with self.database.transaction() as tx:
            if deliveries.put_off(
                tx, members, state=state, reason=reason, not_before=not_before, now=self.now()
            ):
                deliveries.plan(tx, fallbacks or ())
        if fallbacks is not None:
            log.warning("message %s: %s, %d others are told", members[0].message_id, reason, len(fallbacks))

    def fallbacks(
        self, members: Sequence[Delivery], cases: Mapping[UUID, AlertCase], *, now: datetime
    ) -> tuple[list[Delivery], set[UUID]]:
        """Plan for each notice of a message who comes next, and return those after which nobody comes."""
        found: list[Delivery] = []
        last: set[UUID] = set()
        known = cache(self.organisations.recipients.listed)
        for each in members:
            escalation = Escalation(
                case=cases[each.alert_id],
                step=Step.from_word(each.step),
                days_silent=each.days_silent,
                cause=each.cause,
                author="",
                at=now,
            )
            planned = deliveries.of_alert(self.database, each.alert_id)
            fallbacks = next_deliveries(escalation, failing=each.delivery_id, planned=planned, known=known)
            found += fallbacks or ()
            if fallbacks == []:
                last.add(each.delivery_id)
        return found, last
