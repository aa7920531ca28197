"""The register of a class: one line for each child in care."""

from collections.abc import Callable

from application.access import Action
from domain.choices import Parent
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import SIGNED, case_no, named, open_, org, personal
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets


def _phone(which: Parent) -> Callable[[Sheet], object]:
    return lambda sheet: getattr(sheet.parent(which), "phone", None)


CHILDREN: Table[Sheet] = Table(
    columns=(
        case_no(),
        named(lambda x: x.said("name")),
        personal("student_no", "学籍号", "Student no.", lambda x: x.said("student_no")),
        personal("sex", "性别", "Sex", lambda x: x.said("sex")),
        personal("birth_date", "出生日期", "Date of birth", lambda x: x.said("birth_date")),
        personal("ethnicity", "民族", "Ethnicity", lambda x: x.said("ethnicity")),
        open_("class", "年级班级", "Class", lambda x: x.unit),
        personal("address", "家庭住址", "Address", lambda x: x.said("address")),
        open_("boarding", "是否寄宿", "Boards", lambda x: x.said("boarding")),
        open_("away", "父母外出", "Parents away", lambda x: x.away),
        *(personal(f"{p.value}_phone", f"{p.zh}电话", f"Telephone of {p.en}", _phone(p)) for p in Parent),
        personal("carer", "照料人", "Who cares at home", lambda x: getattr(x.at_home, "name", None)),
        personal("relation", "关系", "Relation", lambda x: getattr(x.at_home, "relation", None)),
        personal("carer_phone", "照料人电话", "Telephone", lambda x: getattr(x.at_home, "phone", None)),
        personal("helpers", "帮扶人", "Carers", lambda x: x.helper_names, lines=True),
        personal("tags", "类别", "Groups", lambda x: x.said("tags") or ()),
        org(lambda x: x.school),
    ),
    child=lambda row: row.child_id,
    signed=SIGNED,
)


def read(asked: Asked) -> Found:
    """List the children in care of an organisation, class by class."""
    at = clocks(now=asked.system.now(), as_of=asked.day("on"))
    found = sheets(asked, at)
    return Found(tables=(CHILDREN.filled(found),), population=IN_CARE, clocks=at, notes=() if found else None)


REPORT = Report(
    name="register",
    title=Text(zh="花名册", en="Register"),
    text=Text(zh="在册儿童花名册，按班级", en="The children in care, class by class."),
    filters=(filters.ORG, filters.ON),
    tables=(CHILDREN,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=123,
)
