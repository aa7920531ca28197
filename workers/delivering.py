"""Serving a letterbox: parcel by parcel, one call at a time. The truth is in the database."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.eventstore.recorder import Row
from application.system import SYSTEM
from domain.alert import AlertCase, AlertNotified, fold_alert
from domain.event import Event
from domain.org import RecipientRegistered, Step
from projections.outbox import deliveries, recipient_queues
from projections.outbox.deliveries import (
    ACCEPTED,
    CANARY,
    FAILED,
    KEYLESS,
    LOST,
    PENDING,
    UNKNOWN,
    Delivery,
    RecipientQueue,
)
from projections.outbox.recipient_queues import Holding
from workers.channel import Accepted, Item, Notice, Outcome, Permanent, Retryable, Unknown, channels
from workers.desk import Desk
from workers.parcels import HOUR, held_back, next_parcel, wait_of
from workers.routing import TELL_OTHERS_AFTER, TELL_OTHERS_AT, Ring, next_deliveries, recipient_of
from workers.watching import more_may_be_found

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
MOST_CANARY_ATTEMPTS = 3
# A recipient whose organisation has lost its key is looked for again after so long.
KEYS_AGAIN_AFTER = timedelta(minutes=1)
JITTER = 0.2
# Of one process at one channel, so that a channel that hangs leaves the others theirs.
THREADS_A_CHANNEL = 8
# Of these, so many take letterboxes whose last call was slow; who answers in good time has the others.
SLOW_THREADS, SLOW_SECONDS = 3, 5.0
# Then the turn is over; what is still due is offered again.
SERVE_SECONDS = 20.0
# What has fallen due meanwhile and is worse goes first after so long, and after the call that is on its way.
LOOK_SECONDS, MOST_LISTED = 1.0, 64
# Of two who fail at once, each must see that the other did: they look one after the other.
OTHERS, OTHERS_SECONDS = "others", 10.0

log = logging.getLogger(__name__)


def serve(channel: str, *, desk: Desk) -> None:
    """Serve the letterboxes of a channel, worst first, until nothing is due there or this turn is over.

    Where as many threads of this process as a channel may have are at it, nothing is done: they go on with
    whatever is due, and the other threads are there for the other channels. Only some of them take who was
    slow to answer: those who hang hold up one another, and nobody else.
    """
    with _place(desk.places, channel, THREADS_A_CHANNEL) as free:
        if free:
            with _place(desk.slow_places, channel, SLOW_THREADS) as patient:
                _serve_channel(channel, desk=desk, patient=patient)


@contextmanager
def _place(places: dict[str, threading.Semaphore], channel: str, number: int) -> Iterator[bool]:
    """Take one of the places of a channel for the block; yields False where none is free."""
    place = places.setdefault(channel, threading.Semaphore(number))
    free = place.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            place.release()


def _serve_channel(channel: str, *, desk: Desk, patient: bool) -> None:
    until, served = desk.ticks() + SERVE_SECONDS, set[RecipientQueue]()
    while boxes := [box for box in _waiting(desk, channel, patient=patient) if box not in served]:
        look_again = min(until, desk.ticks() + LOOK_SECONDS)
        for box in boxes:
            # Another thread may have found out meanwhile.
            if patient or box not in desk.slow:
                served.add(box)
                _serve_box(box, desk=desk, until=until)
            if desk.stopping.is_set() or desk.ticks() >= until:
                return
            if desk.ticks() >= look_again:
                break


def _waiting(desk: Desk, channel: str, *, patient: bool) -> Sequence[RecipientQueue]:
    system, now = desk.system, desk.system.now()
    return recipient_queues.waiting(
        system.database,
        channel,
        now=now,
        limit=MOST_LISTED,
        gathering=more_may_be_found(system, now=now),
        without=() if patient else [box.recipient_id for box in tuple(desk.slow) if box.channel == channel],
    )


def _serve_box(box: RecipientQueue, *, desk: Desk, until: float) -> None:
    """Send what is due in a letterbox until nothing is left, something fails, or the turn is over.

    Whatever ends this half-way leaves the letterbox to `Presence`, which lets go of what nobody is at.
    """
    mine = object()
    if desk.serving.setdefault(box, mine) is not mine:
        return
    try:
        with desk.system.database.transaction() as tx:
            held = recipient_queues.take(tx, box, holder=desk.instance, now=desk.system.now())
        if held is None:
            return
        while not desk.stopping.is_set() and _serve_next(desk, held) and desk.ticks() < until:
            pass
        with desk.system.database.transaction() as tx:
            recipient_queues.let_go(tx, held, now=desk.system.now())
    finally:
        del desk.serving[box]


def _serve_next(desk: Desk, held: Holding) -> bool:
    """Send one parcel; False where this turn is over."""
    system, now = desk.system, desk.system.now()
    due = deliveries.due_in(
        system.database, held.queue, now=now, gathering=more_may_be_found(system, now=now)
    )
    if not due:
        return False
    try:
        recipient = None if due[0].step == CANARY else recipient_of(system.organisations, due[0])
    except KeysMissing:
        _wait_for_keys(desk, due, now=now)
        return True
    if recipient is not None:
        sent = deliveries.sent_since(system.database, held.queue, since=now - HOUR, now=now)
        wait = wait_of(recipient, sent=sent, now=now)
        if wait is not None and (waiting := held_back(due)):
            with system.database.transaction() as tx:
                deliveries.hold_back(tx, waiting, reason=wait.reason, until=wait.until, now=now)
            return True
    members = next_parcel(due)
    parcel = members[0].parcel or deliveries.parcel_id(members)
    if members[0].parcel is not None:
        members = deliveries.of_parcel(system.database, parcel)
    with system.database.transaction() as tx:
        taken = (
            deliveries.claim(tx, members, parcel=parcel, now=now)
            if recipient_queues.hold_on(tx, held)
            else ()
        )
    if not taken:
        return False
    desk.at("deliver.claimed")
    return _try_out(desk, taken[0]) if taken[0].step == CANARY else _deliver(desk, taken, recipient)


def _wait_for_keys(desk: Desk, due: Sequence[Delivery], *, now: datetime) -> None:
    """Let a letterbox wait whose recipient can't be read until a key is back, and tell others meanwhile.

    No attempt is counted, so nothing is given up for it.
    """
    known = [each for each in due if each.last_reason != KEYLESS]
    cases, over = _cases(desk, known, now=now)
    with desk.system.database.advisory(OTHERS, wait_seconds=OTHERS_SECONDS):
        instead, _ = _instead(desk, [each for each in known if each.alert_id not in over], cases, now=now)
        with desk.system.database.transaction() as tx:
            deliveries.hold_back(tx, due, reason=KEYLESS, until=now + KEYS_AGAIN_AFTER, now=now)
            deliveries.plan(tx, instead)
    log.error("letterbox %s: a key is missing, %d others are told", due[0].recipient_id, len(instead))


def _try_out(desk: Desk, canary: Delivery) -> bool:
    """Try a channel out: no alert and no recipient stand behind it, and nobody is told instead."""
    outcome = _called(desk, (canary,), None)
    now = desk.system.now()
    desk.at("deliver.sent")
    with desk.system.database.transaction() as tx:
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
    desk.at("deliver.kept")
    return isinstance(outcome, Accepted)


def _deliver(desk: Desk, taken: Sequence[Delivery], recipient: RecipientRegistered | None) -> bool:
    """Send a parcel, without what is not worth sending any more, and write down what became of it."""
    now = desk.system.now()
    cases, over = _cases(desk, taken, now=now)
    for reason in sorted(set(over.values())):
        ended = [each for each in taken if over.get(each.alert_id) == reason]
        _put_off(desk, ended, state=FAILED, reason=reason, not_before=now)
    told = [each for each in taken if each.alert_id not in over]
    if not told:
        return True
    if told[0].attempts > MOST_ATTEMPTS and told[0].last_reason == LOST:
        _give_up(desk, told, cases, reason="too_many_attempts")
        return True
    if told[0].attempts > TELL_OTHERS_AT:
        # Who sent it before has died each time and could not say that others must be told.
        instead, _ = _instead(desk, told, cases, now=now)
        with desk.system.database.transaction() as tx:
            deliveries.plan(tx, instead)
    outcome = Permanent(reason="unknown_recipient") if recipient is None else _called(desk, told, recipient)
    desk.at("deliver.sent")
    _write_down(desk, told, outcome, cases)
    desk.at("deliver.kept")
    # Who can't be reached keeps nobody waiting: the rest is for the next turn.
    return isinstance(outcome, Accepted | Permanent)


def _cases(
    desk: Desk, taken: Sequence[Delivery], *, now: datetime
) -> tuple[dict[UUID, AlertCase], dict[UUID, str]]:
    """Load the cases of a parcel, and say of which alerts it is not worth telling any more, and why.

    A case that can't be read has version 0, and is told of as its deliveries say.
    """
    streams = _streams(desk, list(dict.fromkeys(each.alert_id for each in taken)))
    cases = {alert_id: fold_alert(alert_id, stream) for alert_id, stream in streams.items()}
    for each in taken:
        if not streams[each.alert_id]:
            cases[each.alert_id] = AlertCase(
                alert_id=each.alert_id, org=each.org, child=each.child_id, open=True
            )
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


def _streams(desk: Desk, alerts: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
    """Load the streams of alerts; one that can't be read is empty, and holds no other up."""
    try:
        return desk.system.log.streams(alerts)
    except DatabaseUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  whatever is wrong with a file: people are told all the same
        if len(alerts) == 1:
            log.error("alert %s: %s, told of all the same", alerts[0], type(error).__name__)  # noqa: TRY400
            return {alerts[0]: ()}
    return {alert: stream for each in alerts for alert, stream in _streams(desk, [each]).items()}


def _called(desk: Desk, told: Sequence[Delivery], recipient: RecipientRegistered | None) -> Outcome:
    first = told[0]
    channel = channels().get(first.channel)
    if channel is None:
        return Permanent(reason="unknown_channel")
    notice = Notice(
        parcel_id=first.parcel or first.delivery_id,
        recipient_id=first.recipient_id,
        items=tuple(_item(each) for each in told),
        address=recipient.address if recipient else None,
        secret=recipient.secret if recipient else None,
        previous_secret=recipient.previous_secret if recipient else None,
    )
    box, begun = RecipientQueue(recipient_id=first.recipient_id, channel=first.channel), desk.ticks()
    try:
        return channel.send(notice, desk.means)
    except Exception as error:  # noqa: BLE001  one channel's fault must not look like a killed worker
        # Its kind alone: its text may hold an address.
        log.error("parcel %s: %s in %s", notice.parcel_id, type(error).__name__, channel.name)  # noqa: TRY400
        return Unknown(reason="channel_failed")
    finally:
        (desk.slow.add if desk.ticks() - begun >= SLOW_SECONDS else desk.slow.discard)(box)


def _item(told: Delivery) -> Item:
    return Item(
        delivery_id=told.delivery_id,
        alert_id=told.alert_id,
        child_id=told.child_id,
        org=told.org,
        step=told.step,
        days_silent=told.days_silent,
        created_at=told.created_at,
    )


def _write_down(
    desk: Desk, told: Sequence[Delivery], outcome: Outcome, cases: Mapping[UUID, AlertCase]
) -> None:
    now, attempts = desk.system.now(), told[0].attempts
    if isinstance(outcome, Accepted):
        _write_accepted(desk, told, outcome, cases, now=now)
        return
    if isinstance(outcome, Permanent) or attempts >= MOST_ATTEMPTS:
        _give_up(desk, told, cases, reason=outcome.reason)
        return
    wait = WAITS[attempts - 1] * (1 + JITTER * desk.chance())
    if isinstance(outcome, Retryable) and outcome.retry_after is not None:
        wait = max(wait, outcome.retry_after)
    state = PENDING if isinstance(outcome, Retryable) else UNKNOWN
    if attempts < TELL_OTHERS_AT and wait <= TELL_OTHERS_AFTER:
        _put_off(desk, told, state=state, reason=outcome.reason, not_before=now + wait)
        return
    with desk.system.database.advisory(OTHERS, wait_seconds=OTHERS_SECONDS):
        instead, _ = _instead(desk, told, cases, now=now)
        _put_off(desk, told, state=state, reason=outcome.reason, not_before=now + wait, instead=instead)


def _give_up(desk: Desk, told: Sequence[Delivery], cases: Mapping[UUID, AlertCase], *, reason: str) -> None:
    """Give a parcel up, and tell others; what nobody else was told or can be told is tried on."""
    with desk.system.database.advisory(OTHERS, wait_seconds=OTHERS_SECONDS):
        now = desk.system.now()
        instead, last = _instead(desk, told, cases, now=now)
        over = [each for each in told if each.delivery_id not in last]
        _put_off(desk, over, state=FAILED, reason=reason, not_before=now, instead=instead)
        tried_on = [each for each in told if each.delivery_id in last]
        _put_off(desk, tried_on, state=PENDING, reason=reason, not_before=now + TRY_ON_AFTER)
    if tried_on:
        log.error("parcel %s: %s, nobody else can be told of %d", told[0].parcel, reason, len(tried_on))


def _write_accepted(
    desk: Desk,
    told: Sequence[Delivery],
    outcome: Accepted,
    cases: Mapping[UUID, AlertCase],
    *,
    now: datetime,
) -> None:
    rows, said = [], []
    for each in told:
        if not cases[each.alert_id].version:
            # Nothing can be added to a file that can't be read.
            with desk.system.database.transaction() as tx:
                deliveries.accept(tx, each, provider_id=outcome.provider_id, now=now)
            continue
        accepted = replace(
            each, state=ACCEPTED, updated_at=now, last_reason=None, provider_id=outcome.provider_id
        )
        values = deliveries.row_of(accepted)
        rows.append(Row(table="delivery", key={"delivery_id": values.pop("delivery_id")}, values=values))
        notified = AlertNotified(
            delivery=each.delivery_id,
            step=Step.from_word(each.step),
            channel=each.channel,
            recipient=each.recipient_id,
        )
        said.append((each.alert_id, notified))
    desk.system.alerts.notified(said, rows=rows, actor=SYSTEM)


def _put_off(
    desk: Desk,
    told: Sequence[Delivery],
    *,
    state: str,
    reason: str,
    not_before: datetime,
    instead: Sequence[Delivery] | None = None,
) -> None:
    """Write down why a parcel was not accepted, and whom to tell `instead`, where it has come to that."""
    if not told:
        return
    with desk.system.database.transaction() as tx:
        if deliveries.put_off(
            tx, told, state=state, reason=reason, not_before=not_before, now=desk.system.now()
        ):
            deliveries.plan(tx, instead or ())
    if instead is not None:
        log.warning("parcel %s: %s, %d others are told", told[0].parcel, reason, len(instead))


def _instead(
    desk: Desk, told: Sequence[Delivery], cases: Mapping[UUID, AlertCase], *, now: datetime
) -> tuple[list[Delivery], set[UUID]]:
    """Plan for each notice of a parcel whoever comes next; and give those after which nobody comes."""
    found: list[Delivery] = []
    last: set[UUID] = set()
    known = cache(desk.system.organisations.recipients.listed)
    for each in told:
        ring = Ring(
            case=cases[each.alert_id],
            step=Step.from_word(each.step),
            days_silent=each.days_silent,
            cause=each.cause,
            author="",
            at=now,
        )
        planned = deliveries.of_alert(desk.system.database, each.alert_id)
        instead = next_deliveries(ring, failing=each.delivery_id, planned=planned, known=known)
        found += instead or ()
        if instead == []:
            last.add(each.delivery_id)
    return found, last
