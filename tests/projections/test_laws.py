"""Laws: rebuilt read models equal the live ones, compliance is the verdict, timers are the ladder."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace as restated

from application.eventstore.recorder import Row
from domain.child import fold
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.rules.periods import parse_period
from domain.rules.rule_files import presets
from domain.rules.verdict import verdict
from domain.status import status_of
from projections import compliance, status
from projections.outbox.due import SILENCE, all_timers
from projections.rebuild import rebuild
from tests.support.builders import CARER, CHILD, OTHER_CARER, enrolled, stream, talk, visit
from tests.support.status_rows import without_searched
from tests.support.stories import stories
from tests.support.world import SCHOOL, World
from workers.due_timers import next_due

# Two contacts of one moment: by when they came to be known the first was the later one, by when they were
# recorded the second.
NOTED = datetime(2026, 3, 3, 12, tzinfo=UTC)
ONE_MOMENT = stream(
    enrolled("2026-02-20"),
    restated(talk("2026-03-03", at="19:30"), recorded_at=NOTED),
    restated(visit("2026-03-03", at="19:30"), noted_at=NOTED),
)
REBUILT = ("child_status", "alert_status", "timeline", "pairing", "compliance")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(story=ONE_MOMENT, pauses=set(), late=0)
@given(story=stories(), pauses=st.sets(st.integers(0, 40), max_size=8), late=st.integers(0, 60))
def test_whatever_is_told_in_whatever_order_live_and_rebuilt_agree_and_say_what_the_rules_say(
    story: tuple[Event, ...], pauses: set[int], late: int
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder), start="2026-05-10 09:00") as world,
    ):
        world.carer(OTHER_CARER)
        world.recipient("Head teacher", catch_all=True)
        for rule_id in ("C18", "C36", "C39"):
            world.bind(rule_id, effective_from="2026-02-01", org="county/township")
        # The store keeps an id once; a generated story may name two endings of pairings alike.
        story = stream(*{event.event_id: event for event in story}.values())
        for number, event in enumerate(story):
            tell(world, event)
            if number in pauses:
                world.settle()
        world.advance_to(world.now + timedelta(days=late))

        assert live(world) == rebuilt(world)
        assert list(status.differences(world.database, world.system.log)) == []
        assert compliance_by_verdict(world) == compliance_by_rows(world)
        assert timers(world) == ladder(world)


def test_the_rows_of_a_school_are_the_sum_of_those_of_its_children(world: World) -> None:
    world.bind("C39", effective_from="2026-03-01")
    children = [world.enrol(f"T{number}", on="2026-03-01") for number in range(3)]
    for child, carer in zip(children, (CARER, CARER, world.carer(OTHER_CARER)), strict=True):
        world.pair(child, on="2026-03-01", carer=carer)
    world.advance_to("2026-03-20 09:00")
    for day in ("2026-03-05", "2026-03-06"):
        world.visit(children[0], on=day)
    world.settle()

    asked: dict[str, Any] = {"org": SCHOOL, "rule_id": "C39", "period": "2026-03"}
    before = compliance.of_org(world.database, now=world.now, **asked)
    assert (before.met, before.pending, before.short) == (1, 2, ())

    world.advance_to("2026-04-02 09:00")
    after = compliance.of_org(world.database, now=world.now, **asked)
    assert (after.met, after.pending) == (1, 0)
    assert sorted(row.child_id for row in after.short) == sorted(children[1:])
    assert compliance.of_org(world.database, now=world.now, **{**asked, "org": "county/townsh"}).met == 0


def tell(world: World, event: Event) -> None:
    """Put an event into the log with the status row that goes with it, as live does."""
    # Of one day, the order is by since when each was known: the store dates it, not the story.
    event = restated(event, recorded_at=world.now, position=None)
    values = structs.asdict(status_of(fold(CHILD, [*world.system.log.stream(CHILD), event])))
    row = Row(table="child_status", key={"child_id": values.pop("child_id")}, values=values)
    world.system.log.append([event], rows=[row])


def live(world: World) -> dict[str, Any]:
    return {
        name: without_searched(world.database.all(f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4"))
        for name in REBUILT
    }


def rebuilt(world: World) -> dict[str, Any]:
    with world.database.transaction() as tx:
        for name in REBUILT:
            tx.run(f"DELETE FROM {name}")
    rebuild(
        database=world.database,
        log=world.system.log,
        governing=lambda child: world.system.organisations.governance.governing(child.orgs),
        calendar=default_calendar(),
        now=lambda: world.now,
    )
    return live(world)


def compliance_by_rows(world: World) -> dict[tuple[str, str], Any]:
    rows = compliance.of_child(world.database, child_id=CHILD, now=world.now)
    return {(r.rule_id, r.period): (r.status, r.required, r.counted, r.rejected, r.late) for r in rows}


def compliance_by_verdict(world: World) -> dict[tuple[str, str], Any]:
    stream = world.system.log.stream(CHILD)
    found = {}
    for rule_id, period in compliance_by_rows(world):
        rule = presets()[rule_id, 1]
        judged = verdict(
            stream,
            subject=CHILD,
            rule=rule,
            period=parse_period(period, kind=rule.period, calendar=default_calendar()),
            calendar=default_calendar(),
            as_of=world.today,
            as_known_at=world.now,
        )
        rejected = tuple((r.event_id, r.reason.value) for r in judged.rejected)
        found[rule_id, period] = (judged.status, judged.required, judged.counted, rejected, judged.late)
    return found


def timers(world: World) -> dict[Any, Any]:
    return {timer.key: timer.due_at for timer in all_timers(world.database) if timer.kind == SILENCE}


def ladder(world: World) -> dict[Any, Any]:
    due = next_due(world.system.alerts, CHILD, world.system.log.stream(CHILD))
    return {} if due is None else {CHILD: due}
