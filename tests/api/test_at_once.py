"""What two processes send at the same time: one case, one absence, one receipt."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from falcon import testing

from api.app import create_app
from projections.tables import DDL
from tests.api.support import ApiWorld, Caller, codes
from tests.api.test_money_and_homes import opened
from tests.support.databases import opened as another


@pytest.fixture
def processes(world: ApiWorld) -> Iterator[tuple[Caller, Caller]]:
    """Two processes of one service, as far as nothing of theirs is shared but the databases."""
    with closing(another(world.system.settings, ddl=DDL, clock=world.clock)) as second:
        yield world.caller, Caller(http=testing.TestClient(create_app(second)), key=world.caller.key)


def at_once(
    processes: tuple[Caller, Caller], say: Callable[[Caller, int], testing.Result]
) -> list[testing.Result]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda n: say(processes[n % 2], n), range(4)))


def entry(type_: str, day: str = "2026-05-06", **details: Any) -> dict[str, Any]:
    return {"type": type_, "occurred_on": day, "details": details}


def test_sightings_of_one_kind_are_one_open_case(world: ApiWorld, processes: tuple[Caller, Caller]) -> None:
    child, carer = world.enrol(), world.carer()
    path = f"/v1/children/{child}"

    answers = at_once(
        processes,
        lambda caller, n: caller.put(
            f"{path}/events/{uuid4()}", entry("trigger_observed", f"2026-05-0{n + 1}", kind="quarrel")
        ),
    )
    other = world.caller.put(f"{path}/events/{uuid4()}", entry("trigger_observed", kind="unwell"))

    assert [each.status_code for each in (*answers, other)] == [201] * 5
    quarrel, unwell = world.caller.get(path).json["reasons_to_visit"]
    assert (quarrel["kind"], quarrel["sightings"]) == ("quarrel", 4)
    assert (quarrel["since"], quarrel["last_on"]) == ("2026-05-01", "2026-05-04")
    assert (unwell["kind"], unwell["sightings"]) == ("unwell", 1)
    # What settles any of them settles all, and a later one opens another.
    visit = str(uuid4())
    words = {"carers": [carer], "outcome": "met", "record": "已沟通"}
    assert (
        world.caller.put(
            f"{path}/events/{visit}", entry("home_visit_made", "2026-05-10", **words)
        ).status_code
        == 201
    )
    settled = entry("trigger_closed", "2026-05-10", trigger=answers[2].json["event_id"], visit=visit)
    assert world.caller.put(f"{path}/events/{uuid4()}", settled).status_code == 201
    assert [each["kind"] for each in world.caller.get(path).json["reasons_to_visit"]] == ["unwell"]
    again = entry("trigger_observed", "2026-05-20", kind="quarrel")
    assert world.caller.put(f"{path}/events/{uuid4()}", again).status_code == 201
    reasons = {each["kind"]: each for each in world.caller.get(path).json["reasons_to_visit"]}
    assert (reasons["quarrel"]["since"], reasons["quarrel"]["sightings"]) == ("2026-05-20", 1)


def test_of_absences_that_overlap_one_is_recorded(world: ApiWorld, processes: tuple[Caller, Caller]) -> None:
    path = f"/v1/children/{world.enrol()}"

    def say(caller: Caller, n: int) -> testing.Result:
        days = {"away_from": f"2025-0{n + 1}-01", "away_to": "2025-12-01"}
        return caller.put(
            f"{path}/events/{uuid4()}", entry("parent_work_recorded", parent="father", away=False, **days)
        )

    answers = at_once(processes, say)

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    refused = next(each for each in answers if each.status_code == 409)
    assert codes(refused) == [("/details/away_from", "away_overlaps")]
    assert world.caller.get(path).json["version"] == 2
    # Of the mother, and before or after it, there may be others.
    for who, days in (
        ("mother", {"away_from": "2025-05-01", "away_to": "2025-06-01"}),
        ("father", {"away_from": "2025-12-01"}),
    ):
        said = entry("parent_work_recorded", parent=who, away=True, **days)
        assert world.caller.put(f"{path}/events/{uuid4()}", said).status_code == 201


def test_a_receipt_is_used_once(world: ApiWorld, processes: tuple[Caller, Caller]) -> None:
    child = world.enrol()
    donation = opened(world, "donations", donor="县关工委", amount_fen=100_000)

    def say(caller: Caller, _n: int) -> testing.Result:
        said = entry("donation_allocated", child=child, amount_fen=100, receipt="R-1")
        return caller.put(f"{donation}/events/{uuid4()}", said | {"occurred_on": "2026-05-07"})

    answers = at_once(processes, say)

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert {codes(each)[0][1] for each in answers if each.status_code == 409} == {"receipt_used"}
