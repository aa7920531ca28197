"""The inbox inside CareLedger: the channel that needs nobody else."""

from projections import inbox
from workers.channel import Accepted, Channel, Means, Notice, Outcome


def _send(notice: Notice, means: Means) -> Outcome:
    item = inbox.InboxItem(
        delivery_id=notice.delivery_id,
        recipient_id=notice.recipient_id,
        alert_id=notice.alert_id,
        child_id=notice.child_id,
        step=notice.step,
        days_silent=notice.days_silent,
        created_at=notice.created_at,
    )
    with means.database.transaction() as tx:
        inbox.put(tx, item)
    return Accepted()


CHANNEL = Channel(name="inbox", send=_send)
