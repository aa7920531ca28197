"""What lies beside batches and papers, held against each other and against the log.

These rows follow from no event, so that not every change can be seen: whoever takes away a line, an answer
that was remembered or a verdict leaves nothing that would tell of it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from application.eventstore.database import Database
from application.intake.batch_lines import ALREADY_RECORDED, RECORDED
from application.intake.batches import CARE_LOG, ROSTER, UNCOMMITTED

# What a preview says would be recorded is not in the log yet.
_LINES = (
    "SELECT b.batch_id, l.line FROM batch_line l JOIN batch b ON b.upload = l.upload"
    " LEFT JOIN events e ON e.event_id = l.event_id"
    " WHERE b.state NOT IN :uncommitted AND l.state IN :recorded AND l.event_id IS NOT NULL"
    " AND (e.event_id IS NULL OR e.originator_id <> l.child_id OR e.notification_id <> l.position)"
    " ORDER BY b.batch_id, l.line"
)
_STRAY_LINES = (
    "SELECT DISTINCT upload FROM batch_line WHERE upload NOT IN (SELECT upload FROM batch) ORDER BY upload"
)
_NO_PAPER = (
    "SELECT batch_id FROM batch WHERE state IN :uncommitted"
    " AND batch_id NOT IN (SELECT import_id FROM paper) ORDER BY batch_id"
)
_NO_BATCH = (
    "SELECT import_id FROM paper WHERE version > 0 AND import_id NOT IN (SELECT batch_id FROM batch)"
    " ORDER BY import_id"
)
_MAPS = (
    "SELECT DISTINCT org FROM column_map WHERE kind NOT IN :kinds OR org NOT IN (SELECT path FROM org_unit)"
    " OR heading = '' OR column_name = '' ORDER BY org"
)
_ANSWERS = (
    "SELECT DISTINCT file_sha256 FROM paper_answer WHERE kind NOT IN :kinds"
    " OR (child_id IS NULL) = (word IS NULL)"
    " OR (child_id IS NOT NULL AND child_id NOT IN (SELECT child_id FROM child_status)) ORDER BY file_sha256"
)


class Stray(NamedTuple):
    """A row that fits nothing: its table, where it lies, and what is wrong with it."""

    table: str
    where: str
    detail: str


def strays(database: Database) -> Iterator[Stray]:
    """Compare lines of batches with the log, papers with batches, headings and answers with what there is."""
    for batch_id, line in database.tuples(
        _LINES, uncommitted=UNCOMMITTED, recorded=(RECORDED, ALREADY_RECORDED)
    ):
        yield Stray("batch_line", f"{batch_id} {line}", "event")
    for (upload,) in database.tuples(_STRAY_LINES):
        yield Stray("batch_line", str(upload), "left over")
    for (batch_id,) in database.tuples(_NO_PAPER, uncommitted=UNCOMMITTED):
        yield Stray("paper", str(batch_id), "missing")
    for (import_id,) in database.tuples(_NO_BATCH):
        yield Stray("paper", str(import_id), "left over")
    for (org,) in database.tuples(_MAPS, kinds=(ROSTER, CARE_LOG)):
        yield Stray("column_map", org, "left over")
    for (file_sha256,) in database.tuples(_ANSWERS, kinds=(ROSTER, CARE_LOG)):
        yield Stray("paper_answer", file_sha256, "left over")
