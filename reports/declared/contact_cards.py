"""A contact card for each child, to be printed: a sheet a child."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from application.access import Action
from domain.choices import Parent
from domain.normal import normal_path, undotted
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.responsibilities.assigned import Side
from domain.streams.responsibilities.kind import KIND as MATRIX
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Column, Filter, Found, Kind, Report, Table, Topic
from reports.sheets import Sheet, sheets
from reports.streams import streams_of

TEACHER = Filter(
    name="teacher",
    kind=Kind.WORD,
    title=Text(zh="班主任或帮扶人", en="Teacher"),
    text=Text(
        zh="仅该姓名的班主任所包班级，或该帮扶人结对的儿童",
        en="only of the classes that somebody of this name answers for, and of whom they look after",
    ),
    private=True,
)


def _due(sheet: Sheet) -> bool:
    """Return whether a card must be given out again: never was, or something on it changed since."""
    card = sheet.last("contact_card_issued")
    on_it = (
        "profile_changed",
        "guardian_designated",
        "care_arranged",
        "parent_work_recorded",
        "pairing_started",
    )
    changed = [fact.day for type_ in on_it if (fact := sheet.last(type_)) is not None]
    moved = [move.day for move in sheet.child.moves[1:]]
    return card is None or any(card.day < day for day in (*changed, *moved))


def _of_parent(which: Parent) -> Iterator[Column[Any]]:
    zh, en = which.zh, which.en

    def said(name: str) -> Any:
        return lambda sheet: getattr(sheet.parent(which), name, None)

    yield personal(which.value, f"{zh}姓名", f"Name of {en}", said("name"))
    yield personal(f"{which.value}_place", f"{zh}务工地址", f"Where the {en} works", said("place"))
    yield personal(f"{which.value}_phone", f"{zh}电话", f"Telephone of {en}", said("phone"))


def _of_carer(name: str) -> Any:
    return lambda sheet: getattr(sheet.at_home, name, None)


CARDS: Table[Sheet] = Table(
    columns=(
        case_no(),
        named(lambda x: x.said("name")),
        personal("sex", "性别", "Sex", lambda x: x.said("sex")),
        personal("birth_date", "出生日期", "Date of birth", lambda x: x.said("birth_date")),
        open_("class", "年级班级", "Class", lambda x: x.unit),
        personal("address", "家庭住址", "Address", lambda x: x.said("address")),
        *(column for which in Parent for column in _of_parent(which)),
        personal("carer", "照料人", "Who cares at home", _of_carer("name")),
        personal("relation", "与儿童关系", "Relation", _of_carer("relation")),
        personal("carer_age", "照料人年龄", "Age", _of_carer("age")),
        personal("carer_phone", "照料人电话", "Telephone", _of_carer("phone")),
        personal("carer_address", "照料人住址", "Address of who cares", _of_carer("address")),
        personal("language", "语言", "Language", _of_carer("language")),
        personal("can_read", "能否识字", "Can read", _of_carer("can_read")),
        personal("helpers", "学校帮扶人及电话", "Carers at school", lambda x: x.helper_names, lines=True),
        open_(
            "issued_on",
            "上次发卡",
            "Given out last",
            lambda x: getattr(x.last("contact_card_issued"), "day", None),
        ),
        open_("due", "须重新发卡", "Due again", _due),
        org(lambda x: x.school),
    ),
    child=lambda row: row.child_id,
    cards=True,
    signed=(
        Text(zh="照料人签字：", en="Who cares at home:"),
        Text(zh="班主任签字：", en="Class teacher:"),
        Text(zh="日期：", en="Day:"),
    ),
)


def _classes_of(teacher: str, asked: Asked, day: date) -> frozenset[str]:
    """Return the classes that somebody of this name answers for."""
    return frozenset(
        normal_path(f"{where}/{each.scope}")
        for where, matrix in streams_of(asked, MATRIX)
        for each in matrix.assignments
        if each.side is Side.CLASS and each.holds(day) and undotted(each.holder or "") == undotted(teacher)
    )


def _looks_after(teacher: str, sheet: Sheet, classes: frozenset[str]) -> bool:
    helpers = {undotted(c.registered.name or "") for c in sheet.helpers if c.registered is not None}
    return normal_path(sheet.org) in classes or undotted(teacher) in helpers


def read(asked: Asked) -> Found:
    """Make the cards of the children in care of an organisation."""
    at = clocks(now=asked.system.now())
    found = sheets(asked, at)
    wanted = [each for each in found if _due(each)] if asked.flag("due") else list(found)
    if (teacher := asked.word("teacher")) is not None:
        classes = _classes_of(teacher, asked, at.as_of)
        wanted = [each for each in wanted if _looks_after(teacher, each, classes)]
    return Found(tables=(CARDS.filled(wanted),), population=IN_CARE, clocks=at, notes=() if found else None)


REPORT = Report(
    name="contact-cards",
    title=Text(zh="联系卡", en="Contact cards"),
    text=Text(zh="每名儿童一张联系卡，一人一页", en="A contact card for each child, a sheet a child."),
    filters=(filters.ORG, filters.DUE, TEACHER),
    tables=(CARDS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=122,
)
