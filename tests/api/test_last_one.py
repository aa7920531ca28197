"""The last of something, wanted by several at once from two processes: exactly one gets it, every time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from falcon import testing

from api.app import create_app
from projections.tables import DDL
from tests.api.support import SCHOOL, ApiWorld, Caller
from tests.support.databases import opened as another

SLOW = [pytest.mark.slow, pytest.mark.timeout(900)]
pytestmark = [
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
    pytest.mark.parametrize(
        "trials", [3, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
    ),
]
WANTED_BY = 4


@pytest.fixture
def callers(world: ApiWorld) -> Iterator[list[Caller]]:
    """Somebody at each of two processes, as far as nothing of theirs is shared but the databases."""
    with closing(another(world.system.settings, ddl=DDL, clock=world.clock)) as second:
        yield [world.caller, Caller(http=testing.TestClient(create_app(second)), key=world.caller.key)]


def one_wins(
    callers: list[Caller], code: str, attempt: Callable[[Caller, int], testing.Result], *, trial: int
) -> str:
    """Let several try at once; hold that the others were told why not, and return the entry of the one."""
    with ThreadPoolExecutor(WANTED_BY) as pool:
        tries = [pool.submit(attempt, callers[n % len(callers)], n) for n in range(WANTED_BY)]
        answers = [each.result() for each in tries]
    statuses = sorted(each.status_code for each in answers)
    assert statuses == [201] + [409] * (WANTED_BY - 1), (trial, [each.text for each in answers])
    assert {each.json["code"] for each in answers if each.status_code == 409} == {code}, trial
    won: str = next(each.json["event_id"] for each in answers if each.status_code == 201)
    return won


def opened(world: ApiWorld, plural: str, **details: Any) -> str:
    path = f"/v1/{plural}/{uuid4()}"
    answered = world.caller.put(path, {"org": SCHOOL, "occurred_on": "2026-05-06", "details": details})
    assert answered.status_code == 201, answered.text
    return path


def said(caller: Caller, path: str, type_: str, **details: Any) -> testing.Result:
    body = {"type": type_, "occurred_on": "2026-05-07", "details": details}
    return caller.put(f"{path}/events/{uuid4()}", body)


def test_the_last_slot_of_a_carer(world: ApiWorld, callers: list[Caller], trials: int) -> None:
    children = [world.enrol() for _ in range(WANTED_BY)]
    for trial in range(trials):
        carer = str(world.desk.carer(f"教师{trial}", capacity=1))

        def attempt(caller: Caller, n: int, carer: str = carer) -> testing.Result:
            words = {"carer": carer, "kind": "helper_teacher"}
            return said(caller, f"/v1/children/{children[n]}", "pairing_started", **words)

        one_wins(callers, "capacity_exceeded", attempt, trial=trial)


def test_the_last_300_yuan(world: ApiWorld, callers: list[Caller], trials: int) -> None:
    for trial in range(trials):
        fund = opened(world, "donations", donor="市关工委", amount_fen=30_000)

        def attempt(caller: Caller, n: int, fund: str = fund) -> testing.Result:
            return said(caller, fund, "donation_allocated", body=f"学校{n}", amount_fen=30_000)

        one_wins(callers, "more_than_came_in", attempt, trial=trial)
        assert world.caller.get(fund).json["state"]["left_fen"] == 0


def test_the_last_of_thirty_recipients(world: ApiWorld, callers: list[Caller], trials: int) -> None:
    children = [world.enrol() for _ in range(29 + WANTED_BY)]
    for trial in range(trials):
        fund = opened(world, "donations", donor="县图书馆", amount_fen=100_000, most_recipients=30)
        named = [{"child": child} for child in children[:29]]
        assert (
            said(callers[0], fund, "donation_shared_out", children=named, amount_fen=100).status_code == 201
        )

        def attempt(caller: Caller, n: int, fund: str = fund) -> testing.Result:
            return said(caller, fund, "donation_allocated", child=children[29 + n], amount_fen=100)

        one_wins(callers, "no_more_recipients", attempt, trial=trial)
        assert len(world.caller.get(fund).json["state"]["children"]) == 30


def test_one_ball_in_the_home(world: ApiWorld, callers: list[Caller], trials: int) -> None:
    home = opened(world, "homes", name="留守儿童之家")
    assert said(callers[0], home, "home_stocked", item="篮球", quantity=1).status_code == 201
    for trial in range(trials):
        loan = one_wins(
            callers,
            "not_there_to_lend",
            lambda caller, _n: said(caller, home, "equipment_lent", item="篮球"),
            trial=trial,
        )
        assert said(callers[trial % 2], home, "equipment_returned", loan=loan).status_code == 201


def test_one_receipt_for_several_donations(world: ApiWorld, callers: list[Caller], trials: int) -> None:
    funds = [opened(world, "donations", donor=f"商会{n}", amount_fen=1_000_000) for n in range(WANTED_BY)]
    for trial in range(trials):

        def attempt(caller: Caller, n: int, receipt: str = f"R{trial}") -> testing.Result:
            words = {"body": "学校", "amount_fen": 100, "receipt": receipt}
            return said(caller, funds[n], "donation_allocated", **words)

        one_wins(callers, "receipt_used", attempt, trial=trial)
