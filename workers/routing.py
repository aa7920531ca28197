"""Who is told of an alert, and the deliveries that follow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.keyring import KeysMissing
from application.organisations.registry import Organisations
from domain.alert import AlertCase
from domain.org import ROOT, RecipientRegistered, Step, ancestors
from projections.outbox.deliveries import ACCEPTED, FAILED, KEYLESS, PENDING, Delivery, delivery_id

# From this attempt on somebody else is told as well, while the first one is still tried.
TELL_OTHERS_AT = 4
# The same holds where the next attempt is further off than this: the other side asked for so much time.
TELL_OTHERS_AFTER = timedelta(minutes=5)
_RANK = {step: rank for rank, step in enumerate(Step)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One ring of an alert: the event that is told of, its step, and what is said."""

    case: AlertCase
    step: Step
    days_silent: int
    cause: UUID
    author: str
    at: datetime


def louder(step: Step, than: Step | None, /) -> bool:
    """Tell whether a step is graver than another, or the first."""
    return than is None or _RANK[step] > _RANK[than]


def deliveries_of(organisations: Organisations, ring: Ring, *, keyless: Callable[[], None]) -> list[Delivery]:
    """Plan the deliveries of a ring: to everybody who was responsible when it rang, so that planning it
    again plans the same; to somebody in any case, where there is anybody at all.

    `keyless` is called where a unit has lost its key, and who is registered there is not known: the others
    are told, and the ring is to be planned again when the key is back.
    """
    try:
        known = organisations.recipients.above(ring.case.org, known_at=ring.at)
    except KeysMissing:
        keyless()
        known = organisations.recipients.above(ring.case.org, known_at=ring.at, readable=True)
    above = [r for _, r in known]
    told = _told(above, step=ring.step, author=ring.author)
    if not told:
        # It must reach somebody: then the operator, or those who wanted graver ones only.
        told = organisations.recipients.at_root(known_at=ring.at) or above
    return [_delivery(ring, recipient) for recipient in told]


def next_deliveries(
    ring: Ring,
    *,
    failing: UUID,
    planned: Sequence[Delivery],
    known: Callable[[], Sequence[tuple[str, RecipientRegistered]]],
) -> list[Delivery] | None:
    """Plan deliveries for whoever comes next; None where somebody else has taken this ring or may soon.

    First the catch-alls above, then everybody at the organisation and above, then the operator; empty when
    all were tried. `known` gives every recipient with the unit that it is registered at.
    """
    same_ring = [d for d in planned if d.cause == ring.cause]
    if any(_hopeful(d) for d in same_ring if d.delivery_id != failing):
        return None
    tried = {(d.recipient_id, d.channel) for d in same_ring}
    everybody = known()
    above = [r for path in ancestors(ring.case.org) for at, r in everybody if at == path]
    for group in (_catch_alls(above), above, [r for path, r in everybody if path == ROOT]):
        if fresh := [r for r in group if (r.recipient, r.channel) not in tried]:
            return [_delivery(ring, recipient) for recipient in fresh]
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
    except Exception:  # noqa: BLE001  one unit's file must not keep others from being told: `recipients` says so
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
    put_off = delivery.attempts > 0 and delivery.not_before - delivery.updated_at > TELL_OTHERS_AFTER
    return delivery.attempts < TELL_OTHERS_AT and not put_off


def _told(above: Sequence[RecipientRegistered], *, step: Step, author: str) -> list[RecipientRegistered]:
    told = [r for r in above if not r.catch_all and not louder(r.from_step, step) and r.name != author]
    return told if told and step is not Step.CRITICAL else [*told, *_catch_alls(above)]


def _catch_alls(recipients: Sequence[RecipientRegistered]) -> list[RecipientRegistered]:
    return [r for r in recipients if r.catch_all]


def _delivery(ring: Ring, recipient: RecipientRegistered) -> Delivery:
    assert ring.case.child is not None
    return Delivery(
        delivery_id=delivery_id(
            alert=ring.case.alert_id,
            step=ring.step.value,
            cause=ring.cause,
            recipient=recipient.recipient,
            channel=recipient.channel,
        ),
        alert_id=ring.case.alert_id,
        child_id=ring.case.child,
        org=ring.case.org,
        step=ring.step.value,
        days_silent=ring.days_silent,
        cause=ring.cause,
        recipient_id=recipient.recipient,
        channel=recipient.channel,
        state=PENDING,
        attempts=0,
        not_before=ring.at,
        created_at=ring.at,
        updated_at=ring.at,
    )
