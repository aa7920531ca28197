"""Donations, homes and meetings: what is given out, lent and decided, and that it never is twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from falcon import testing

from application.access import Role
from tests.api.support import SCHOOL, ApiWorld, codes

Answer = testing.Result


def opened(world: ApiWorld, plural: str, **details: Any) -> str:
    path = f"/v1/{plural}/{uuid4()}"
    answered = world.caller.put(path, {"org": SCHOOL, "occurred_on": "2026-05-06", "details": details})
    assert answered.status_code == 201, answered.text
    return path


def said(
    world: ApiWorld, path: str, type_: str, *, event: str = "", version: int | None = None, **details: Any
) -> Answer:
    headers = {} if version is None else {"If_Match": f'"{version}"'}
    body = {"type": type_, "occurred_on": "2026-05-07", "details": details}
    return world.caller.put(f"{path}/events/{event or uuid4()}", body, **headers)


def state(world: ApiWorld, path: str) -> dict[str, Any]:
    found: dict[str, Any] = world.caller.get(path).json["state"]
    return found


def at_once(tries: int, attempt: Callable[[int], Answer]) -> list[int]:
    with ThreadPoolExecutor(4) as pool:
        return sorted(answered.status_code for answered in pool.map(attempt, range(tries)))


def gifts(world: ApiWorld, child: str) -> list[tuple[str | None, str]]:
    while world.system.fan_outs.step():
        pass
    items = world.caller.get(f"/v1/children/{child}/history").json["items"]
    return [(e["voided_by"], e["text"]["zh"]) for e in items if e["type"] == "gift_received"]


def test_four_times_three_hundred_yuan_come_to_four_children(world: ApiWorld) -> None:
    # Given 1,200 yuan for four children in great need.
    path = opened(world, "donations", donor="市关工委", amount_fen=120_000, earmark="助学")
    children = [world.enrol() for _ in range(4)]

    # When each is given 300, and one of them once more.
    given = [str(uuid4()) for _ in children]
    for number, (child, event) in enumerate(zip(children, given, strict=True)):
        answered = said(
            world,
            path,
            "donation_allocated",
            event=event,
            child=child,
            amount_fen=30_000,
            purpose="助学",
            receipt=f"R{number}",
        )
        assert answered.status_code == 201, answered.text
    more = said(world, path, "donation_allocated", child=children[0], amount_fen=1, purpose="助学")

    # Then nothing is left, nothing more is given, and each file says so once.
    assert (more.status_code, more.json["code"]) == (409, "more_than_came_in")
    assert state(world, path)["left_fen"] == 0
    assert [len(gifts(world, child)) for child in children] == [1] * 4
    assert "市关工委" in gifts(world, children[0])[0][1]
    assert "300" in gifts(world, children[0])[0][1]

    # And when one was given to the wrong child, the money is there again, and its file says that it was void.
    void = said(world, path, "event_voided", version=5, target=given[0], reason="发错", approved_by="王校长")
    assert void.status_code == 201, void.text
    assert state(world, path)["left_fen"] == 30_000
    ((voided_by, _),) = gifts(world, children[0])
    assert voided_by is not None
    assert gifts(world, children[1])[0][0] is None


def test_what_a_donor_has_set_is_kept_to(small_world: ApiWorld) -> None:
    path = opened(
        small_world,
        "donations",
        donor="爱心联盟",
        items=[{"item": "书包", "quantity": 3, "unit_value_fen": 4500}],
        earmark="学习用品",
        most_recipients=1,
    )
    child, other = small_world.enrol(), small_world.enrol()

    def given(**words: Any) -> tuple[int, list[tuple[str, str]]]:
        bag = {"items": [{"item": "书包", "quantity": 1}], "purpose": "学习用品"} | words
        answered = said(small_world, path, "donation_allocated", **bag)
        return answered.status_code, [] if answered.status_code == 201 else codes(answered)

    assert given() == given(child=child, body="西河村") == (422, [("/details/child", "one_recipient")])
    assert given(child=child, items=[]) == (422, [("/details/amount_fen", "nothing_allocated")])
    assert given(child=child, purpose="聚餐") == (409, [("/details/purpose", "other_than_earmarked")])
    assert given(child=child, items=[{"item": "书包", "quantity": 4}]) == (
        409,
        [("/details/items/0", "more_than_came_in")],
    )
    assert given(child=child, items=[{"item": "铅笔", "quantity": 1}])[0] == 409
    assert given(child=child, receipt="R1") == (201, [])
    assert given(child=other) == (409, [("/details/child", "no_more_recipients")])
    assert given(child=child, receipt="R1") == (409, [("/details/receipt", "receipt_used")])
    assert state(small_world, path)["items_left"] == {"书包": 2}


def test_one_number_is_one_gift_whichever_donation_it_is_of(small_world: ApiWorld) -> None:
    # Given a receipt that a child of one donation signed.
    child, other = small_world.enrol(), small_world.enrol()
    first, second = (opened(small_world, "donations", donor=name, amount_fen=9_000) for name in ("甲", "乙"))
    given = str(uuid4())
    signed = {"child": child, "amount_fen": 100, "receipt": "No-7"}
    assert said(small_world, first, "donation_allocated", event=given, **signed).status_code == 201

    # When another donation of the school uses it, however it is spelled, nothing is written.
    twice = said(small_world, second, "donation_allocated", **signed | {"receipt": "ＮＯ-7 "})
    rows = [{"child": other}, {"child": child, "receipt": "no-7"}]
    shared = said(small_world, second, "donation_shared_out", children=rows, amount_fen=100)
    assert (twice.status_code, codes(twice)) == (409, [("/details/receipt", "receipt_used")])
    assert (shared.status_code, codes(shared)) == (409, [("/details/children/1/receipt", "receipt_used")])
    assert state(small_world, second)["left_fen"] == 9_000

    # And once that gift is void, its number is free.
    void = said(
        small_world, first, "event_voided", version=2, target=given, reason="发错", approved_by="王校长"
    )
    assert void.status_code == 201, void.text
    assert said(small_world, second, "donation_allocated", **signed).status_code == 201


def test_what_a_donor_is_given_has_a_number_of_its_own(small_world: ApiWorld) -> None:
    opened(small_world, "donations", donor="甲商会", amount_fen=9_000, receipt="A-1")

    def came(org: str, receipt: str) -> Answer:
        details = {"donor": "乙商会", "amount_fen": 5_000, "receipt": receipt}
        body = {"org": org, "occurred_on": "2026-05-06", "details": details}
        return small_world.caller.put(f"/v1/donations/{uuid4()}", body)

    twice = came(SCHOOL, "A-1")
    assert (twice.status_code, codes(twice)) == (409, [("/details/receipt", "receipt_used")])
    # A township has books of receipts of its own.
    assert came(SCHOOL.rpartition("/")[0], "A-1").status_code == 201
    assert came(SCHOOL, "A-2").status_code == 201


def test_nothing_is_given_before_it_came_in(small_world: ApiWorld) -> None:
    path = opened(small_world, "donations", donor="村民", amount_fen=5_000)
    details = {"body": "村委会", "amount_fen": 100}
    given = {"type": "donation_allocated", "occurred_on": "2026-05-05", "details": details}

    early = small_world.caller.put(f"{path}/events/{uuid4()}", given)
    on_the_day = small_world.caller.put(f"{path}/events/{uuid4()}", given | {"occurred_on": "2026-05-06"})

    assert (early.status_code, early.json["code"]) == (422, "allocated_before_received")
    assert on_the_day.status_code == 201


def test_a_closed_donation_gives_nothing_until_its_closing_is_void(small_world: ApiWorld) -> None:
    path = opened(small_world, "donations", donor="村民", source="self_raised", amount_fen=5_000)
    closing = str(uuid4())
    assert said(small_world, path, "donation_closed", event=closing, version=1).status_code == 201

    late = said(small_world, path, "donation_allocated", body="村委会", amount_fen=100)
    assert (late.status_code, late.json["code"]) == (409, "donation_is_closed")
    void = said(
        small_world, path, "event_voided", version=2, target=closing, reason="误结", approved_by="王校长"
    )
    assert void.status_code == 201
    assert said(small_world, path, "donation_allocated", body="村委会", amount_fen=100).status_code == 201


def test_a_gift_names_the_donor_of_the_opening_that_stands(small_world: ApiWorld) -> None:
    # Given a donation that was voided and opened again under its id, by another donor.
    child, given = small_world.enrol(), str(uuid4())
    path = opened(small_world, "donations", donor="甲商会", amount_fen=5_000)
    first = small_world.caller.get(f"{path}/history").json["items"][0]["event_id"]
    said(small_world, path, "donation_allocated", event=given, child=child, amount_fen=100)
    for version, target in ((2, given), (3, first)):
        why = {"reason": "记错", "approved_by": "王校长"}
        void = said(small_world, path, "event_voided", version=version, target=target, **why)
        assert void.status_code == 201, void.text
    again = {"org": SCHOOL, "occurred_on": "2026-05-06", "details": {"donor": "乙商会", "amount_fen": 9_000}}
    assert small_world.caller.put(path, again | {"event_id": str(uuid4())}).status_code == 201

    # When something of it is given to the child.
    assert said(small_world, path, "donation_allocated", child=child, amount_fen=200).status_code == 201

    # Then the gift that stands is of the second donor.
    assert ["乙商会" in text for voided_by, text in gifts(small_world, child) if voided_by is None] == [True]


def test_of_those_who_give_out_the_last_money_exactly_one_does(world: ApiWorld) -> None:
    path = opened(world, "donations", donor="商会", amount_fen=30_000)

    answered = at_once(
        6,
        lambda n: said(
            world, path, "donation_allocated", body=f"学校{n}", amount_fen=30_000, receipt=f"R{n}"
        ),
    )

    assert answered == [201, 409, 409, 409, 409, 409]
    assert state(world, path)["left_fen"] == 0


def test_one_ball_is_lent_to_one_child_until_it_is_back(world: ApiWorld) -> None:
    home = opened(world, "homes", name="留守儿童之家")
    assert said(world, home, "home_stocked", item="篮球", quantity=1).status_code == 201

    loans = [str(uuid4()) for _ in range(4)]
    answered = at_once(4, lambda n: said(world, home, "equipment_lent", event=loans[n], item="篮球"))
    assert answered == [201, 409, 409, 409]

    (loan,) = state(world, home)["loans"]
    back = said(world, home, "equipment_returned", loan=loan)
    again = said(world, home, "equipment_returned", loan=loan)
    assert (back.status_code, again.status_code, again.json["code"]) == (201, 409, "back_already")
    assert said(world, home, "equipment_lent", item="篮球").status_code == 201
    # A loan that nobody recorded yet may come from a phone that was offline.
    assert said(world, home, "equipment_returned", loan=str(uuid4())).status_code == 202


def test_a_symposium_is_one_of_three_parties_or_says_that_it_is_not(small_world: ApiWorld) -> None:
    two = opened(small_world, "meetings", kind="symposium", topic="假期", parties=["teacher", "child"])
    three = opened(
        small_world, "meetings", kind="symposium", topic="假期", parties=["teacher", "child", "guardian"]
    )
    other = opened(small_world, "meetings", kind="council", topic="三年规划", decisions=["安排家访", "购书"])

    assert [state(small_world, each)["three_parties"] for each in (two, three, other)] == [False, True, None]
    for done in (True, False, True):
        said(small_world, other, "meeting_followed_up", decision=2, done=done)
    assert state(small_world, other)["done"] == [2]
    none = said(small_world, other, "meeting_followed_up", decision=3, done=True)
    assert (none.status_code, none.json["code"]) == (409, "no_such_decision")


def test_another_school_sees_none_of_it(small_world: ApiWorld) -> None:
    path = opened(small_world, "donations", donor="商会", amount_fen=100)
    other = small_world.as_(Role.CLIENT, org="county/township/other school", name="other")

    assert other.get(path).status_code == other.get(f"{path}/history").status_code == 404
    assert other.get("/v1/donations").json["items"] == []


def test_a_household_is_visited_once_and_the_visit_is_in_each_file_once(world: ApiWorld) -> None:
    # Given three children of one grandfather, and a visit at which two of them were seen.
    children = [world.enrol() for _ in range(3)]
    carer = world.carer()
    home = opened(world, "households", head="林大山", children=children[:2])
    assert said(world, home, "household_joined", child=children[2]).status_code == 201
    visit = str(uuid4())
    found = [
        {"child": children[0], "seen": True, "finding": "在写作业"},
        {"child": children[1], "seen": True},
        {"child": children[2], "seen": False},
    ]
    words = {
        "carers": [carer],
        "outcome": "met",
        "met": ["guardian"],
        "children": found,
        "record": "祖父在家",
    }
    for status in (201, 200):
        assert said(world, home, "household_visited", event=visit, **words).status_code == status
    while world.system.fan_outs.step():
        pass

    # Then each file has one visit, with what was found of its own child.
    def visits(child: str) -> list[tuple[list[str], str, str | None]]:
        items = world.caller.get(f"/v1/children/{child}/history").json["items"]
        of_visit = [e for e in items if e["type"] == "home_visit_made"]
        return [(e["details"]["met"], e["details"]["record"], e["voided_by"]) for e in of_visit]

    assert [visits(child) for child in children] == [
        [(["child", "guardian"], "在写作业", None)],
        [(["child", "guardian"], "祖父在家", None)],
        [(["guardian"], "祖父在家", None)],
    ]

    # And where it never took place, none of them has it.
    version = world.caller.get(home).json["version"]
    void = said(
        world, home, "event_voided", version=version, target=visit, reason="未去", approved_by="王校长"
    )
    assert void.status_code == 201
    while world.system.fan_outs.step():
        pass
    assert all(voided for child in children for _, _, voided in visits(child))


def test_a_visit_speaks_of_children_who_live_or_lived_there(small_world: ApiWorld) -> None:
    child, stranger, carer = small_world.enrol(), small_world.enrol(), small_world.carer()
    home = opened(small_world, "households", children=[child])

    def visited(*children: str) -> tuple[int, list[tuple[str, str]]]:
        found = [{"child": each, "seen": True} for each in children]
        answered = said(small_world, home, "household_visited", carers=[carer], outcome="met", children=found)
        return answered.status_code, [] if answered.status_code == 201 else codes(answered)

    assert visited(stranger) == (422, [("/details/children/0/child", "lives_elsewhere")])
    assert visited(child, child) == (422, [("/details/children/1/child", "child_twice")])
    assert said(small_world, home, "household_joined", child=child).json["code"] == "lives_there_already"
    assert said(small_world, home, "household_left", child=child).status_code == 201
    assert said(small_world, home, "household_left", child=child).json["code"] == "lives_elsewhere"
    # A visit of the days before is written down late.
    assert visited(child) == (201, [])
