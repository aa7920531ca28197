"""An entry in one line: what each kind of value is called in Chinese and in English."""

from uuid import UUID

import pytest

from domain.catalogue import details_by_type, submitted_types
from domain.choices import SurveyDomain
from domain.event import Details
from domain.refusal import Text
from domain.streams.census_rounds.questionnaire import QuestionnaireItem, QuestionnaireSet
from domain.wire import from_wire
from domain.wording import line_in, line_of
from tests.support.samples import WORDS, sample_details

CARER, OTHER = UUID(int=1), UUID(int=2)


def _details(event_type: str, **words: object) -> Details:
    return from_wire(submitted_types()[event_type].details, words)


def test_choices_and_lists_differ_by_language_and_carers_go_by_their_names() -> None:
    details = _details(
        "home_visit_made",
        carers=[str(CARER), str(OTHER)],
        outcome="met",
        met=["child", "guardian"],
        parenting_guidance=False,
        minutes=40,
        place="柳树村三组",
    )
    line = line_of(Text(zh="家访", en="Home visit"), details, {CARER: "陆老师"})
    assert line.zh == (
        f"家访：走访人：陆老师、{OTHER}；结果：见到；走访类型：常规；见到：儿童、监护人；"
        "地点：柳树村三组；家教指导：否；时长(分钟)：40"
    )
    assert "met; " in line.en
    assert f": 陆老师, {OTHER}; " in line.en
    assert ": child, guardian; " in line.en
    assert ": no; " in line.en


def test_an_object_is_silent_about_what_it_does_not_say() -> None:
    item = QuestionnaireItem(text="多久通话一次", about=SurveyDomain.FAMILY)

    line = line_of(Text(zh="问卷", en="Questionnaire"), QuestionnaireSet(title="成长", items=(item,)), {})

    assert line.zh == f"问卷：问卷名称：成长；题目：多久通话一次 {SurveyDomain.FAMILY.zh}"


def test_objects_and_mappings_are_told_by_their_parts() -> None:
    gift = _details(
        "gift_received",
        donor="爱心企业",
        kind="goods",
        lines=[
            {"item": "书包", "quantity": 2, "unit_value_fen": 8000},
            {"item": "棉衣", "quantity": 1, "unit_value_fen": 0},
        ],
    )
    line = line_of(Text(zh="捐赠", en="Gift"), gift, {})
    assert "书包 2 8000、棉衣 1 0" in line.zh
    assert "书包 2 8000, 棉衣 1 0" in line.en
    correction = _details(
        "event_corrected",
        target=str(OTHER),
        fields={"occurred_on": "2026-03-01", "details": {"minutes": 5}},
        reason="笔误",
        approved_by="校长",
    )
    line = line_of(Text(zh="更正", en="Correction"), correction, {})
    assert "occurred_on=2026-03-01, details=minutes=5" in line.zh
    assert "occurred_on=2026-03-01, details=minutes=5" in line.en


@pytest.mark.parametrize("form", sorted(WORDS))
def test_one_language_alone_reads_as_it_does_beside_the_other(form: str) -> None:
    details, label = sample_details(form), Text(zh="条目", en="Entry")
    both = line_of(label, details, {CARER: "陆老师"})
    assert line_in("zh", label, details, {CARER: "陆老师"}) == both.zh
    assert line_in("en", label, details, {CARER: "陆老师"}) == both.en
    assert details_by_type()[details.TYPE] is type(details)
