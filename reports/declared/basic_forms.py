"""The Ministry's basic form of each child, in the order of its boxes: a sheet a child."""

from collections.abc import Callable, Iterator
from typing import Any

from application.access import Action
from domain.choices import Parent
from domain.left_behind import Away
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import SIGNED, case_no, named, open_, org, personal
from reports.forms import guarded, incapable, of_profile, schooling
from reports.report import IN_CARE, Asked, Column, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets


def _of_parent(which: Parent) -> Iterator[Column[Any]]:
    zh, en = which.zh, which.en

    def said(name: str) -> Callable[[Sheet], object]:
        return lambda sheet: getattr(sheet.parent(which), name, None)

    yield personal(which.value, f"{zh}姓名", f"Name of {en}", said("name"))
    yield personal(f"{which.value}_place", f"{zh}务工地点", f"Where the {en} works", said("place"))
    yield personal(f"{which.value}_phone", f"{zh}联系电话", f"Telephone of {en}", said("phone"))


def _entrusted(name: str) -> Callable[[Sheet], object]:
    def of(sheet: Sheet) -> object:
        fact = sheet.last("entrustment_signed")
        return getattr(fact.details, name, None) if fact else None

    return of


def _aid(sheet: Sheet) -> tuple[object, ...]:
    over = {said.subsidy for _, said in sheet.child.of("subsidy_ended")}
    return tuple(s.scheme for f, s in sheet.child.of("subsidy_granted") if f.event_id not in over)


FORMS: Table[Sheet] = Table(
    columns=(
        case_no(),
        named(lambda x: x.said("name")),
        personal("sex", "性别", "Sex", of_profile("sex")),
        personal("ethnicity", "民族", "Ethnicity", of_profile("ethnicity")),
        personal("birth_date", "出生日期", "Date of birth", of_profile("birth_date")),
        personal("id_number", "身份证号码", "Identity number", of_profile("id_number")),
        personal("hukou_type", "户口性质", "Household registration", of_profile("hukou_type")),
        personal("address", "现居住地址", "Address", of_profile("address")),
        personal("health", "健康状况", "Health", of_profile("health")),
        open_("boarding", "是否住校", "Boards at school", of_profile("boarding")),
        open_("schooling", "就学情况", "Schooling", schooling),
        *(column for which in Parent for column in _of_parent(which)),
        open_("both_away", "父母均外出", "Both parents away", lambda x: x.away is Away.BOTH),
        personal("incapable", "一方外出另一方无监护能力", "Parent who can't look after it", incapable),
        open_("entrusted", "是否委托监护", "Entrusted", lambda x: x.last("entrustment_signed") is not None),
        personal("carer", "受委托人姓名", "Entrusted to", _entrusted("name")),
        personal("relation", "与儿童关系", "Relation", _entrusted("relation")),
        personal("carer_phone", "受委托人电话", "Telephone", _entrusted("phone")),
        personal("guarded", "监护情况", "How it is looked after", guarded),
        personal("aid", "享受救助", "Aid", _aid),
        org(),
    ),
    child=lambda row: row.child_id,
    cards=True,
    signed=SIGNED,
)


def read(asked: Asked) -> Found:
    """Fill in the form of each child in care of an organisation; what nobody said stays blank."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    found = sheets(asked, at)
    return Found(tables=(FORMS.filled(found),), population=IN_CARE, clocks=at, notes=() if found else None)


REPORT = Report(
    name="basic-forms",
    title=Text(zh="基本情况登记表", en="Basic forms"),
    text=Text(
        zh="每名儿童一份基本情况登记表，一人一页，附签字处；未登记的项目留空",
        en="The basic form of each child, a sheet a child; what nobody said stays blank.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(FORMS,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=126,
)
