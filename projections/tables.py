"""The tables of all read models, for the one migration step.

A statement that has been released is never edited: a change is a statement of its own at the end.
"""

from projections import compliance, deliveries, due, heartbeat, inbox, positions, recomputing, timeline

DDL: tuple[str, ...] = (
    *positions.DDL,
    *heartbeat.DDL,
    *timeline.DDL,
    *compliance.DDL,
    *recomputing.DDL,
    *due.DDL,
    *deliveries.DDL,
    *inbox.DDL,
)
