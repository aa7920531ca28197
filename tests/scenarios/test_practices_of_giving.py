"""D01 to D11: what came in for children and where it went, to the fen."""

from uuid import UUID, uuid4

import pytest

from domain.refusal import Conflict, Invalid
from tests.support.actions import codes
from tests.support.practice import Office

DAY = "2026-05-06"


def children(desk: Office, number: int) -> list[UUID]:
    return [desk.enrol("2026-03-01", name=f"林小禾{n}") for n in range(number)]


def test_four_children_get_300_yuan_each_with_a_receipt_of_their_own(desk: Office) -> None:
    fund = desk.open("donation_received", DAY, donor="市关工委", amount_fen=120_000)
    four = children(desk, 5)
    for number, child in enumerate(four[:4]):
        desk.say(
            fund,
            "donation_allocated",
            DAY,
            child=str(child),
            amount_fen=30_000,
            receipt=f"R{number}",
            recipient=f"林小禾{number}",
            signed_by="奶奶",
        )

    with pytest.raises(Conflict) as fifth:
        desk.say(fund, "donation_allocated", DAY, child=str(four[4]), amount_fen=30_000, receipt="R5")

    assert codes(fifth) == [("more_than_came_in", "/details/amount_fen")]
    assert desk.state("donation", fund).left_fen == 0
    given = [desk.said_of(child, "gift_received") for child in four]
    assert [[line.unit_value_fen for said in each for line in said.lines] for each in given] == (
        [[30_000]] * 4 + [[]]
    )
    rows = desk.rows("donation-trail", "items")
    assert [(r["recipient"], r["amount"], r["receipt"]) for r in rows] == [
        (f"林小禾{n}", 300.00, f"R{n}") for n in range(4)
    ]


def test_a_television_and_a_telephone_of_3000_yuan_go_to_the_home_and_no_child(desk: Office) -> None:
    home = desk.open("home_opened", "2026-03-02", name="留守儿童之家", family_phone="0516-1234567")
    items = [{"item": "液晶电视", "quantity": 1}, {"item": "电话机", "quantity": 1}]
    came = desk.open("donation_received", DAY, donor="市关工委", items=items)
    desk.say(came, "donation_allocated", DAY, body="留守儿童之家", items=items)
    # 3,000 yuan for both: nobody said what each is worth.
    desk.say(home, "home_stocked", DAY, item="液晶电视", quantity=1, value_fen=300_000, donation=str(came))
    desk.say(home, "home_stocked", DAY, item="电话机", quantity=1, donation=str(came))
    desk.say(home, "home_stocked", DAY, item="图书", quantity=32_000)

    assert desk.state("donation", came).items_left == {"液晶电视": 0, "电话机": 0}
    assert desk.state("donation", came).children == ()
    (row,) = desk.rows("homes")
    assert (row["value"], row["there"]) == (3_000.00, ("液晶电视 1", "电话机 1", "图书 32000"))
    (statement,) = desk.rows("public-statement", "donations")
    assert (statement["to_bodies"], statement["to_children"]) == (1, 0)


def test_of_4200_yuan_of_one_donor_1200_go_to_children_and_the_rest_to_the_home(desk: Office) -> None:
    # Given 1,200 yuan in cash and a television of 3,000.
    cash = desk.open("donation_received", DAY, donor="市关工委", amount_fen=120_000)
    goods = desk.open(
        "donation_received",
        DAY,
        donor="市关工委",
        items=[{"item": "电视机", "quantity": 1, "unit_value_fen": 300_000}],
    )
    five = children(desk, 5)
    for child in five[:4]:
        desk.say(cash, "donation_allocated", DAY, child=str(child), amount_fen=30_000)
    desk.say(goods, "donation_allocated", DAY, body="留守儿童之家", items=[{"item": "电视机", "quantity": 1}])

    # When a fifth child is given 300, and a second television goes out, both are refused.
    for fund, more in (
        (cash, {"child": str(five[4]), "amount_fen": 30_000}),
        (goods, {"body": "学校", "items": [{"item": "电视机", "quantity": 1}]}),
    ):
        with pytest.raises(Conflict, match="more_than_came_in"):
            desk.say(fund, "donation_allocated", DAY, **more)

    # Then donor and children have their sums, to the fen.
    went = desk.rows("donation-trail", "items")
    assert sum(row["amount"] + row["goods_value"] for row in went) == 4_200.00
    assert sum(row["amount"] for row in went if row["body"] is None) == 1_200.00
    assert [len(desk.said_of(child, "gift_received")) for child in five] == [1, 1, 1, 1, 0]


def test_of_5000_yuan_and_more_no_more_than_5000_is_given_out(desk: Office) -> None:
    pool = desk.open(
        "donation_received",
        DAY,
        donor="县领导及社会各界",
        amount_fen=500_000,
        approximate=True,
        items=[{"item": "学习用品", "quantity": 60}],
    )
    (child,) = children(desk, 1)

    with pytest.raises(Conflict) as refused:
        desk.say(pool, "donation_allocated", DAY, child=str(child), amount_fen=500_001)
    desk.say(pool, "donation_allocated", DAY, child=str(child), amount_fen=20_000)

    assert codes(refused) == [("more_than_came_in", "/details/amount_fen")]
    assert desk.state("donation", pool).left_fen == 480_000
    (statement,) = desk.rows("public-statement", "donations")
    assert (statement["came"], statement["left"], statement["approximate"]) == (5_000.00, 4_800.00, True)


def test_thirty_pupils_get_books_and_no_thirty_first(desk: Office) -> None:
    items = [{"item": "图书", "quantity": 100}]
    books = desk.open("donation_received", DAY, donor="爱心在线联盟", items=items, most_recipients=30)
    pupils = children(desk, 31)
    for child in pupils[:30]:
        desk.say(books, "donation_allocated", DAY, child=str(child), items=[{"item": "图书", "quantity": 2}])

    with pytest.raises(Conflict) as refused:
        desk.say(
            books, "donation_allocated", DAY, child=str(pupils[30]), items=[{"item": "图书", "quantity": 2}]
        )

    assert codes(refused) == [("no_more_recipients", "/details/child")]
    (statement,) = desk.rows("public-statement", "donations")
    assert statement["to_children"] == 30


def test_a_wish_is_fulfilled_once_and_the_open_ones_are_counted(desk: Office) -> None:
    three = children(desk, 3)
    wishes = [uuid4() for _ in three]
    for child, wish in zip(three, wishes, strict=True):
        desk.submit("wish_collected", DAY, child=child, event_id=wish, wish="一个书包")
    for child, wish in list(zip(three, wishes, strict=True))[:2]:
        desk.submit("wish_fulfilled", "2026-06-01", child=child, wish=str(wish), donor="镇妇联")

    with pytest.raises(Invalid, match="wish_fulfilled_already"):
        desk.submit("wish_fulfilled", "2026-06-02", child=three[0], wish=str(wishes[0]), donor="团委")
    (row,) = desk.rows("public-statement", "wishes")
    assert (row["collected"], row["fulfilled"], row["open"]) == (3, 2, 1)


def test_what_the_school_earns_by_bottles_is_spent_on_visits(desk: Office) -> None:
    fund = desk.open("donation_received", DAY, donor="红领巾回收站", source="self_raised", amount_fen=8_650)
    (child,) = children(desk, 1)
    desk.say(
        fund,
        "donation_allocated",
        "2026-06-30",
        child=str(child),
        amount_fen=8_650,
        purpose="半年慰问",
        recipient="林小禾0",
    )

    (row,) = desk.rows("donation-trail", "items")
    assert (row["source"].value, row["purpose"], row["amount"]) == ("self_raised", "半年慰问", 86.50)
    assert desk.state("donation", fund).left_fen == 0


def test_a_child_is_in_a_scheme_once_at_a_time_and_what_was_paid_is_apart(desk: Office) -> None:
    (child,) = children(desk, 1)
    granted = uuid4()
    scheme = {"scheme": "two_free_one_subsidy", "amount_fen": 62_500}
    desk.submit("subsidy_granted", "2026-03-02", child=child, event_id=granted, **scheme)
    with pytest.raises(Invalid, match="subsidy_runs_already"):
        desk.submit("subsidy_granted", "2026-03-20", child=child, **scheme)
    desk.submit("subsidy_paid", "2026-04-10", child=child, subsidy=str(granted), amount_fen=31_250)
    desk.submit("subsidy_ended", "2026-06-30", child=child, subsidy=str(granted))
    desk.submit("subsidy_granted", "2026-07-01", child=child, **scheme)

    (row,) = desk.rows("public-statement", "subsidies")
    assert (row["granted"], row["granted_amount"], row["paid_amount"]) == (2, 1_250.00, 312.50)


def test_what_is_earmarked_goes_to_its_purpose_alone(desk: Office) -> None:
    fund = desk.open("donation_received", DAY, donor="乡妇联", amount_fen=100_000, earmark="助学")
    (child,) = children(desk, 1)

    with pytest.raises(Conflict) as refused:
        desk.say(fund, "donation_allocated", DAY, child=str(child), amount_fen=100, purpose="慰问")
    desk.say(fund, "donation_allocated", DAY, child=str(child), amount_fen=100, purpose="助学")

    assert codes(refused) == [("other_than_earmarked", "/details/purpose")]
    assert desk.state("donation", fund).left_fen == 99_900


def test_one_part_buys_goods_and_the_other_is_handed_to_the_school(desk: Office) -> None:
    # An appeal on the net: 2,000 yuan, of which 760 bought goods that went to children.
    appeal = desk.open(
        "donation_received", DAY, donor="网友", source="appeal", amount_fen=200_000, licence="慈公募0001"
    )
    desk.say(appeal, "donation_allocated", DAY, body="采购文具", amount_fen=76_000)
    desk.say(appeal, "donation_allocated", DAY, body="学校", amount_fen=124_000)

    assert desk.state("donation", appeal).left_fen == 0
    rows = desk.rows("donation-trail", "items")
    assert [(row["body"], row["amount"]) for row in rows] == [("采购文具", 760.00), ("学校", 1_240.00)]


def test_goods_are_given_line_by_line_and_never_more_of_one_than_came(desk: Office) -> None:
    items = [
        {"item": "书包", "quantity": 20, "unit_value_fen": 4_500},
        {"item": "文具", "quantity": 20, "unit_value_fen": 1_250},
        {"item": "衣服", "quantity": 10, "unit_value_fen": 8_000},
        {"item": "食品", "quantity": 5},
    ]
    came = desk.open("donation_received", DAY, donor="妇联、共青团", items=items)
    (child,) = children(desk, 1)

    with pytest.raises(Conflict) as refused:
        desk.say(came, "donation_allocated", DAY, child=str(child), items=[{"item": "食品", "quantity": 6}])
    desk.say(
        came,
        "donation_allocated",
        DAY,
        child=str(child),
        items=[{"item": "书包", "quantity": 1}, {"item": "衣服", "quantity": 2}],
    )

    assert codes(refused) == [("more_than_came_in", "/details/items/0")]
    (gift,) = desk.said_of(child, "gift_received")
    assert [(line.item, line.quantity, line.unit_value_fen) for line in gift.lines] == [
        ("书包", 1, 4_500),
        ("衣服", 2, 8_000),
    ]
    (row,) = desk.rows("donation-trail", "items")
    assert row["goods_value"] == 45.00 + 2 * 80.00
    (statement,) = desk.rows("public-statement", "donations")
    assert statement["goods_came"] == 20 * 45.00 + 20 * 12.50 + 10 * 80.00


def test_each_child_of_a_winter_visit_has_its_gifts_in_its_file(desk: Office) -> None:
    visited = children(desk, 3)
    carer = desk.carer()
    items = [{"item": "科普书籍", "quantity": 3}, {"item": "练习手册", "quantity": 6}]
    came = desk.open("donation_received", "2026-03-02", donor="学校", items=items)
    for child in visited:
        desk.visit(child, carer, "2026-03-03", kind="special")
        desk.say(
            came,
            "donation_allocated",
            "2026-03-03",
            child=str(child),
            items=[{"item": "科普书籍", "quantity": 1}, {"item": "练习手册", "quantity": 2}],
        )

    assert [len(desk.said_of(child, "gift_received")) for child in visited] == [1, 1, 1]
    assert desk.state("donation", came).items_left == {"科普书籍": 0, "练习手册": 0}


def test_who_gives_to_a_child_and_a_body_at_once_is_asked_for_one(desk: Office) -> None:
    fund = desk.open("donation_received", DAY, donor="乡妇联", amount_fen=100)
    with pytest.raises(Invalid) as refused:
        desk.say(fund, "donation_allocated", DAY, amount_fen=100)
    assert codes(refused) == [("one_recipient", "/details/child")]
