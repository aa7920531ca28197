"""Two files of one child, merged while the watch runs: the child is rung about and judged once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from domain.streams.alerts.case import Ending
from projections import compliance
from tests.projections.test_laws import live, rebuilt
from tests.support.builders import an_id
from tests.support.given import Step, given
from tests.support.world import SCHOOL, World
from tests.support.world_steps import alert, enrolled, inbox, it_is, no_alert, told_of_alerts, visited

KEPT, OTHER = "T1", "T2"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def merged(other: str, *, into: str) -> Step[World]:
    """Somebody finds that two files are of one child, and merges the one into the other."""
    return lambda world: world.system.merges.merge(
        an_id(other), into=an_id(into), reason="Twice.", approved_by="Principal Wang", actor=SYSTEM
    )


def merge_undone(other: str) -> Step[World]:
    """They are two children after all."""
    return lambda world: world.system.merges.undo(
        an_id(other), reason="Twins.", approved_by="Principal Wang", actor=SYSTEM
    )


def verdicts(world: World, child: UUID, period: str) -> list[Any]:
    rows = compliance.of_child(world.database, child_id=child, now=world.now)
    return [(r.status.value, len(r.counted)) for r in rows if r.period == period]


def test_the_merged_file_rings_no_more_and_the_kept_one_by_what_both_tell(world: World) -> None:
    given(
        world,
        told_of_alerts("Head teacher"),
        enrolled(KEPT, on="2026-03-01"),
        enrolled(OTHER, on="2026-03-01"),
        visited(OTHER, on="2026-03-01"),
        it_is("2026-03-15 09:00"),
    ).when(merged(OTHER, into=KEPT), it_is("2026-03-15 10:00")).then(
        no_alert(OTHER), alert(KEPT, step="info"), inbox("Head teacher", "info", "info")
    ).on.settle()
    (ended,) = world.alerts(an_id(OTHER))
    assert ended.resolved is not None
    merge = world.child(an_id(OTHER)).merged
    assert merge is not None
    assert (ended.resolved.details.ending, ended.resolved.details.by_event) == (
        Ending.CARE_ENDED,
        merge.event_id,
    )

    given(world, visited(KEPT, on="2026-03-15")).when(it_is("2026-03-29 09:00")).then(
        no_alert(OTHER), alert(KEPT, step="info")
    )
    given(world).when(merge_undone(OTHER), it_is("2026-03-29 10:00")).then(alert(OTHER, step="info"))


def test_months_are_judged_once_for_both_files_as_followed_and_as_rebuilt(world: World) -> None:
    world.bind("C39", effective_from="2026-03-01")
    given(
        world,
        enrolled(KEPT, on="2026-03-01"),
        enrolled(OTHER, on="2026-03-01"),
        it_is("2026-04-02 09:00"),
        visited(KEPT, on="2026-03-05"),
        visited(OTHER, on="2026-03-06"),
    )
    for number in (KEPT, OTHER):
        world.pair(an_id(number), on="2026-03-01")
    world.settle()
    before = [verdicts(world, an_id(number), "2026-03") for number in (KEPT, OTHER)]
    asked: dict[str, Any] = {"org": SCHOOL, "rule_id": "C39", "period": "2026-03", "now": world.now}

    given(world).when(merged(OTHER, into=KEPT)).then()
    world.settle()

    assert verdicts(world, an_id(KEPT), "2026-03") == [("met", 2)]
    standing = compliance.of_org(world.database, **asked)
    counts = standing.met, len(standing.short), standing.pending, standing.not_applicable
    assert counts == (1, 0, 0, 0)
    assert live(world) == rebuilt(world)

    given(world).when(merge_undone(OTHER)).then()
    world.settle()

    assert [verdicts(world, an_id(number), "2026-03") for number in (KEPT, OTHER)] == before
    assert world.child(an_id(OTHER)).spans[0].start == date(2026, 3, 1)
    assert live(world) == rebuilt(world)
