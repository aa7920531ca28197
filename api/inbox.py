"""What a recipient was told inside CareLedger, and receipts for what was told anywhere."""

from datetime import datetime, timedelta
from uuid import UUID

import falcon

from api import query
from api.context import Context
from api.exchange import actor_of, answer
from api.operation import CURSOR, LIMIT, operation
from api.recipients import found_recipient
from api.request_bodies import ReceiptIn
from api.schemas import loaded, typed
from application.access import Action, require
from application.reasons import NOT_FOUND
from domain.refusal import Fault, Reason, Unknown, invalid
from projections.outbox import receipts
from projections.outbox.inbox import inbox_of
from projections.outbox.receipts import Receipt

# So far the clock of the other side may be ahead of ours.
AHEAD = timedelta(minutes=1)
IN_THE_FUTURE = Reason(
    code="receipt_in_the_future", zh="回执时间晚于当前时间", en="The moment of a receipt lies in the future."
)


class InboxResource:
    """What one recipient was told inside CareLedger."""

    def __init__(self, context: Context) -> None:
        self._system = context.system

    @operation(
        "Read an inbox 收件箱", answers={200: "Inbox"}, params=(CURSOR, LIMIT), problems=(403, 404, 422)
    )
    def on_get(self, req: falcon.Request, resp: falcon.Response, recipient_id: UUID) -> None:
        """List the notices of a recipient, the newest first, with when each was read."""
        before, limit = query.moment_and_id(query.after_asked(req)), query.limit_asked(req)
        found_recipient(self._system, recipient_id, actor=actor_of(req), action=Action.WATCH)
        found = inbox_of(self._system.database, recipient_id=recipient_id, before=before, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        answer(
            resp,
            {
                "items": page,
                "next": query.cursor_after(req, page[-1].created_at, page[-1].delivery_id) if more else None,
            },
        )


class ReceiptResource:
    """What the other side tells of a notice."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._system = context.system

    @operation(
        "Give a receipt 回执",
        request=ReceiptIn,
        answers={200: "DeliveryReceipt"},
        problems=(400, 403, 404, 413, 415, 422),
        codes=("receipt_in_the_future",),
    )
    def on_put(self, req: falcon.Request, resp: falcon.Response, delivery_id: UUID) -> None:
        """Say that a notice has arrived or was read; of a digest its `webhook-id` names all of it.

        The first moment stays. Reading is no answer: the alert goes on until somebody acknowledges it, and
        a fact ends it.
        """
        actor = actor_of(req)
        require(actor, Action.WATCH, org=actor.org)
        words = loaded(ReceiptIn, self._context.body(req))
        now, database = self._system.now(), self._system.database
        at = typed(datetime, words["at"], at="/at") if words.get("at") else now
        if at > now + AHEAD:
            raise invalid(IN_THE_FUTURE, "/at")
        recipient = receipts.recipient_of(database, delivery_id)
        if recipient is None:
            raise Unknown(Fault(reason=NOT_FOUND))
        found_recipient(self._system, recipient, actor=actor, action=Action.WATCH)
        with database.transaction() as tx:
            receipts.write(tx, delivery_id, receipt=Receipt.from_word(words["state"]), at=min(at, now))
        delivered_at, read_at = receipts.moments_of(database, delivery_id)
        answer(resp, {"delivery_id": delivery_id, "delivered_at": delivered_at, "read_at": read_at})
