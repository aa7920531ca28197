"""The timeline: what was recorded, its dates, when we knew it, and what changed it."""

from datetime import date

from projections import timeline
from tests.support.world import SCHOOL, World, moment


def test_a_line_tells_its_dates_and_its_way_in(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-20 10:00")
    visit = world.visit(child, at="2026-03-05 18:30", written_on="2026-03-12")
    world.settle()

    enrolled, visited = timeline.of_child(world.database, child_id=child)
    assert (enrolled.type, enrolled.late_days) == ("child_enrolled", None)
    assert visited == timeline.Line(
        event_id=visit.event_id,
        child_id=child,
        version=2,
        position=visit.position,
        type="home_visit_made",
        occurred_at=moment("2026-03-05 18:30"),
        occurred_on=date(2026, 3, 5),
        written_on=date(2026, 3, 12),
        recorded_at=moment("2026-03-20 10:00"),
        org="county/township/school/class",
        channel="api",
        actor="teacher-li",
        late_days=7,
        target=None,
        noted_at=None,
        principal=None,
        key_id=None,
    )


def test_what_corrected_and_voided_an_entry_is_found_by_it(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    first, second = (world.visit(child, on="2026-03-01") for _ in range(2))
    correction = world.correct(child, first.event_id, written_on="2026-03-01")
    voiding = world.void(child, second.event_id)
    world.settle()

    changes = timeline.changes_of(world.database, targets=[first.event_id, second.event_id])
    assert {target: [line.event_id for line in lines] for target, lines in changes.items()} == {
        first.event_id: [correction.event_id],
        second.event_id: [voiding.event_id],
    }


def test_figures_of_a_subtree(world: World) -> None:
    child = world.enrol("T1", on="2026-03-01")
    elsewhere = world.enrol("T2", on="2026-03-01", org="county/township/school_2/class")
    world.advance_to("2026-03-20 10:00")
    for who in (child, elsewhere):
        world.visit(who, on="2026-03-02")
        world.void(who, world.visit(who, on="2026-03-20").event_id)
    world.settle()

    figures = timeline.figures(world.database, org=SCHOOL)
    assert (dict(figures.per_type), figures.late, figures.void) == (
        {"child_enrolled": 1, "event_voided": 1, "home_visit_made": 2},
        1,
        1,
    )
    assert timeline.figures(world.database, org="").per_type["home_visit_made"] == 4
    assert {line.child_id for line in timeline.of_org(world.database, org=SCHOOL)} == {child}
