"""The alerts that the watch raised: which go on, who has taken one on."""

from dataclasses import asdict, dataclass
from datetime import date

from application.access import Action
from application.alerts.listing import AlertListed
from domain.alert_kind import alert_kinds, label_of
from domain.card import Card
from domain.case_no import case_no_of
from domain.days import local_day
from domain.org import Step
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import columns, filters
from reports.people import children_of
from reports.report import WATCHED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

STATE = Filter(
    name="state",
    kind=Kind.WORD,
    title=Text(zh="状态", en="State"),
    text=Text(zh="未结或已结，默认全部", en="open or closed; all if left out"),
    words={"open": Text(zh="未结", en="open"), "closed": Text(zh="已结", en="closed")},
)
STEP = Filter(
    name="step",
    kind=Kind.WORD,
    title=Text(zh="级别", en="Step"),
    text=Text(zh="仅此级别", en="only this step"),
    words={step.value: Text(zh=step.zh, en=step.en) for step in Step},
)


KIND = Filter(
    name="kind",
    kind=Kind.WORD,
    title=Text(zh="类别", en="Kind"),
    text=Text(zh="仅此类别", en="only this kind"),
    words={name: kind.label for name, kind in alert_kinds().items()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An alert; its child, where the reader may know it; how long it has lasted by `day`, while open."""

    alert: AlertListed
    child: Card | None
    days_silent: int | None
    day: date

    @property
    def case_no(self) -> str:
        """The case number of the child."""
        return case_no_of(self.alert.child_id)

    @property
    def student_no(self) -> str:
        """The student number of the child."""
        return (self.child.student_no or "") if self.child else ""

    @property
    def name(self) -> str:
        """The name of the child."""
        return (self.child.name or "") if self.child else ""


CASES: Table[Case] = Table(
    columns=(
        *columns.called(),
        Column(
            name="kind", title=Text(zh="类别", en="Kind"), of=lambda x: label_of(x.alert.kind), beside=True
        ),
        Column(name="step", title=Text(zh="级别", en="Step"), of=lambda x: Step.from_word(x.alert.step)),
        Column(name="open", title=Text(zh="未结", en="Open"), of=lambda x: x.alert.open),
        Column(name="days_silent", title=Text(zh="天数", en="Days"), of=lambda x: x.days_silent),
        Column(
            name="days_uncontacted",
            title=Text(zh="失联天数", en="Days silent"),
            of=lambda x: x.child.days_silent(x.day) if x.child and x.alert.open else None,
            beside=True,
        ),
        Column(
            name="days_child_unseen",
            title=Text(zh="未见面天数", en="Days unseen"),
            of=lambda x: x.child.days_child_unseen(x.day) if x.child and x.alert.open else None,
            beside=True,
        ),
        Column(name="since", title=Text(zh="起始", en="Since"), of=lambda x: x.alert.silent_since),
        Column(name="raised_at", title=Text(zh="预警时间", en="Raised at"), of=lambda x: x.alert.raised_at),
        Column(
            name="acknowledged", title=Text(zh="已确认", en="Taken on"), of=lambda x: x.alert.acknowledged
        ),
        Column(
            name="snoozed_until",
            title=Text(zh="推迟至", en="Snoozed until"),
            of=lambda x: x.alert.snoozed_until,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.alert.org),
    ),
    child=lambda case: case.child.child_id if case.child else None,
)


def read(asked: Asked) -> Found:
    """List the alerts of an organisation, the first raised first."""
    state, at = asked.word("state"), clocks(now=asked.system.now())
    found = asked.system.alerts.listed(
        actor=asked.actor,
        org=asked.org,
        is_open=None if state is None else state == "open",
        step=asked.word("step"),
        kind=asked.word("kind"),
        limit=asked.most,
    )
    children = children_of(asked, [alert.child_id for alert in found])
    today = local_day(asked.system.now())
    cases = [
        Case(
            alert=alert,
            child=children.get(alert.child_id),
            days_silent=(today - alert.silent_since).days if alert.open else None,
            day=today,
        )
        for alert in found
    ]
    items = [
        {**asdict(each.alert), "case_no": each.case_no, "student_no": each.student_no, "name": each.name}
        for each in cases
    ]
    return Found(tables=(CASES.filled(cases),), population=WATCHED, clocks=at, answer={"items": items})


REPORT = Report(
    name="cases",
    title=Text(zh="预警个案", en="Alert cases"),
    text=Text(zh="已发出的预警，最早的在前", en="The alerts that were raised, the first raised first."),
    filters=(filters.ORG, STATE, STEP, KIND),
    tables=(CASES,),
    read=read,
    action=Action.READ,
    topic=Topic.WATCH,
    order=25,
)
