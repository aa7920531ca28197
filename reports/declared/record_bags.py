"""The record bag of each child: twelve things that it should hold, and which it lacks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from application.access import Action
from domain.choices import ActivityKind
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of the twelve: which entries of a file stand for it."""

    title: Text
    types: tuple[str, ...]
    holds: Callable[[Any], bool] = lambda _said: True


def _by_child(said: Any) -> bool:
    return (
        getattr(getattr(said, "answered_by", None) or getattr(said, "from_whom", None), "value", "")
        == "child"
    )


def _item(zh: str, en: str, *types: str, holds: Callable[[Any], bool] = lambda _said: True) -> Item:
    return Item(title=Text(zh=zh, en=en), types=types, holds=holds)


BAG = (
    _item("自我介绍", "What it says of itself", "survey_answered", "feedback_given", holds=_by_child),
    _item("谈心记录", "Talks", "talk_held"),
    _item("日常行为", "Conduct", "peer_note_added", "behaviour_plan_opened", "behaviour_plan_reviewed"),
    _item("健康情况", "Health", "health_check_recorded"),
    _item("一封信", "A letter", "letter_sent"),
    _item(
        "作品与活动",
        "Works and activities",
        "participation_recorded",
        "interest_group_joined",
        holds=lambda said: getattr(said, "kind", None) is not ActivityKind.READING,
    ),
    _item(
        "阅读记录",
        "Reading",
        "participation_recorded",
        holds=lambda said: said.kind is ActivityKind.READING,
    ),
    _item("获奖情况", "Prizes", "award_given"),
    _item("成长计划", "Plan", "study_plan_registered", "behaviour_plan_opened"),
    _item("成长小结", "Summary", "child_goal_marked"),
    _item("成绩单", "Report card", "academic_progress_recorded"),
    _item("帮扶人材料", "What the carer wrote", "growth_diary_written"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """The bag of a child."""

    sheet: Sheet
    there: tuple[Text, ...]

    @property
    def missing(self) -> tuple[Text, ...]:
        """What it lacks."""
        return tuple(each.title for each in BAG if each.title not in self.there)


def _noted(name: str) -> Callable[[Bag], object]:
    """Return what was noted last of a child under a name."""

    def of(bag: Bag) -> object:
        said = bag.sheet.last("character_noted")
        return (getattr(said.details, name) or None) if said else None

    return of


BAGS: Table[Bag] = Table(
    columns=(
        case_no(lambda x: x.sheet.child_id),
        named(lambda x: x.sheet.said("name")),
        open_("there", "已有（项）", "There", lambda x: len(x.there)),
        open_("of", "应有（项）", "Of", lambda _: len(BAG)),
        open_("missing", "尚缺", "Missing", lambda x: x.missing),
        personal("character", "性格", "Character", _noted("character")),
        personal("interests", "兴趣爱好", "Interests", _noted("interests")),
        org(lambda x: x.sheet.org),
    ),
    child=lambda row: row.sheet.child_id,
)


def read(asked: Asked) -> Found:
    """Look through the bags of the children in care of an organisation, the emptiest first."""
    at = clocks(now=asked.system.now())
    rows = [Bag(sheet=sheet, there=_there(sheet)) for sheet in sheets(asked, at)]
    rows.sort(key=lambda x: (len(x.there), x.sheet.org, x.sheet.child_id))
    return Found(tables=(BAGS.filled(rows),), population=IN_CARE, clocks=at, notes=() if rows else None)


def _there(sheet: Sheet) -> tuple[Text, ...]:
    return tuple(
        each.title
        for each in BAG
        if any(each.holds(said) for type_ in each.types for _, said in sheet.child.of(type_))
    )


REPORT = Report(
    name="record-bags",
    title=Text(zh="成长记录袋", en="Record bags"),
    text=Text(
        zh="每名儿童的成长记录袋：十二项材料，尚缺哪些",
        en="Twelve things that each record bag should hold, and which it lacks.",
    ),
    filters=(filters.ORG,),
    tables=(BAGS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=128,
)
