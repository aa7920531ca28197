"""What is done for many at once is recorded once, and stands in the file of each child once."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.recording.filing import Filing
from domain.refusal import Conflict, Invalid, Refused
from tests.support.actions import codes
from tests.support.practice import Office

DAY = "2026-05-06"


def pupils(desk: Office, number: int) -> list[UUID]:
    return [desk.enrol("2026-03-01", name=f"林小禾{n}") for n in range(number)]


def action(desk: Office, title: str) -> UUID:
    return desk.open("group_action_opened", DAY, title=title)


def filing(desk: Office) -> Filing:
    return Filing(database=desk.system.database, now=desk.system.now)


def states(desk: Office, stream: UUID) -> dict[str, int]:
    counts = filing(desk).counts([stream])[stream]
    return {state: count for state, count in counts.items() if count}


def aside(desk: Office, stream: UUID) -> list[tuple[int, str | None]]:
    found = filing(desk).behind(stream, after=-1, limit=2000)
    return [(each.number, each.code) for each in found if each.state == "quarantined"]


def retried(desk: Office, stream: UUID) -> None:
    filing(desk).retry(stream)
    while desk.system.fan_outs.step():
        pass


def rows(children: list[UUID], **each: Any) -> list[dict[str, Any]]:
    return [{"child": str(child), **each} for child in children]


def test_a_class_of_42_writes_home_and_each_file_says_so_once(desk: Office) -> None:
    children, carer = pupils(desk, 42), desk.carer()
    letters = action(desk, "一封家书")
    to = [{"child": str(c), "reader": "mother" if n % 2 else "father"} for n, c in enumerate(children)]
    desk.say(
        letters, "letters_written", DAY, writer="child", topic="我的一周", carers=[str(carer)], children=to
    )

    sent = [desk.said_of(child, "letter_sent") for child in children]
    assert [len(each) for each in sent] == [1] * 42
    assert Counter(said.reader.value for (said,) in sent) == {"father": 21, "mother": 21}
    assert {(said.writer.value, said.topic) for (said,) in sent} == {("child", "我的一周")}
    state = desk.state("group_action", letters)
    assert (len(state.children), dict(state.rows)) == (42, {"letters_written": 42})

    # Whoever was left out stands on a further sheet; nobody stands on two.
    with pytest.raises(Invalid) as twice:
        desk.say(
            letters, "letters_written", DAY, writer="child", children=rows(children[:1], reader="father")
        )
    assert codes(twice) == [("child_twice", "/details/children/0/child")]
    desk.say(letters, "letters_written", DAY, writer="child", children=rows(pupils(desk, 1), reader="father"))
    assert states(desk, letters) == {"recorded": 43}


def test_a_health_day_says_of_each_child_what_was_measured(desk: Office) -> None:
    children = pupils(desk, 30)
    measured = [
        {
            "child": str(c),
            "height_cm": 120 + n,
            "weight_g": 25_000 + 100 * n,
            "findings": ["龋齿"] * (n % 3 == 0),
        }
        for n, c in enumerate(children)
    ]
    measured[7]["follow_up_on"] = "2026-04-01"
    day = action(desk, "健康日")
    desk.say(day, "children_measured", DAY, provider="镇卫生院", free=True, children=measured)

    # A day of which one row can't be so loses that row alone, and says why.
    assert (states(desk, day), aside(desk, day)) == (
        {"recorded": 29, "quarantined": 1},
        [(7, "follow_up_before_check")],
    )
    said = [desk.said_of(child, "health_check_recorded") for child in children]
    assert [each[0].height_cm for each in said if each] == [120 + n for n in range(30) if n != 7]
    assert sum(bool(each and each[0].findings) for each in said) == 10
    assert {each[0].provider for each in said if each} == {"镇卫生院"}


def test_of_calls_before_a_festival_those_that_nobody_answered_reach_nobody(desk: Office) -> None:
    children = pupils(desk, 12)
    calls = rows(children[:9], called="mother", outcome="connected", minutes=6)
    calls += rows(children[9:], called="father", outcome="no_answer")
    festival = action(desk, "中秋亲情电话")
    desk.say(festival, "calls_held", DAY, caller="child", channel="home_phone", children=calls)

    made = [said for child in children for said in desk.said_of(child, "call_made")]
    assert Counter(said.outcome.value for said in made) == {"connected": 9, "no_answer": 3}
    assert [desk.child(child).last_contact is not None for child in children] == [True] * 9 + [False] * 3


def test_thirty_gifts_are_one_entry_and_thirty_receipts(desk: Office) -> None:
    children = pupils(desk, 31)
    books = desk.open(
        "donation_received",
        DAY,
        donor="县图书馆",
        amount_fen=300_000,
        items=[{"item": "图书", "quantity": 60, "unit_value_fen": 1_500}],
        most_recipients=30,
    )
    each: dict[str, Any] = {"amount_fen": 10_000, "items": [{"item": "图书", "quantity": 2}]}
    named = [{"child": str(c), "receipt": f"R{n}", "signed_by": f"家长{n}"} for n, c in enumerate(children)]

    # Thirty-one are refused whole, by name of what stands in the way.
    with pytest.raises(Conflict) as more:
        desk.say(books, "donation_shared_out", DAY, children=named, **each)
    assert sorted(codes(more)) == [
        ("more_than_came_in", "/details/amount_fen"),
        ("more_than_came_in", "/details/items/0"),
        ("no_more_recipients", "/details/children/30/child"),
    ]
    assert desk.state("donation", books).left_fen == 300_000

    desk.say(books, "donation_shared_out", DAY, children=named[:30], **each)
    state = desk.state("donation", books)
    assert (state.left_fen, dict(state.items_left), len(state.children)) == (0, {"图书": 0}, 30)
    gifts = [desk.said_of(child, "gift_received") for child in children]
    assert [len(of_one) for of_one in gifts] == [1] * 30 + [0]
    assert {
        sum(line.quantity * line.unit_value_fen for line in g.lines) for of_one in gifts for g in of_one
    } == {10_000 + 2 * 1_500}
    trail = desk.rows("donation-trail", "items")
    assert [(row["receipt"], row["amount"]) for row in trail] == [(f"R{n}", 100.00) for n in range(30)]

    # A receipt is used once, within the entry and after it.
    again = {
        "children": [{"child": str(children[0]), "receipt": "R0"}],
        "amount_fen": 0,
        "items": each["items"],
    }
    with pytest.raises(Conflict) as used:
        desk.say(books, "donation_shared_out", DAY, **again)
    assert ("receipt_used", "/details/children/0/receipt") in codes(used)


def test_a_class_of_42_is_handed_over_and_who_could_not_be_is_listed(desk: Office) -> None:
    former, next_one = desk.carer("原班主任"), desk.carer("新班主任")
    children = pupils(desk, 42)
    pairings = [
        desk.pair(child, former, kind="helper_teacher", day="2026-03-02").event_id for child in children
    ]
    # One of them was ended the day before.
    desk.submit("pairing_ended", "2026-05-05", child=children[4], pairing=str(pairings[4]), reason="转学")
    over = action(desk, "三年级一班交接")
    listed = [
        {"child": str(c), "pairing": str(p), "duties": ["每周通话"] * (n == 0)}
        for n, (c, p) in enumerate(zip(children, pairings, strict=True))
    ]
    desk.say(
        over,
        "class_handed_over",
        DAY,
        carer=str(next_one),
        kind="helper_teacher",
        accepted_by="新班主任",
        reason="产假",
        children=listed,
    )

    assert states(desk, over) == {"recorded": 41, "quarantined": 1}
    assert aside(desk, over) == [(4, "pairing_not_running")]
    carers = [
        {p.carer for p in desk.child(child).pairings if p.holds(date(2026, 5, 6))} for child in children
    ]
    assert carers == [{next_one}] * 4 + [set()] + [{next_one}] * 37
    assert desk.said_of(children[0], "care_handed_over")[0].duties == ("每周通话",)
    retried(desk, over)
    assert aside(desk, over) == [(4, "pairing_not_running")]


def test_a_class_goes_over_by_its_former_teacher_without_naming_pairings(desk: Office) -> None:
    former, next_one, other = (desk.carer(name) for name in ("原班主任", "新班主任", "另一位"))
    three = pupils(desk, 3)
    for child in three[:2]:
        desk.pair(child, former, kind="helper_teacher", day="2026-03-02")
    desk.pair(three[2], other, kind="helper_teacher", day="2026-03-02")
    over, sheet = action(desk, "整班交接"), uuid4()
    words: dict[str, object] = {"carer": str(next_one), "kind": "helper_teacher", "accepted_by": "新班主任"}
    listed = [{"child": str(child)} for child in three]
    with pytest.raises(Refused) as unsaid:
        desk.say(over, "class_handed_over", DAY, children=listed, **words)
    desk.say(over, "class_handed_over", DAY, event_id=sheet, former=str(former), children=listed, **words)

    assert codes(unsaid) == [("pairing_or_former", "/details/former")]
    assert aside(desk, over) == [(2, "no_such_pairing")]
    running = [{p.carer for p in desk.child(c).pairings if p.holds(date(2026, 5, 6))} for c in three]
    assert running == [{next_one}, {next_one}, {other}]
    # Written once more, it is the same.
    retried(desk, over)
    assert [len(desk.said_of(child, "care_handed_over")) for child in three] == [1, 1, 0]


def test_a_sheet_that_never_was_is_taken_back_from_every_file(desk: Office) -> None:
    children, unknown, sheet = pupils(desk, 3), uuid4(), uuid4()
    spread = action(desk, "防溺水通知")
    told = rows([*children, unknown], arrived=True)
    desk.say(spread, "messages_spread", DAY, event_id=sheet, reader="guardian", channel="sms", children=told)
    assert aside(desk, spread) == [(3, "unknown_child")]

    void = {"target": str(sheet), "reason": "误登", "approved_by": "王校长"}
    desk.say(spread, "event_voided", DAY, of_kind="group_action", **void)

    assert [desk.said_of(child, "message_sent") for child in children] == [[], [], []]
    # Of whom nothing was written nothing waits any more.
    assert states(desk, spread) == {"voided": 4}
    assert desk.state("group_action", spread).children == ()
