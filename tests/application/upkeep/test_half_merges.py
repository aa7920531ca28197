"""`check` names a merge of which one file alone tells, as after a loss."""

from uuid import UUID

import pytest

from application.access import SYSTEM
from application.upkeep.merges import NOT_CLOSED, NOT_TAKEN_OVER, half_merges
from tests.support.actions import Desk


@pytest.mark.parametrize(
    ("lost", "detail"), [("file_taken_over", NOT_TAKEN_OVER), ("child_merged", NOT_CLOSED)]
)
def test_a_merge_of_which_one_side_is_lost_is_named(desk: Desk, lost: str, detail: str) -> None:
    kept, other = desk.enrol("2026-03-01"), desk.enrol("2026-04-01")
    desk.system.merges.merge(other, into=kept, reason="重复建档", approved_by="王校长", actor=SYSTEM)
    assert halves(desk, kept, other) == []

    with desk.system.database.transaction() as tx:
        if desk.system.database.dialect == "sqlite":
            tx.run("DROP TRIGGER events_are_not_removed")
        else:
            tx.run("ALTER TABLE events DISABLE TRIGGER events_are_kept")
        tx.run("DELETE FROM events WHERE topic = :topic", topic=lost)

    assert halves(desk, kept, other) == [(other, detail)]
    assert halves(desk, kept, other, but=kept) == []


def halves(desk: Desk, *children: UUID, but: UUID | None = None) -> list[tuple[UUID, str]]:
    found = half_merges(desk.system.log, children, but=() if but is None else (but,))
    return [(each.child_id, each.detail) for each in found]
