"""Organisations: the tree of counties, townships, schools, grades and classes."""

from typing import Annotated

from api.answer import Answer, Org, Page, shown
from api.operation import ORG, PAGE
from api.query import text_of
from api.resource import Call, Resource
from application.access import Action, require
from application.reasons import UNKNOWN_ORG
from domain.fields import Choice
from domain.refusal import Fault, Unknown
from domain.streams.organisations.unit import OrgUnit

RESOURCE = Resource(tag="organisations", zh="机构", en="The tree that children, carers and keys belong to.")


class OrgLevel(Choice):
    """How deep a unit stands in the tree."""

    COUNTY = "county", "县区", "county"
    TOWNSHIP = "township", "乡镇", "township"
    SCHOOL = "school", "学校或村", "school or village"
    GRADE = "grade", "年级", "grade"
    CLASS = "class", "班级", "class"


class Organisation(Answer):
    """A unit of the tree."""

    org: Org
    name: Annotated[str, shown("名称", "Name", "The last part of its path.")]
    parent: Annotated[str | None, shown("上级机构", "Parent", "Null for a county.")]
    level: Annotated[OrgLevel, shown("层级", "Level")]
    pupils: Annotated[int | None, shown("学生数", "Pupils", "As counted last; null where nobody did.")]
    watches_all: Annotated[bool, shown("关注全员", "Watches all", "Whether it has all its children watched.")]


class OrganisationList(Page[Organisation]):
    """A page of organisations, by path."""


@RESOURCE.operation(
    "GET",
    "/v1/organisations",
    zh="列出机构",
    en="List organisations",
    answers={200: OrganisationList},
    params=(ORG, *PAGE),
    leads_to=("get_organisation",),
)
def list_organisations(call: Call) -> OrganisationList:
    """List an organisation and all below it, by path.

    按路径列出机构及其全部下级。
    """
    org = call.org(Action.READ)
    paths = call.system.organisations.paths(below=org)
    page = call.page(
        lambda after, limit: [path for path in paths if after is None or path > after][:limit],
        place=text_of,
        after=lambda path: (path,),
    )
    units = call.system.organisations.load(page.items)
    return OrganisationList(
        items=[_organisation(unit) for unit in units.values()],
        next=page.next,
        notes=call.notes_if_empty(page.items, org=org),
    )


@RESOURCE.operation(
    "GET",
    "/v1/organisations/{org:path}",
    zh="读取机构",
    en="Read an organisation",
    answers={200: Organisation},
    leads_to=("list_organisations",),
)
def get_organisation(call: Call, org: str) -> Organisation:
    """Show one organisation. Its path is one segment of the URL, with `%2F` for each slash, or as it is.

    读取一个机构。路径作为 URL 的一段，斜杠写成 %2F，也可照原样写。
    """
    known = call.system.organisations.spelled(org)
    require(call.actor, Action.READ, org=known)
    if not call.system.organisations.known(known):
        raise Unknown(Fault(reason=UNKNOWN_ORG))
    return _organisation(call.system.organisations.unit(known))


def _organisation(unit: OrgUnit) -> Organisation:
    parent, _, name = unit.path.rpartition("/")
    return Organisation(
        org=unit.path,
        name=name,
        parent=parent or None,
        level=list(OrgLevel)[unit.path.count("/")],
        pupils=unit.pupils,
        watches_all=unit.watches_all,
    )
