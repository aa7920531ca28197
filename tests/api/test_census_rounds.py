"""Census rounds: who was asked and has not returned, what adds up, and what the files of children say."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from application.access import Role
from domain.rules.calendar import default_calendar
from domain.rules.periods import parse_period
from domain.rules.rule_files import load_rules
from domain.rules.verdict import Status, verdict
from tests.api.support import ApiWorld, codes
from tests.api.test_money_and_homes import Answer, at_once, opened, said, state
from tests.domain.test_census_tables import table

ASKED = ["3年级/1班", "3年级/2班"]
WORDS = {"title": "春季摸底", "counts_on": "2026-03-01", "definition": "school_broad@1", "asked": ASKED}
ITEMS = [
    {"text": "多久和父母通话一次", "about": "family", "offers": ["每周", "每月"]},
    {"text": "最想要什么", "about": "needs"},
]


def a_round(world: ApiWorld, **more: Any) -> str:
    return opened(world, "census-rounds", **(WORDS | more))


def returned(world: ApiWorld, path: str, unit: str, **more: Any) -> Answer:
    return said(world, path, "census_returned", unit=unit, **more)


def closed(world: ApiWorld, path: str, **more: Any) -> Answer:
    version = world.caller.get(path).json["version"]
    return said(world, path, "census_round_closed", version=version, **more)


def voided(world: ApiWorld, path: str, target: str) -> Answer:
    version = world.caller.get(path).json["version"]
    why = {"target": target, "reason": "报错", "approved_by": "王校长"}
    return said(world, path, "event_voided", version=version, **why)


def in_file(world: ApiWorld, child: str, type_: str) -> list[dict[str, Any]]:
    while world.system.fan_outs.step():
        pass
    items = world.caller.get(f"/v1/children/{child}/history").json["items"]
    return [each for each in items if each["type"] == type_]


def test_the_school_of_561_signs_what_its_classes_returned(world: ApiWorld) -> None:
    # Given a round that asks two classes, and the first one's return.
    path = a_round(world)
    assert returned(world, path, ASKED[0], figures=figures(700, 280), table=table()).status_code == 201

    # Then the state says who is missing; and when the other returns, nobody is.
    assert state(world, path)["missing"] == [ASKED[1]]
    assert returned(world, path, ASKED[1], figures=figures(800, 281), table=table()).status_code == 201
    assert state(world, path)["missing"] == []
    sums = state(world, path)["figures"]
    assert (sums["pupils"], sums["left_behind"]) == (1500, 561)

    # When something else is signed than was returned, it is refused with both numbers.
    both = state(world, path)["table"]
    wrong = closed(world, path, figures=sums | {"left_behind": 560, "one_away": 560}, table=both)
    assert (wrong.status_code, codes(wrong)) == (
        409,
        [
            ("/details/figures/left_behind", "not_the_sum_of_returns"),
            ("/details/figures/one_away", "not_the_sum_of_returns"),
        ],
    )
    assert wrong.json["errors"][0]["detail"].endswith("left_behind（560≠561）")

    # And when the sums are, they stay, whatever is voided afterwards; the round takes no more returns.
    assert closed(world, path, figures=sums, table=both, responsible="王校长").status_code == 201
    first = world.caller.get(f"{path}/history").json["items"][1]["event_id"]
    assert voided(world, path, first).status_code == 201
    now = state(world, path)
    assert (now["closed"]["figures"]["left_behind"], now["figures"]["left_behind"]) == (561, 281)
    late = returned(world, path, "4年级/1班", figures=figures(10, 1))
    assert (late.status_code, late.json["code"]) == (409, "census_round_is_closed")


def figures(pupils: int, left_behind: int) -> dict[str, int]:
    return {"pupils": pupils, "left_behind": left_behind, "both_away": 0, "one_away": left_behind}


def test_a_table_that_does_not_add_up_is_marked_and_never_signed(small_world: ApiWorld) -> None:
    path = a_round(small_world, asked=["全校"])
    # What a class returns is taken as it is, and marked.
    assert returned(small_world, path, "全校", table=table(c1=13)).status_code == 201
    (first, *_) = state(small_world, path)["broken"]
    assert first == {
        "unit": "全校",
        "broken": {"identity": "c1=c2+c5+c8", "column": "c1", "left": 13, "right": 12},
    }

    refused = closed(small_world, path, table=table(c1=13))

    assert refused.status_code == 422
    assert codes(refused) == [("/details/table/c1", "identity_broken")] * 6
    assert refused.json["errors"][0]["detail"].endswith("c1=c2+c5+c8（13≠12）")
    assert state(small_world, path)["closed"] is None


def test_a_round_of_tables_is_not_closed_without_one(small_world: ApiWorld) -> None:
    path = a_round(small_world)
    assert returned(small_world, path, ASKED[0], table=table()).status_code == 201

    bare = closed(small_world, path)
    assert (bare.status_code, codes(bare)) == (422, [("/details/table", "sum_not_given")])
    # One class has not returned: that is so, and what is signed is the school's own.
    assert closed(small_world, path, table=table(c1=12)).status_code == 201
    assert state(small_world, path)["missing"] == [ASKED[1]]


def test_a_class_returns_once_and_one_that_was_not_asked_is_marked(world: ApiWorld) -> None:
    path = a_round(world)

    # Another spelling of the class is the same class.
    assert at_once(4, lambda n: returned(world, path, "3年级/1班", figures=figures(40 + n, 3))) == [
        *(201, 409, 409, 409)
    ]
    again = returned(world, path, "３年级/1 班", figures=figures(40, 3))
    assert (again.status_code, codes(again)) == (409, [("/details/unit", "returned_already")])
    assert returned(world, path, "5年级/1班", figures=figures(40, 3)).status_code == 201
    assert state(world, path)["unasked"] == ["5年级/1班"]
    bare = returned(world, path, ASKED[1])
    assert (bare.status_code, codes(bare)) == (422, [("/details/figures", "nothing_returned")])


def test_a_child_is_verified_once_in_a_round_and_its_file_says_so_once(world: ApiWorld) -> None:
    path, children, event = a_round(world), [world.enrol() for _ in range(2)], str(uuid4())
    words = {"unit": ASKED[0], "children": [{"child": each, "changed": True} for each in children]}
    for status in (201, 200):
        assert said(world, path, "census_returned", event=event, **words).status_code == status
    found = [in_file(world, child, "profile_reverified") for child in children]
    assert [len(each) for each in found] == [1, 1]
    assert (found[0][0]["details"]["way"], found[0][0]["details"]["changed"]) == ("school", True)

    # In the return of another class the same child is refused, and so is one that is named twice.
    twice = returned(world, path, ASKED[1], children=[{"child": children[0]}])
    assert (twice.status_code, codes(twice)) == (409, [("/details/children/0/child", "verified_already")])
    stranger = str(uuid4())
    twice = returned(world, path, ASKED[1], children=[{"child": stranger}, {"child": stranger}])
    assert codes(twice) == [("/details/children/1/child", "verified_already")]

    # When the return is void, so is what it said in each file, and the class may return again.
    assert voided(world, path, event).status_code == 201
    assert [e["voided_by"] is None for e in in_file(world, children[0], "profile_reverified")] == [False]
    assert returned(world, path, ASKED[0], children=[{"child": children[0]}]).status_code == 201
    both = in_file(world, children[0], "profile_reverified")
    assert sorted(each["voided_by"] is None for each in both) == [False, True]


def test_answers_stand_in_the_file_of_the_child_as_a_survey(world: ApiWorld) -> None:
    path, child = a_round(world), world.enrol()
    answers = [{"item": 2, "answer": "想妈妈回家"}, {"item": 1, "answer": "每周"}]

    def answered(*given: dict[str, Any], by: str = "child", event: str = "") -> Answer:
        return said(
            world,
            path,
            "questionnaire_answered",
            event=event,
            child=child,
            answered_by=by,
            answers=list(given),
        )

    # Answers that came before the questionnaire wait for it.
    assert answered(*answers).status_code == 202
    assert said(world, path, "questionnaire_set", title="成长问卷", items=ITEMS).status_code == 201
    again = said(world, path, "questionnaire_set", title="另一份", items=ITEMS)
    assert (again.status_code, again.json["code"]) == (409, "questionnaire_set_already")
    refused = answered(
        *({"item": 3, "answer": "无"}, {"item": 1, "answer": "每天"}, {"item": 2, "answer": "无"}),
        {"item": 2, "answer": "无"},
    )
    assert (refused.status_code, codes(refused)) == (
        422,
        [
            ("/details/answers/0/item", "no_such_item"),
            ("/details/answers/1/answer", "answer_not_offered"),
            ("/details/answers/3/item", "item_twice"),
        ],
    )

    event = str(uuid4())
    assert answered(*answers, event=event).status_code == 201
    assert answered(*answers).json["code"] == "answered_already"
    assert answered(*answers, by="guardian").status_code == 201
    mine, guardians = (each["details"] for each in in_file(world, child, "survey_answered"))
    assert mine["about"] == ["needs", "family"]
    assert mine["answers"][0] == {"item": "最想要什么", "answer": "想妈妈回家"}
    assert (mine["answered_by"], guardians["answered_by"]) == ("child", "guardian")
    assert voided(world, path, event).status_code == 201
    assert [e["voided_by"] is None for e in in_file(world, child, "survey_answered")] == [False, True]


def test_what_a_child_answered_lies_sealed(world: ApiWorld) -> None:
    path, child = a_round(world), world.enrol()
    said(world, path, "questionnaire_set", title="成长问卷", items=ITEMS)
    given = [{"item": 2, "answer": "金丝雀7391"}]
    assert said(world, path, "questionnaire_answered", child=child, answers=given).status_code == 201
    in_file(world, child, "survey_answered")

    states = [bytes(row[0]) for row in world.system.database.tuples("SELECT state FROM events")]
    assert len(states) >= 5
    assert not [each for each in states if "金丝雀7391".encode() in each]


def test_a_round_is_read_under_both_clocks_and_its_opening_corrected(world: ApiWorld) -> None:
    path = a_round(world)
    before = world.clock().isoformat()
    world.clock.forward(days=1)
    opening = world.caller.get(f"{path}/history").json["items"][0]["event_id"]
    fields = {"details": {"asked": [*ASKED, "4年级/1班"]}}
    why = {"reason": "漏列一班", "approved_by": "王校长"}
    corrected = said(world, path, "event_corrected", version=1, target=opening, fields=fields, **why)
    assert corrected.status_code == 201, corrected.text

    known = world.caller.get(path, as_known_at=before).json["state"]
    assert (len(known["missing"]), len(state(world, path)["missing"])) == (2, 3)
    wrong = {"details": {"asked": ["3年级/1班", "3年级/1 班"], "definition": "school"}}
    refused = said(world, path, "event_corrected", version=2, target=opening, fields=wrong, **why)
    assert (refused.status_code, codes(refused)) == (
        422,
        [
            ("/details/fields/details/definition", "bad_definition"),
            ("/details/fields/details/asked/1", "asked_twice"),
        ],
    )


# C35: two rounds and one questionnaire a term, as a rule of what the file of each child must show.
C35 = """
rule_id = "C35"
version = 1
title = { zh = "每学期两次摸底、一次问卷", en = "Two rounds and a questionnaire every term" }
source = "C35"
period = "term"
severity = "warning"
responsible_role = "class_teacher"
requirements = [
    { n = 2, any_of = [{ type = "profile_reverified" }] },
    { n = 1, any_of = [{ type = "survey_answered" }] },
]
"""


def test_two_rounds_and_a_questionnaire_are_what_the_rule_asks_until_a_round_is_void(world: ApiWorld) -> None:
    # Given two rounds in which a child was verified, and its answers in the second.
    child, returns = world.enrol(), [str(uuid4()), str(uuid4())]
    rounds = [opened(world, "census-rounds", **(WORDS | {"title": title})) for title in ("一", "二")]
    for day, path, event in zip((7, 8), rounds, returns, strict=True):
        body = {"type": "census_returned", "occurred_on": f"2026-05-0{day}"}
        details = {"unit": ASKED[0], "children": [{"child": child}]}
        assert world.caller.put(f"{path}/events/{event}", body | {"details": details}).status_code == 201
    said(world, rounds[1], "questionnaire_set", title="成长问卷", items=ITEMS)
    given = [{"item": 1, "answer": "每月"}]
    assert said(world, rounds[1], "questionnaire_answered", child=child, answers=given).status_code == 201

    assert c35(world, child) == (Status.MET, 3, 3)
    assert voided(world, rounds[0], returns[0]).status_code == 201
    assert c35(world, child) == (Status.SHORT, 2, 3)


def c35(world: ApiWorld, child: str) -> tuple[Status, int, int]:
    in_file(world, child, "profile_reverified")
    (rule,) = load_rules([C35]).values()
    found = verdict(
        world.system.log.stream(UUID(child)),
        subject=UUID(child),
        rule=rule,
        period=parse_period("2026-spring", kind=rule.period, calendar=default_calendar()),
        calendar=default_calendar(),
        as_of=date(2026, 7, 31),
        as_known_at=datetime(2026, 8, 1, tzinfo=UTC),
    )
    return found.status, found.achieved, found.required


def test_another_school_sees_no_round_of_this_one(small_world: ApiWorld) -> None:
    path = a_round(small_world)
    other = small_world.as_(Role.CLIENT, org="county/township/other school", name="other")

    assert other.get(path).status_code == other.get(f"{path}/history").status_code == 404
    assert other.get("/v1/census-rounds").json["items"] == []
