"""One child: enrolling it, reading it, recording what was done for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec

from api.alike import Enrolled, hinting
from api.answer import (
    Answer,
    CaseNo,
    ChildId,
    Clocks,
    EventId,
    MergedInto,
    Noted,
    Org,
    Version,
    detailed,
    personal,
    shown,
)
from api.left_behind import LeftBehind, left_behind
from api.operation import CARE, CHANNEL, CLOCKS, IF_MATCH, IF_NEW, IF_STILL
from api.reading import read_stream
from api.reasons_to_visit import ReasonToVisit, reasons_to_visit
from api.recording import Quarantined, Recorded, submit_one
from api.resource import Answered, Call, Resource
from api.silence import DaysUnseen, LastContact, SilenceRestsOn, UnseenRestsOn, last_contact, silences
from api.submissions import ENROLMENT, EnrolmentIn, enrolment, event
from application.access import Action
from application.intake.submission import Submissions, occurred_as_said
from application.reports.notes import NOTHING_KNOWN, of_day
from domain import family
from domain.card import Card, card_of, held
from domain.care_action import Shown
from domain.care_views import Pairing
from domain.case_no import case_no_of
from domain.catalogue import care_actions_by_type, shown_of_a_child
from domain.choices import CarerKind, GuardianKind, Line
from domain.days import end_of_day
from domain.decisions import CHECKS
from domain.org import checked_path
from domain.placements import placements
from domain.reasons import RESERVED_ID
from domain.rules.clocks import Clocks as ResolvedClocks
from domain.streams.carers.carer import Called, name_at
from domain.streams.children.kind import KIND
from domain.streams.organisations.unit import Extension
from domain.watched import POPULATION, Ground, ground_on

RESOURCE = Resource(
    guide="clients#5-a-history-and-a-verdict-by-two-clocks",
    tag="children",
    zh="档案、关爱记录与历史",
    en="Files of children, care actions, histories and verdicts.",
)
ONE = "/v1/children/{child_id:uuid}"
_OPENING = (CHECKS.days, CHECKS.opening, KIND.already_open, KIND.by_type[ENROLMENT.TYPE].check)
Start = Annotated[date, shown("开始日", "Start")]


class CareSpan(Answer):
    """Days on which the child was in care."""

    start: Start
    last: Annotated[
        date | None,
        shown("最后一日", "Last day", "Inclusive: the day before care ends, also one that is to come."),
    ]
    event_id: EventId


class ChildPairing(Answer):
    """That a carer looks after the child."""

    event_id: EventId
    carer: Annotated[UUID, shown("帮扶人编号", "Id of the carer")]
    carer_name: Annotated[str | None, personal("帮扶人姓名", "Name of the carer")]
    kind: Annotated[CarerKind, shown("结对类型", "Kind of carer")]
    start: Start
    end: Annotated[date | None, shown("结束日", "End", "The first day on which it no longer holds.")]
    active: Annotated[bool, shown("有效", "Active", "Whether it holds on the day asked about.")]


class Placement(Answer):
    """That the child belongs to an organisation."""

    line: Annotated[Line, shown("条线", "Line", "Of each line one place holds at a time.")]
    org: Org
    from_: Annotated[date, shown("开始日", "From", "The first day.")]
    to: Annotated[date | None, shown("截止日", "To", "The last day; null while it holds.")]


class CarerAtHome(Answer):
    """Somebody who looks after the child at home."""

    event_id: EventId
    name: Annotated[str | None, personal("姓名", "Name")]
    relation: Annotated[str | None, personal("与儿童关系", "Relation")]
    kind: Annotated[
        GuardianKind | None, shown("监护类型", "Kind", "On what footing; null where nobody said.")
    ]
    from_: Annotated[date, shown("开始日", "From", "The first day.")]
    to: Annotated[date | None, shown("截止日", "To", "The last day; null while it holds.")]


class Household(Answer):
    """The household that the child lives in."""

    id: Annotated[UUID, shown("家庭编号", "Id of the household")]


class ContradictionOfDay(Answer):
    """Two entries of one day that say different things of a field; that of the later one holds."""

    day: Annotated[date, shown("日期", "Day")]
    field: Annotated[str, shown("字段", "Field")]
    earlier: Annotated[UUID, shown("较早的事件", "Earlier event")]
    later: Annotated[UUID, shown("较晚的事件", "Later event")]


class Watched(Answer):
    """Whether the child is watched, and why."""

    population: Annotated[str, shown("关注范围", "Population", "Who is watched everywhere.")]
    watched: Annotated[bool, shown("在关注范围内", "Watched")]
    ground: Annotated[Ground | None, shown("原因", "Ground", "Why; null where it is not.")]


class _Child(Noted, kw_only=True):
    """A child as it is on a day, as known at a moment; what is not known is null."""

    child_id: ChildId
    version: Version
    case_no: CaseNo
    org: Annotated[
        Org | None,
        shown(
            "机构",
            "Organisation",
            "The school where it belongs now; null where it is in none. Whoever may read one of its present "
            "`placements` may read it.",
        ),
    ]
    placements: Annotated[
        list[Placement], shown("归属", "Placements", "Where it belonged and belongs, in order of time.")
    ]
    profile: Annotated[
        dict[str, Any] | None,
        personal("基本情况", "Profile", "As it was enrolled and mended."),
        detailed(ENROLMENT),
    ]
    merged_into: MergedInto
    in_care: Annotated[bool, shown("在册", "In care", "On the day asked about.")]
    spans: Annotated[list[CareSpan], shown("在册时段", "Spans in care")]
    care_at_home: Annotated[
        list[CarerAtHome] | None,
        shown(
            "家中照料人",
            "Care at home",
            "Who looks after it at home, beside legal guardians and parents. Null where nobody said; an "
            "empty list says that nobody does.",
        ),
    ]
    household: Annotated[
        Household | None, shown("家庭", "Household", "That which lists it; null where none does.")
    ]
    incidents: Annotated[
        list[UUID],
        shown("强制报告", "Incidents", "Those that name it and that the key may read, as things are now."),
    ]
    pairings: Annotated[list[ChildPairing], shown("结对", "Pairings", "Also those that have ended.")]
    reasons_to_visit: Annotated[list[ReasonToVisit], shown("必访情形", "Reasons to visit", "Those open.")]
    last_contact: Annotated[LastContact | None, shown("最近联系", "Last contact")]
    last_sighting: Annotated[LastContact | None, shown("最近见面", "Last sighting")]
    days_silent: Annotated[int | None, shown("未联系天数", "Days silent", "Null where it is not in care.")]
    silence_rests_on: SilenceRestsOn
    days_child_unseen: DaysUnseen
    unseen_rests_on: UnseenRestsOn
    contradictions: Annotated[list[ContradictionOfDay], shown("同日不一致", "Contradictions")]
    left_behind: Annotated[LeftBehind, shown("留守", "Left behind")]
    watched: Annotated[Watched, shown("关注", "Watched")]
    clocks: Annotated[Clocks, shown("时点", "Clocks", "What the answer goes by.")]


def _of_types() -> list[tuple[str, Any]]:
    """Declare what types of care action show in the state of a child."""
    found: list[tuple[str, Any]] = []
    for action in care_actions_by_type().values():
        if (shows := action.shows) is not None:
            of = detailed(action.details)
            one = Annotated[
                dict[str, Any] | None, personal("当前记录", "What holds", "Null where nothing does."), of
            ]
            many = Annotated[list[dict[str, Any]], personal("当前记录", "What holds"), of]
            found.append((shows.name, many if shows.many else one))
    return found


def _order() -> tuple[str, ...]:
    """Return the fields in order as far as those that types show, which stand after the pairings."""
    names = _Child.__struct_fields__
    first = names[: names.index("pairings") + 1]
    return (*(name for name in first if name != "notes"), *(each.name for each in shown_of_a_child()))


Child: Any = msgspec.defstruct(
    "Child",
    _of_types(),
    bases=(_Child,),
    kw_only=True,
    namespace={"__doc__": _Child.__doc__, "ORDER": _order()},
)


@RESOURCE.operation(
    "PUT",
    ONE,
    zh="建档",
    en="Enrol a child",
    by_type=True,
    request=EnrolmentIn,
    answers={201: Enrolled, 200: Enrolled, 202: Quarantined},
    params=(IF_STILL, IF_NEW, CHANNEL),
    action=Action.SUBMIT,
    uses=(Submissions.submit, occurred_as_said, checked_path, RESERVED_ID, *_OPENING),
    tells_version=True,
    leads_to=("get_child", "list_child_history"),
)
def enrol_child(call: Call, child_id: UUID) -> Answered:
    """Open the file of a child under an id that the client has chosen; twice is once.

    `may_be` names files that may be of the same child: nobody is refused for it.

    以客户端选定的编号为儿童建档，重复提交只登记一次。may_be 列出可能是同一名儿童的档案，仅供核对。
    """
    words, event_id = call.context.body(call.req), uuid5(child_id, ENROLMENT.TYPE)
    submission = enrolment(words, child_id=child_id, event_id=event_id, based_on=call.version)
    return hinting(call, submit_one(call, submission), child_id)


@RESOURCE.operation(
    "PUT",
    ONE + "/events/{event_id:uuid}",
    zh="登记",
    en="Record a care action",
    by_type=True,
    request="Event",
    answers={201: Recorded, 200: Recorded, 202: Quarantined},
    params=(IF_MATCH, CHANNEL),
    action=Action.SUBMIT,
    uses=(Submissions.submit, occurred_as_said, checked_path, RESERVED_ID),
    codes=(CARE,),
    tells_version=True,
    leads_to=("get_child", "list_child_history"),
)
def record_event(call: Call, child_id: UUID, event_id: UUID) -> Answered:
    """Record what happened; twice is once. Decisions need If-Match; a fact with one is held to it.

    登记一次关爱行动，重复提交只登记一次。决定类事件必须带 If-Match；事实类事件带了也会核对。
    """
    words = call.context.body(call.req)
    return submit_one(call, event(words, child_id=child_id, event_id=event_id, based_on=call.version))


@RESOURCE.operation(
    "GET",
    ONE,
    zh="读取档案",
    en="Read a child",
    answers={200: Child},
    params=CLOCKS,
    tells_version=True,
    leads_to=("list_child_history", "list_child_verdicts"),
)
def get_child(call: Call, child_id: UUID) -> Answered:
    """Show what is true of a day as known at a moment. The ETag of the present state is its version.

    按某日的事实、某一时刻所知读取档案。当前档案的 ETag 即其版本。
    """
    read = read_stream(call.req, call.system, call.system.record, child_id)
    card = card_of(read.state, last=read.last)
    (body,) = states_shown(call, [card], clocks=read.clocks, current=read.current)
    return Answered(body=body, version=read.state.version if read.current else None)


def states_shown(
    call: Call, found: Sequence[Card], *, clocks: ResolvedClocks, current: bool = False
) -> list[Answer]:
    """Write the states of some children under these clocks, with the names of carers of their own counties.

    `current` is whether that is how they stand now: then carers go by their latest names.
    """
    system, day = call.system, clocks.as_of
    carers = {pairing.carer: None for child in found for pairing in child.pairings}
    counties = {county for child in found for county in child.counties}
    said = _Said(
        clocks=clocks,
        shown=Clocks.of(clocks),
        moment=None if current else min(end_of_day(day), clocks.as_known_at),
        called=system.carers.called(list(carers), counties=counties),
        households=system.of_others.households(
            {child.child_id: child for child in found}, as_of=day, known_at=clocks.as_known_at
        ),
        incidents=system.of_others.incidents([child.child_id for child in found], actor=call.actor),
        extensions=system.organisations.governance.extensions({o for child in found for o in child.orgs}),
    )
    notes = [*of_day(day, now=system.now())]
    some, nothing = call.notes(notes), call.notes([*notes, NOTHING_KNOWN])
    return [_shown(child, said, notes=nothing if child.last_day is None else some) for child in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What is said of every child of one answer: by which clocks, and who its carers and units are.

    `moment` is that by which carers are named; None is now.
    """

    clocks: ResolvedClocks
    shown: Clocks
    moment: datetime | None
    called: Mapping[UUID, Called]
    households: Mapping[UUID, UUID]
    incidents: Mapping[UUID, Sequence[UUID]]
    extensions: Sequence[Extension]


def _shown(child: Card, said: _Said, *, notes: Any) -> Answer:
    """Write the state; what is not known is null."""
    day, at_home = said.clocks.as_of, child.care_at_home
    watching = ground_on(child, day, extensions=said.extensions, known_at=said.clocks.as_known_at)
    shown_by_types, places = held(child), placements(child)
    made: Answer = Child(
        child_id=child.child_id,
        version=child.version,
        case_no=case_no_of(child.child_id),
        org=next((each.org for each in places if each.line is Line.SCHOOL and each.last is None), None),
        placements=[Placement.of(each, from_=each.first, to=each.last) for each in places],
        profile=child.profile,
        merged_into=child.merged_into,
        in_care=child.in_care(day),
        spans=[CareSpan.of(span) for span in child.spans],
        care_at_home=None if at_home is None else [_at_home(each) for each in at_home],
        household=None if (home := said.households.get(child.child_id)) is None else Household(id=home),
        incidents=list(said.incidents.get(child.child_id, ())),
        pairings=[
            _pairing(p, day, name=_carer_name(said.called.get(p.carer, ()), said.moment))
            for p in child.pairings
        ],
        **{each.name: _of_type(each, shown_by_types[each.name]) for each in shown_of_a_child()},
        reasons_to_visit=reasons_to_visit(child),
        last_contact=last_contact(child.last_contact),
        last_sighting=last_contact(child.last_sighting),
        **silences(child, day),
        contradictions=[ContradictionOfDay.of(each) for each in child.contradictions],
        left_behind=left_behind(child, day),
        watched=_watched(watching if child.in_care(day) else None),
        clocks=said.shown,
        notes=notes,
    )
    return made


def _watched(ground: Ground | None) -> Watched:
    return Watched(population=POPULATION, watched=ground is not None, ground=ground)


def _pairing(pairing: Pairing, day: date, *, name: str | None) -> ChildPairing:
    return ChildPairing.of(pairing, carer_name=name, active=pairing.holds(day))


def _at_home(carer: family.CarerAtHome) -> CarerAtHome:
    return CarerAtHome.of(carer, from_=carer.start, to=None)


def _of_type(shown: Shown, found: list[dict[str, Any]]) -> object:
    return found if shown.many else next(iter(found), None)


def _carer_name(called: Called, moment: datetime | None) -> str | None:
    """Return the name of a carer at a moment; the newest where the present is asked about."""
    if moment is None:
        return called[-1][1] if called else None
    return name_at(called, moment)
