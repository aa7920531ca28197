"""An upload at work: whoever takes lines in says at its end that it was whole, or that it was cut."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from application.eventstore.database import DatabaseError
from application.intake.batches import COMPLETE, CUT, Batches, Upload


@contextmanager
def at_work(batches: Batches, upload: Upload) -> Iterator[Upload]:
    """End an upload with the block: `complete` where that ends well, `cut` where it does not."""
    try:
        yield upload
    except BaseException:
        # Without its database there is nowhere to say so; after a while the silence says the same.
        with suppress(DatabaseError):
            batches.end(upload, state=CUT)
        raise
    batches.end(upload, state=COMPLETE)
