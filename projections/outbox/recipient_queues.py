"""Recipient queues: one for each recipient and channel, served by one worker process at a time.

Only the process that holds a recipient queue claims its deliveries; `turn` counts how often it
was taken, so that a holder that was away for too long finds out that another one has it by now.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from projections.database import Database, Transaction, made
from projections.outbox import deliveries
from projections.outbox.deliveries import RecipientQueue, due_clause, due_values

DDL = (
    """
    CREATE TABLE letterbox (
        recipient_id uuid NOT NULL,
        channel text NOT NULL,
        holder uuid,
        turn bigint NOT NULL,
        offered_at timestamptz,
        PRIMARY KEY (recipient_id, channel)
    )
    """,
    "CREATE INDEX letterbox_holder ON letterbox (holder)",
)
# Who was offered a recipient queue and holds none after so long has died, or the broker forgot.
OFFER_AGAIN_AFTER = timedelta(seconds=10)
_THIS = "recipient_id = :recipient_id AND channel = :channel"
# How bad the worst is that waits in each recipient queue, and since when something does.
_WAITING = (
    f"SELECT delivery.recipient_id, delivery.channel, min({deliveries.RANK}) AS worst, "  # noqa: S608
    "min(delivery.not_before) AS since FROM delivery LEFT JOIN letterbox AS box "
    "ON box.recipient_id = delivery.recipient_id AND box.channel = delivery.channel"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A recipient queue in somebody's hands, for one turn."""

    queue: RecipientQueue
    holder: UUID
    turn: int


def take(tx: Transaction, queue: RecipientQueue, *, holder: UUID, now: datetime) -> Holding | None:
    """Take a recipient queue that no process holds; None where somebody does. No process is waited for.

    What is still being sent there was begun by somebody who is gone: it is `unknown` from now on.
    """
    taken = tx.run(
        "INSERT INTO letterbox (recipient_id, channel, holder, turn) "
        "VALUES (:recipient_id, :channel, :holder, 1) "
        "ON CONFLICT (recipient_id, channel) DO UPDATE "
        "SET holder = excluded.holder, turn = letterbox.turn + 1 WHERE letterbox.holder IS NULL",
        holder=holder,
        **asdict(queue),
    )
    if taken != 1:
        return None
    row = tx.one(f"SELECT turn FROM letterbox WHERE {_THIS}", **asdict(queue))  # noqa: S608  a constant
    assert row is not None
    deliveries.give_up_lost(tx, queue, now=now)
    return Holding(queue=queue, holder=holder, turn=row["turn"])


def hold_on(tx: Transaction, held: Holding) -> bool:
    """Return whether a recipient queue is still held, and keep it so until this transaction ends."""
    return _moved(tx, held, to=held.holder)


def let_go(tx: Transaction, held: Holding, *, now: datetime) -> bool:
    """Release a queue, for the process that is called next; False where it was not held any more."""
    if not _moved(tx, held, to=None):
        return False
    deliveries.give_up_lost(tx, held.queue, now=now)
    return True


def held_by(database: Database | Transaction, holder: UUID) -> tuple[Holding, ...]:
    """Return what a process holds."""
    rows = database.all("SELECT * FROM letterbox WHERE holder = :holder", holder=holder)
    return tuple(
        Holding(
            queue=RecipientQueue(recipient_id=row["recipient_id"], channel=row["channel"]),
            holder=holder,
            turn=row["turn"],
        )
        for row in rows
    )


def offer(tx: Transaction, *, now: datetime, most: int, gathering: bool) -> tuple[RecipientQueue, ...]:
    """Return queues that no process holds, with something due and not offered lately, worst first.

    Of each channel `most` at a time are offered and not taken: a crowd of one takes no place of another.
    Notes that they are offered now. While `gathering`, what can wait for more waits.
    """
    rows = tx.all(
        "SELECT waiting.recipient_id, waiting.channel FROM (SELECT *, row_number() OVER "  # noqa: S608
        f"(PARTITION BY channel ORDER BY worst, since, recipient_id) AS place FROM ({_WAITING} "
        f"WHERE {due_clause(gathering=gathering, sending=True)} AND box.holder IS NULL "
        # Noted by a clock that ran ahead is not lately.
        "AND (box.offered_at IS NULL OR box.offered_at <= :lately OR box.offered_at > :now) "
        "GROUP BY delivery.recipient_id, delivery.channel) AS due) AS waiting LEFT JOIN "
        "(SELECT channel, count(*) AS boxes FROM letterbox WHERE holder IS NULL "
        "AND offered_at > :lately AND offered_at <= :now GROUP BY channel) AS offered "
        "ON offered.channel = waiting.channel WHERE place + COALESCE(boxes, 0) <= :most "
        "ORDER BY worst, since, waiting.recipient_id, waiting.channel",
        lately=now - OFFER_AGAIN_AFTER,
        most=most,
        **due_values(now, gathering=gathering),
    )
    queues = made(RecipientQueue, rows)
    tx.many(
        "INSERT INTO letterbox (recipient_id, channel, turn, offered_at) "
        "VALUES (:recipient_id, :channel, 0, :now) "
        "ON CONFLICT (recipient_id, channel) DO UPDATE SET offered_at = excluded.offered_at",
        [
            {**asdict(queue), "now": now}
            for queue in sorted(queues, key=lambda q: (q.recipient_id, q.channel))
        ],
    )
    return queues


def waiting(
    database: Database,
    channel: str,
    *,
    now: datetime,
    limit: int,
    gathering: bool,
    without: Sequence[UUID] = (),
) -> tuple[RecipientQueue, ...]:
    """Return the queues of a channel that no process holds, with something due, worst first.

    Those of the recipients `without` are left out.
    """
    others = "AND delivery.recipient_id NOT IN :without " if without else ""
    rows = database.all(
        f"SELECT recipient_id, channel FROM ({_WAITING} "  # noqa: S608  constants
        f"WHERE {due_clause(gathering=gathering, sending=True)} AND box.holder IS NULL "
        f"AND delivery.channel = :channel {others}"
        "GROUP BY delivery.recipient_id, delivery.channel) AS due "
        "ORDER BY worst, since, recipient_id LIMIT :limit",
        channel=channel,
        limit=limit,
        **({"without": tuple(without)} if without else {}),
        **due_values(now, gathering=gathering),
    )
    return made(RecipientQueue, rows)


def take_back(tx: Transaction, queues: Sequence[RecipientQueue], *, offered_at: datetime) -> None:
    """Undo an offer that reached nobody, so that it is made again at once."""
    tx.many(
        f"UPDATE letterbox SET offered_at = NULL WHERE {_THIS} AND offered_at = :offered_at",  # noqa: S608
        [{**asdict(queue), "offered_at": offered_at} for queue in queues],
    )


def _moved(tx: Transaction, held: Holding, *, to: UUID | None) -> bool:
    return (
        tx.run(
            "UPDATE letterbox SET holder = :to, "  # noqa: S608  constants
            f"offered_at = NULL WHERE {_THIS} AND holder = :holder AND turn = :turn",
            to=to,
            holder=held.holder,
            turn=held.turn,
            **asdict(held.queue),
        )
        == 1
    )
