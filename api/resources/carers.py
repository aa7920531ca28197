"""Carers: registering them, reading them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from api.answer import Answer, Org, Page, Version, personal, shown
from api.operation import IF_NEW, IF_REPLACED, ORG, PAGE
from api.query import id_of
from api.resource import Answered, Call, Resource
from api.schemas import body_of_org
from application.access import Action, require
from application.carers.registry import Carers
from application.organisations.registry import Organisations
from application.reasons import NOT_FOUND
from domain.choices import CarerKind
from domain.days import local_day
from domain.refusal import Fault, Unknown
from domain.streams.carers import carer as streams
from domain.streams.carers.carer import CarerRegistered
from domain.wire import from_wire

RESOURCE = Resource(tag="carers", zh="帮扶人", en="Who looks after children.")
ONE = "/v1/carers/{carer_id:uuid}"
CarerId = Annotated[UUID, shown("帮扶人编号", "Id of the carer")]


class CarerKnown(Answer):
    """A carer after registration."""

    carer_id: CarerId
    version: Version


class Carer(Answer):
    """A carer, and how many children it looks after today."""

    carer_id: CarerId
    version: Version
    org: Org
    name: Annotated[str, personal("姓名", "Name")]
    staff_no: Annotated[str | None, personal("工号", "Staff number")]
    phone: Annotated[str | None, personal("电话", "Telephone")]
    capacity: Annotated[int | None, shown("最多结对人数", "Most children at once", "Null is no limit.")]
    fewest: Annotated[
        int | None,
        shown("最少结对人数", "Fewest children at once", "Fewer is no fault: it is marked in reports."),
    ]
    home_place: Annotated[str | None, personal("居住地", "Lives in")]
    children_today: Annotated[Mapping[str, int], shown("今日结对人数", "Children today", "By kind of carer.")]


class UnreadableCarer(Answer):
    """A carer whose file can't be read: it belongs to this page, and nothing else is known of it."""

    carer_id: CarerId
    fault: Annotated[str, shown("原因", "Fault", "`KeysMissing` where its key is; tell the operator.")]


class CarerList(Page[Carer]):
    """A page of carers, by id."""

    unreadable: Annotated[list[UnreadableCarer], shown("无法读取的档案", "Unreadable files")]


@RESOURCE.operation(
    "GET",
    "/v1/carers",
    zh="列出帮扶人",
    en="List carers",
    answers={200: CarerList},
    params=(ORG, *PAGE),
    leads_to=("get_carer",),
)
def list_carers(call: Call) -> CarerList:
    """List the carers of an organisation and all below it, by id.

    按编号列出机构及其下级的帮扶人。
    """
    org, unread = call.org(Action.READ), dict[UUID, str]()
    page = call.page(
        lambda after, limit: call.system.carers.ids(actor=call.actor, org=org, after=after, limit=limit),
        place=id_of,
        after=lambda carer_id: (carer_id,),
    )
    carers = call.system.carers.load_many(page.items, unreadable=unread.__setitem__)
    today = local_day(call.system.now())
    return CarerList(
        items=[_shown(carer, carer.registered, today) for carer in carers if carer.registered],
        next=page.next,
        unreadable=[UnreadableCarer(carer_id=i, fault=fault) for i, fault in unread.items()],
    )


@RESOURCE.operation(
    "PUT",
    ONE,
    zh="登记帮扶人",
    en="Register a carer",
    request=body_of_org(CarerRegistered),
    answers={201: CarerKnown, 200: CarerKnown},
    params=(IF_REPLACED, IF_NEW),
    action=Action.SUBMIT,
    uses=(Carers.register, Organisations.ensure),
    tells_version=True,
    leads_to=("get_carer",),
)
def register_carer(call: Call, carer_id: UUID) -> Answered:
    """Register a carer under an id that the client has chosen, or replace what is known of it.

    201 where it was not known before, 200 where it was. To replace it needs If-Match: nothing is replaced
    that has changed since it was read.

    以客户端选定的编号登记帮扶人，或更新已有信息。新登记返回 201，更新返回 200。更新须带 If-Match，
    读取之后已有变化的不予更新。
    """
    words, organisations = call.body(), call.system.organisations
    org = organisations.spelled(words.pop("org"))
    known = call.system.carers.register(
        actor=call.actor,
        carer_id=carer_id,
        org=org,
        details=from_wire(CarerRegistered, words, at=""),
        basis=call.basis,
    )
    organisations.ensure(org, actor=call.actor)
    body = CarerKnown(carer_id=carer_id, version=known.version)
    return Answered(body=body, status=201 if known.first else 200, version=known.version)


@RESOURCE.operation("GET", ONE, zh="读取帮扶人", en="Read a carer", answers={200: Carer}, tells_version=True)
def get_carer(call: Call, carer_id: UUID) -> Answered:
    """Show a carer and how many children it looks after today.

    读取一名帮扶人及其今日结对人数。
    """
    carer = call.system.carers.load(carer_id)
    if carer.registered is None:
        raise Unknown(Fault(reason=NOT_FOUND))
    require(call.actor, Action.READ, org=carer.org)
    body = _shown(carer, carer.registered, local_day(call.system.now()))
    return Answered(body=body, version=carer.version)


def _shown(carer: streams.Carer, known: CarerRegistered, today: date) -> Carer:
    loads = {kind.value: carer.load(today, kind=kind) for kind in CarerKind}
    return Carer(
        carer_id=carer.carer_id,
        version=carer.version,
        org=carer.org,
        name=known.name,
        staff_no=known.staff_no,
        phone=known.phone,
        capacity=known.capacity,
        fewest=known.fewest,
        home_place=known.home_place,
        children_today={kind: count for kind, count in loads.items() if count},
    )
