"""A silence from the last contact to the next, told as given, when, then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.given import given
from tests.support.world import World
from tests.support.world_steps import alert, enrolled, inbox, it_is, no_alert, told_of_alerts, visited, voided


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, start="2026-03-01 09:00") as made:
        yield made


def test_after_fourteen_days_somebody_is_told(world: World) -> None:
    (
        given(world, enrolled("T1", on="2026-03-01"), told_of_alerts("Head teacher"))
        .when(it_is("2026-03-15 07:59"))
        .then(no_alert("T1"), inbox("Head teacher"))
        .when(it_is("2026-03-15 08:00"))
        .then(alert("T1", step="info"), inbox("Head teacher", "info"))
    )


def test_a_visit_ends_the_alert_and_its_voiding_opens_it_again(world: World) -> None:
    (
        given(world, enrolled("T1", on="2026-03-01"), told_of_alerts("Head teacher"))
        .when(it_is("2026-03-31 09:00"))
        .then(alert("T1", step="warning"), inbox("Head teacher", "info", "warning"))
        .when(visited("T1", on="2026-03-31"), it_is("2026-03-31 10:00"))
        .then(no_alert("T1"))
        .when(voided("T1"), it_is("2026-03-31 11:00"))
        .then(alert("T1", step="warning"))
    )


def test_who_asked_for_critical_alerts_alone_hears_of_nothing_else(world: World) -> None:
    (
        given(
            world,
            enrolled("T1", on="2026-03-01"),
            told_of_alerts("Head teacher"),
            told_of_alerts("County", from_step="critical"),
        )
        .when(it_is("2026-04-29 09:00"))
        .then(alert("T1", step="high"), inbox("County"))
        .when(it_is("2026-04-30 08:00"))
        .then(alert("T1", step="critical"), inbox("County", "critical"))
    )
