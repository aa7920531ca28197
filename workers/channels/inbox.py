"""The inbox inside CareLedger: the channel that needs nobody else."""

from projections.outbox import inbox
from workers.channel import Accepted, Channel, Notice, Outcome, Resources


def _send(notice: Notice, resources: Resources) -> Outcome:
    items = [
        inbox.InboxItem(
            delivery_id=item.delivery_id,
            recipient_id=notice.recipient_id,
            alert_id=item.alert_id,
            child_id=item.child_id,
            step=item.step,
            days_silent=item.days_silent,
            created_at=item.created_at,
            kind=item.kind,
        )
        for item in notice.items
    ]
    with resources.database.transaction() as tx:
        inbox.put(tx, items)
    return Accepted()


CHANNEL = Channel(name="inbox", send=_send)
