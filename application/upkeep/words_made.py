"""Words by which children and carers are found, written again where they are missing.

So it is where a key came back that had been destroyed: its words were taken away meanwhile.
"""

from collections.abc import Iterator
from uuid import UUID

from application.children.digest_rows import still_at
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.lookups import Lookups
from application.readable import readable
from application.upkeep.normal_forms import CARERS, CHILDREN, WRITE, opened


def rebuild(database: Database, log: EventLog, lookups: Lookups) -> Iterator[int]:
    """Write the words that are missing; yields how many children were looked at each time.

    Who can't be read, and who is written to meanwhile, keeps what there is.
    """
    for kind in (CHILDREN, CARERS):
        after = UUID(int=0)
        while ids := opened(database, kind, after):
            after = ids[-1]
            read = readable(log, ids, unreadable=lambda _stream_id, _fault: None)
            streams = {i: events for i, events in read if not any(event.erased for event in events)}
            with database.transaction() as tx:
                if kind == CHILDREN:
                    streams = {i: e for i, e in streams.items() if still_at(tx, i, version=len(e))}
                WRITE[kind](tx, lookups, streams)
            yield len(ids) if kind == CHILDREN else 0
