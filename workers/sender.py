"""Sending: a recipient's messages are claimed and sent one call at a time. The truth is in the database."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from application.eventstore.keyring import KeysMissing
from application.organisations.registry import Organisations
from domain.streams.alerts.case import AlertCase
from domain.streams.organisations.unit import RecipientRegistered
from projections.database import Database
from projections.outbox import deliveries, recipient_queues
from projections.outbox.deliveries import (
    CANARY,
    FAILED,
    KEYLESS,
    LOST,
    PENDING,
    Delivery,
    RecipientQueue,
)
from projections.outbox.recipient_queues import Holding
from workers.channel import Accepted, Item, Notice, Outcome, Permanent, Resources, Unknown, channels
from workers.due_timers import more_may_be_found
from workers.messages import HOUR, held_back, next_message, wait_of
from workers.outcomes import MOST_ATTEMPTS, OTHERS, OTHERS_SECONDS, WAITS, Outcomes
from workers.routing import FALLBACK_AT, recipient_of

MOST_CANARY_ATTEMPTS = 3
# A recipient whose organisation has lost its key is looked for again after so long.
KEYS_AGAIN_AFTER = timedelta(minutes=1)
# Of one process at one channel, so that a channel that hangs leaves the others theirs.
THREADS_A_CHANNEL = 8
# Of these, so many take recipient queues whose last call was slow; who answers in good time has the others.
SLOW_THREADS, SLOW_SECONDS = 3, 5.0
# Then the turn is over; what is still due is offered again.
SERVE_SECONDS = 20.0
# What has fallen due meanwhile and is worse goes first after so long, and after the call that is on its way.
LOOK_SECONDS, MOST_LISTED = 1.0, 64

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Claims and sends the messages of recipients, as one of many processes.

    `ticks` are seconds that only run forward. `at` is called with the name of each point between two effects,
    where a test may crash. `instance` is this process, `serving` the recipient queues that its threads serve,
    `limits` how many more threads each channel may have, and `stopping` is set when it is to end. `slow` are
    the queues whose last call took long, and `slow_limits` how many more threads of each channel may take
    these.
    """

    database: Database
    organisations: Organisations
    outcomes: Outcomes
    resources: Resources
    now: Callable[[], datetime]
    ticks: Callable[[], float]
    at: Callable[[str], None]
    instance: UUID = field(default_factory=uuid4)
    serving: dict[RecipientQueue, object] = field(default_factory=dict)
    limits: dict[str, threading.Semaphore] = field(default_factory=dict)
    slow: set[RecipientQueue] = field(default_factory=set)
    slow_limits: dict[str, threading.Semaphore] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, channel: str) -> None:
        """Serve the recipient queues of a channel, worst first, until nothing is due or this turn is over.

        Where as many threads of this process as a channel may have are at it, nothing is done: they go on
        with whatever is due, and the other threads are there for the other channels. Only some of them take
        recipients that were slow to answer: those that hang hold up one another and no others.
        """
        with _within_limit(self.limits, channel, THREADS_A_CHANNEL) as free:
            if free:
                with _within_limit(self.slow_limits, channel, SLOW_THREADS) as patient:
                    self._serve_channel(channel, patient=patient)

    def _serve_channel(self, channel: str, *, patient: bool) -> None:
        until, served = self.ticks() + SERVE_SECONDS, set[RecipientQueue]()
        while queues := [queue for queue in self._waiting(channel, patient=patient) if queue not in served]:
            look_again = min(until, self.ticks() + LOOK_SECONDS)
            for queue in queues:
                # Another thread may have found out meanwhile.
                if patient or queue not in self.slow:
                    served.add(queue)
                    self._serve_queue(queue, until=until)
                if self.stopping.is_set() or self.ticks() >= until:
                    return
                if self.ticks() >= look_again:
                    break

    def _waiting(self, channel: str, *, patient: bool) -> Sequence[RecipientQueue]:
        now = self.now()
        return recipient_queues.waiting(
            self.database,
            channel,
            now=now,
            limit=MOST_LISTED,
            gathering=more_may_be_found(self.database, now=now),
            without=()
            if patient
            else [queue.recipient_id for queue in tuple(self.slow) if queue.channel == channel],
        )

    def _serve_queue(self, queue: RecipientQueue, *, until: float) -> None:
        """Send what is due in a recipient queue until nothing is left, something fails, or the turn is over.

        Whatever ends this half-way leaves the queue to `Presence`, which releases what no thread serves.
        """
        mine = object()
        if self.serving.setdefault(queue, mine) is not mine:
            return
        try:
            with self.database.transaction() as tx:
                held = recipient_queues.take(tx, queue, holder=self.instance, now=self.now())
            if held is None:
                return
            while not self.stopping.is_set() and self._serve_next(held) and self.ticks() < until:
                pass
            with self.database.transaction() as tx:
                recipient_queues.let_go(tx, held, now=self.now())
        finally:
            del self.serving[queue]

    def _serve_next(self, held: Holding) -> bool:
        """Send one message; False where this turn is over."""
        now = self.now()
        due = deliveries.due_in(
            self.database, held.queue, now=now, gathering=more_may_be_found(self.database, now=now)
        )
        if not due:
            return False
        try:
            recipient = None if due[0].step == CANARY else recipient_of(self.organisations, due[0])
        except KeysMissing:
            self._wait_for_keys(due, now=now)
            return True
        if recipient is not None:
            sent = deliveries.sent_since(self.database, held.queue, since=now - HOUR, now=now)
            wait = wait_of(recipient, sent=sent, now=now)
            if wait is not None and (waiting := held_back(due)):
                with self.database.transaction() as tx:
                    deliveries.hold_back(tx, waiting, reason=wait.reason, until=wait.until, now=now)
                return True
        members = next_message(due)
        message_id = members[0].message_id or deliveries.message_id(members)
        if members[0].message_id is not None:
            members = deliveries.of_message(self.database, message_id)
        with self.database.transaction() as tx:
            taken = (
                deliveries.claim(tx, members, message_id=message_id, now=now)
                if recipient_queues.hold_on(tx, held)
                else ()
            )
        if not taken:
            return False
        self.at("deliver.claimed")
        return self._try_out(taken[0]) if taken[0].step == CANARY else self._deliver(taken, recipient)

    def _wait_for_keys(self, due: Sequence[Delivery], *, now: datetime) -> None:
        """Let a queue wait whose recipient can't be read until a key is back, and notify others meanwhile.

        No attempt is counted, so nothing is given up for it.
        """
        known = [each for each in due if each.last_reason != KEYLESS]
        cases, over = self.outcomes.cases(known, now=now)
        with self.database.advisory(OTHERS, wait_seconds=OTHERS_SECONDS):
            fallbacks, _ = self.outcomes.fallbacks(
                [each for each in known if each.alert_id not in over], cases, now=now
            )
            with self.database.transaction() as tx:
                deliveries.hold_back(tx, due, reason=KEYLESS, until=now + KEYS_AGAIN_AFTER, now=now)
                deliveries.plan(tx, fallbacks)
        log.error(
            "recipient queue %s: a key is missing, %d others are told", due[0].recipient_id, len(fallbacks)
        )

    def _try_out(self, canary: Delivery) -> bool:
        """Try a channel out: no alert and no recipient stand behind it, and nobody is notified instead."""
        outcome = self._called((canary,), None, {})
        now = self.now()
        self.at("deliver.sent")
        with self.database.transaction() as tx:
            if isinstance(outcome, Accepted):
                deliveries.accept(tx, canary, provider_id=outcome.provider_id, now=now)
            else:
                over = isinstance(outcome, Permanent) or canary.attempts >= MOST_CANARY_ATTEMPTS
                deliveries.put_off(
                    tx,
                    (canary,),
                    state=FAILED if over else PENDING,
                    reason=outcome.reason,
                    not_before=now if over else now + WAITS[canary.attempts - 1],
                    now=now,
                )
        self.at("deliver.kept")
        return isinstance(outcome, Accepted)

    def _deliver(self, taken: Sequence[Delivery], recipient: RecipientRegistered | None) -> bool:
        """Send a message, without what is not worth sending any more, and write down what became of it."""
        now = self.now()
        cases, over = self.outcomes.cases(taken, now=now)
        for reason in sorted(set(over.values())):
            ended = [each for each in taken if over.get(each.alert_id) == reason]
            self.outcomes.put_off(ended, state=FAILED, reason=reason, not_before=now)
        members = [each for each in taken if each.alert_id not in over]
        if not members:
            return True
        if members[0].attempts > MOST_ATTEMPTS and members[0].last_reason == LOST:
            self.outcomes.give_up(members, cases, reason="too_many_attempts")
            return True
        if members[0].attempts > FALLBACK_AT:
            # Each process that sent it before has died and could not plan the notices of others.
            fallbacks, _ = self.outcomes.fallbacks(members, cases, now=now)
            with self.database.transaction() as tx:
                deliveries.plan(tx, fallbacks)
        outcome = (
            Permanent(reason="unknown_recipient")
            if recipient is None
            else self._called(members, recipient, cases)
        )
        self.at("deliver.sent")
        self.outcomes.write_down(members, outcome, cases)
        self.at("deliver.kept")
        # A recipient that can't be reached holds up no other: the rest is for the next turn.
        return isinstance(outcome, Accepted | Permanent)

    def _called(
        self,
        members: Sequence[Delivery],
        recipient: RecipientRegistered | None,
        cases: Mapping[UUID, AlertCase],
    ) -> Outcome:
        first = members[0]
        channel = channels().get(first.channel)
        if channel is None:
            return Permanent(reason="unknown_channel")
        notice = Notice(
            message_id=first.message_id or first.delivery_id,
            recipient_id=first.recipient_id,
            items=tuple(_item(each, cases.get(each.alert_id)) for each in members),
            address=recipient.address if recipient else None,
            secret=recipient.secret if recipient else None,
            previous_secret=recipient.previous_secret if recipient else None,
        )
        queue, begun = RecipientQueue(recipient_id=first.recipient_id, channel=first.channel), self.ticks()
        try:
            return channel.send(notice, self.resources)
        except Exception as error:  # noqa: BLE001  one channel's fault must not look like a killed worker
            # Its kind alone: its text may hold an address.
            log.error("message %s: %s in %s", notice.message_id, type(error).__name__, channel.name)  # noqa: TRY400
            return Unknown(reason="channel_failed")
        finally:
            (self.slow.add if self.ticks() - begun >= SLOW_SECONDS else self.slow.discard)(queue)


@contextmanager
def _within_limit(limits: dict[str, threading.Semaphore], channel: str, number: int) -> Iterator[bool]:
    """Take one of the threads that a channel may have for the block; yields False where none is free."""
    limit = limits.setdefault(channel, threading.Semaphore(number))
    free = limit.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            limit.release()


def _item(delivery: Delivery, case: AlertCase | None) -> Item:
    """Return what goes out of a delivery: what its alert said by then, the same at every attempt."""
    rang = case.rang_by(delivery.created_at) if case is not None else None
    said = rang.details if rang is not None else None
    return Item(
        delivery_id=delivery.delivery_id,
        alert_id=delivery.alert_id,
        child_id=delivery.child_id,
        org=delivery.org,
        step=delivery.step,
        days_silent=delivery.days_silent,
        created_at=delivery.created_at,
        kind=delivery.kind,
        since=said.silent_since if said else None,
        anchor=case.anchor if case is not None else None,
        silence=said.silence if said else None,
        unseen=said.unseen if said else None,
    )
