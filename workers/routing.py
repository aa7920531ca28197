"""Who is notified of an alert, and the deliveries that follow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.organisations.registry import Organisations
from domain.ladder import graver
from domain.org import ROOT, Step, ancestors
from domain.streams.alerts.case import AlertCase
from domain.streams.organisations.unit import RecipientRegistered
from projections.outbox.deliveries import ACCEPTED, FAILED, KEYLESS, PENDING, Delivery, delivery_id

# From this attempt on somebody else is told as well, while the first one is still tried.
FALLBACK_AT = 4
# The same holds where the next attempt is further off than this: the other side asked for so much time.
FALLBACK_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One moment at which an alert goes out: the event that is its cause, its step, and whose it is."""

    case: AlertCase
    step: Step
    days_silent: int
    cause: UUID
    author: str
    at: datetime


def deliveries_of(
    organisations: Organisations, escalation: Escalation, *, keyless: Callable[[], None]
) -> list[Delivery]:
    """Plan the deliveries of an escalation, to everybody who was responsible at that moment.

    So planning it again plans the same. It goes to somebody in any case, where there is anybody at all.

    `keyless` is called where a unit has lost its key, and who is registered there is not known: the others
    are notified, and the escalation is to be planned again when the key is back.
    """
    try:
        known = organisations.recipients.above(escalation.case.org, known_at=escalation.at)
    except KeysMissing:
        keyless()
        known = organisations.recipients.above(escalation.case.org, known_at=escalation.at, readable=True)
    above = [r for _, r in known]
    recipients = _notified(above, step=escalation.step, author=escalation.author)
    if not recipients:
        # It must reach somebody: then the operator, or those who wanted graver ones only.
        recipients = organisations.recipients.at_root(known_at=escalation.at) or above
    return [_delivery(escalation, recipient) for recipient in recipients]


def next_deliveries(
    escalation: Escalation,
    *,
    failing: UUID,
    planned: Sequence[Delivery],
    known: Callable[[], Sequence[tuple[str, RecipientRegistered]]],
) -> list[Delivery] | None:
    """Plan deliveries for whoever comes next; None where somebody else has taken this notice or may soon.

    First the catch-alls above, then everybody at the organisation and above, then the operator; empty when
    all were tried. `known` returns every recipient with the unit that it is registered at.
    """
    same_cause = [d for d in planned if d.cause == escalation.cause]
    if any(_hopeful(d) for d in same_cause if d.delivery_id != failing):
        return None
    tried = {(d.recipient_id, d.channel) for d in same_cause}
    everybody = known()
    above = [r for path in ancestors(escalation.case.org) for at, r in everybody if at == path]
    for group in (_catch_alls(above), above, [r for path, r in everybody if path == ROOT]):
        if fresh := [r for r in group if (r.recipient, r.channel) not in tried]:
            return [_delivery(escalation, recipient) for recipient in fresh]
    return []


def recipient_of(organisations: Organisations, delivery: Delivery) -> RecipientRegistered | None:
    """Find whom a delivery goes to, as registered now; None when removed or reached otherwise by now, of
    another tree, or where that can't be read.

    Raises KeysMissing where it may be registered in a file that has lost its key.
    """
    try:
        above = [r for _, r in organisations.recipients.above(delivery.org)]
    except DatabaseUnavailable:
        raise
    except Exception:  # noqa: BLE001  one unit's file must not hold up the others: `recipients` logs it
        above = []
    found = _by_id(above, delivery.recipient_id)
    if found is None:
        reach = {ROOT, *ancestors(delivery.org)}
        known = [r for path, r in organisations.recipients.listed() if path in reach]
        found = _by_id(known, delivery.recipient_id)
        if found is None and (missing := organisations.keyless(reach)):
            raise KeysMissing(streams=missing)
    return found if found is not None and found.channel == delivery.channel else None


def _by_id(known: Sequence[RecipientRegistered], recipient: UUID) -> RecipientRegistered | None:
    return next((found for found in known if found.recipient == recipient), None)


def _hopeful(delivery: Delivery) -> bool:
    if delivery.state in {ACCEPTED, FAILED}:
        return delivery.state == ACCEPTED
    if delivery.last_reason == KEYLESS:
        return False
    put_off = delivery.attempts > 0 and delivery.not_before - delivery.updated_at > FALLBACK_AFTER
    return delivery.attempts < FALLBACK_AT and not put_off


def _notified(above: Sequence[RecipientRegistered], *, step: Step, author: str) -> list[RecipientRegistered]:
    notified = [r for r in above if not r.catch_all and not graver(r.from_step, step) and r.name != author]
    return notified if notified and step is not Step.CRITICAL else [*notified, *_catch_alls(above)]


def _catch_alls(recipients: Sequence[RecipientRegistered]) -> list[RecipientRegistered]:
    return [r for r in recipients if r.catch_all]


def _delivery(escalation: Escalation, recipient: RecipientRegistered) -> Delivery:
    assert escalation.case.child is not None
    return Delivery(
        delivery_id=delivery_id(
            alert=escalation.case.alert_id,
            step=escalation.step.value,
            cause=escalation.cause,
            recipient=recipient.recipient,
            channel=recipient.channel,
        ),
        alert_id=escalation.case.alert_id,
        child_id=escalation.case.child,
        org=escalation.case.org,
        step=escalation.step.value,
        days_silent=escalation.days_silent,
        cause=escalation.cause,
        recipient_id=recipient.recipient,
        channel=recipient.channel,
        state=PENDING,
        attempts=0,
        not_before=escalation.at,
        created_at=escalation.at,
        updated_at=escalation.at,
        kind=escalation.case.kind,
    )
