"""The tables of the whole read side, for the one migration step.

Those of the read models come with them (`runner.MODELS`); the others are written by other hands.
A statement that has been released is never edited: a change is a statement of its own at the end.
"""

from projections import compliance, positions, runner
from projections.outbox import (
    dead_letters,
    deliveries,
    due,
    heartbeat,
    inbox,
    keyless,
    presence,
    recipient_queues,
    recomputing,
    summary,
)

DDL: tuple[str, ...] = (
    *positions.DDL,
    *heartbeat.DDL,
    *(statement for model in runner.MODELS for statement in model.ddl),
    *compliance.DDL,
    *recomputing.DDL,
    *due.DDL,
    *deliveries.DDL,
    *inbox.DDL,
    *recipient_queues.DDL,
    *presence.DDL,
    *dead_letters.DDL,
    *summary.DDL,
    *keyless.DDL,
)
