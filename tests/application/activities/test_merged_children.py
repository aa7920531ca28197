"""An activity whose child has two files that become one: its entry is there once, and nothing is lost."""

from datetime import date
from uuid import UUID

from domain.choices import ActivityKind, VisitOutcome
from domain.streams.activities.activity import ActivityCorrected, Participant, VisitFound
from tests.application.children.test_merging import merge, two_files, undo
from tests.support.organiser import Organiser

MET = VisitFound(outcome=VisitOutcome.MET)


def visits(organiser: Organiser, child: UUID) -> list[date]:
    return [f.day for f in organiser.desk.child(child).facts if f.type == "home_visit_made"]


def test_who_is_listed_under_both_files_took_part_once(organiser: Organiser) -> None:
    kept, other = two_files(organiser.desk)
    organiser.hold(kept, other)
    organiser.fan_out()

    merge(organiser.desk, other, kept)

    assert len(organiser.took_part(kept)) == 1


def test_what_changes_an_activity_later_waits_until_the_merge_is_undone(organiser: Organiser) -> None:
    carer = organiser.desk.carer()
    held = organiser.hold(
        kind=ActivityKind.VISIT_DAY,
        carers=(carer,),
        # Nobody bears the number yet, so that it stays a number.
        participants=(Participant(student_no="G2", found=MET),),
    )
    kept, other = two_files(organiser.desk)
    organiser.system.activities.retry(held.activity_id, actor=organiser.actor)
    organiser.fan_out()
    assert visits(organiser, other) == [date(2026, 5, 20)]
    merge(organiser.desk, other, kept)

    organiser.change(
        held.activity_id,
        ActivityCorrected(reason="日期有误", approved_by="王校长", held_on=date(2026, 5, 21)),
        version=1,
    )
    organiser.fan_out()

    assert visits(organiser, kept) == [date(2026, 5, 20)]
    assert organiser.states(held.activity_id) == [("quarantined", "merged_into")]
    undo(organiser.desk, other)
    organiser.system.activities.retry(held.activity_id, actor=organiser.actor)
    organiser.fan_out()
    assert (visits(organiser, kept), visits(organiser, other)) == ([], [date(2026, 5, 21)])
