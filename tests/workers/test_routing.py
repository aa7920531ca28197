"""Who is told: those responsible from their step on, a catch-all where nobody else is, somebody always."""

import httpx

from application.access import SYSTEM
from domain.org import ROOT
from projections.outbox import deliveries
from tests.support.builders import ORG, an_id
from tests.support.world import SCHOOL, World

COUNTY = SCHOOL.split("/")[0]


def told(world: World, *names: str) -> dict[str, list[str]]:
    return {name: [item.step for item in world.inbox(an_id(name))] for name in names}


def test_each_is_told_from_its_own_step_on(world: World) -> None:
    world.recipient("Class teacher", org=ORG)
    world.recipient("Principal", from_step="high")
    world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-04-20 09:00")

    assert told(world, "Class teacher", "Principal") == {
        "Class teacher": ["info", "warning", "high"],
        "Principal": ["high"],
    }


def test_a_catch_all_hears_what_nobody_else_hears_and_all_that_is_critical(world: World) -> None:
    world.recipient("Principal", from_step="warning")
    world.recipient("Office", org=COUNTY, catch_all=True)
    world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-05-01 09:00")

    assert told(world, "Principal", "Office") == {
        "Principal": ["warning", "high", "critical"],
        "Office": ["info", "critical"],
    }


def test_an_alert_that_nobody_of_its_tree_hears_reaches_the_operator_and_nobody_elsewhere(
    world: World,
) -> None:
    for org in ("other county/t/s", f"{COUNTY}/township/other school"):
        world.system.organisations.ensure(org, actor=SYSTEM)
        world.recipient(org, org=org, catch_all=True)
    world.recipient("Operator", org=ROOT, catch_all=True)
    child = world.enrol("T1", on="2026-03-01")
    quiet = world.enrol("T2", on="2026-03-01", org="other county/t/s")

    world.advance_to("2026-05-01 09:00")

    assert told(world, "Operator", "other county/t/s", f"{COUNTY}/township/other school") == {
        "Operator": ["info", "warning", "high", "critical"],
        "other county/t/s": ["info", "warning", "high", "critical"],
        f"{COUNTY}/township/other school": [],
    }
    assert {item.child_id for item in world.inbox(an_id("Operator"))} == {child} != {quiet}


def test_the_operator_comes_after_everybody_of_the_tree_has_failed(world: World) -> None:
    world.answer = lambda _: httpx.Response(410)
    world.recipient("Hook", channel="webhook")
    world.system.organisations.ensure("other county", actor=SYSTEM)
    world.recipient("Elsewhere", org="other county", catch_all=True)
    world.recipient("Operator", org=ROOT, catch_all=True)
    world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-03-16 09:00")

    assert told(world, "Operator", "Elsewhere") == {"Operator": ["info"], "Elsewhere": []}


def test_without_any_catch_all_those_are_told_who_wanted_graver_ones_only(world: World) -> None:
    world.recipient("Principal", from_step="critical")
    world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-03-16 09:00")

    assert told(world, "Principal") == {"Principal": ["info"]}


def test_who_comes_after_the_alert_is_told_of_it_where_nobody_was(world: World) -> None:
    world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-04-05 09:00")

    world.recipient("Head teacher")
    world.settle()
    world.recipient("Second head")
    world.settle()

    assert told(world, "Head teacher", "Second head") == {"Head teacher": ["warning"], "Second head": []}


def test_where_the_channel_refuses_for_good_the_next_is_told(world: World) -> None:
    world.answer = lambda _: httpx.Response(410)
    world.recipient("Hook", channel="webhook")
    world.recipient("Office", org=COUNTY, catch_all=True)
    world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-03-16 09:00")

    assert told(world, "Office") == {"Office": ["info"]}
    assert deliveries.counts(world.database) == {"accepted": 1, "failed": 1}
    assert len(world.posted) == 1


def test_who_was_removed_after_the_ring_is_not_sent_to_and_the_next_is_told(world: World) -> None:
    world.answer = lambda _: httpx.Response(503)
    hook = world.recipient("Hook", channel="webhook")
    world.recipient("Office", org=COUNTY, catch_all=True)
    world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 08:00")

    world.system.organisations.recipients.remove(SCHOOL, recipient=hook, actor=SYSTEM)
    world.advance_to("2026-03-15 09:00")

    assert told(world, "Office") == {"Office": ["info"]}
    assert len(world.posted) == 1
