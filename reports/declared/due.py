"""What is still owed to whom: what runs out first stands first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from application.access import Action
from application.reports.duties import Duty, Owed, owed_to
from domain.normal import undotted
from domain.refusal import Text
from domain.rules.clocks import Clocks, clocks
from domain.streams.carers.carer import Carer
from reports import filters
from reports.columns import case_no, named, open_, org, personal
from reports.report import WATCHED, Asked, Evidence, Filter, Found, Kind, Report, Table, Topic
from reports.sheets import Sheet, sheets

CARER = Filter(
    name="carer",
    kind=Kind.WORD,
    title=Text(zh="帮扶人", en="Carer"),
    text=Text(zh="仅该姓名的帮扶人应做的", en="only what is to be done by the carer of this name"),
    private=True,
)
UNTIL = replace(
    filters.TO,
    title=Text(zh="到期（止）", en="Runs out until"),
    text=Text(zh="该日或之前到期的，默认全部", en="only what runs out on this day or earlier"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that is owed to a child, and the sheet of the child."""

    sheet: Sheet
    owed: Owed

    @property
    def child_id(self) -> object:
        """The id of the child."""
        return self.sheet.child_id

    @property
    def at_home(self) -> Any:
        """Whoever looks after it at home."""
        return self.sheet.at_home

    @property
    def duty(self) -> Duty:
        """What is owed."""
        return self.owed.duty

    @property
    def carers(self) -> tuple[Carer, ...]:
        """The carers by whom it has to be done."""
        return tuple(self.sheet.carers[i] for i in self.owed.carers if i in self.sheet.carers)

    @property
    def names(self) -> tuple[str, ...]:
        """What these carers are called."""
        return tuple(c.registered.name for c in self.carers if c.registered is not None and c.registered.name)

    @property
    def counted(self) -> tuple[Evidence, ...]:
        """What counted so far."""
        facts = (self.sheet.child.fact(event_id) for event_id in self.duty.counted)
        child_id = self.sheet.child_id
        return tuple(
            Evidence(child_id=child_id, event_id=f.event_id, day=f.day) for f in facts if f is not None
        )


DUTIES: Table[Row] = Table(
    columns=(
        open_("until", "截止日期", "Until", lambda x: x.duty.until),
        open_("days_left", "剩余", "Days left", lambda x: x.owed.days_left),
        case_no(),
        named(lambda x: x.sheet.said("name")),
        open_("class", "年级班级", "Class", lambda x: x.sheet.unit),
        open_("rule_id", "规则", "Rule", lambda x: x.duty.rule_id),
        open_("what", "应做事项", "What is owed", lambda x: x.duty.title),
        open_("missing", "尚缺", "Still missing", lambda x: x.duty.missing),
        open_("counted", "已计", "Counted, of", lambda x: x.counted),
        personal("carers", "由谁来做", "To be done by", lambda x: x.names, lines=True),
        personal("home_name", "照料人", "Who cares at home", lambda x: getattr(x.at_home, "name", None)),
        personal("home_phone", "照料人电话", "Telephone", lambda x: getattr(x.at_home, "phone", None)),
        personal("address", "家庭住址", "Address", lambda x: x.sheet.said("address")),
        open_("since", "起始日期", "Since", lambda x: x.duty.since),
        org(lambda x: x.sheet.school),
    ),
    child=lambda x: x.sheet.child_id,
)


def _rows(asked: Asked, at: Clocks, found: tuple[Sheet, ...]) -> Iterator[Row]:
    judge, name = asked.reports.judge_below(asked.org, at), asked.word("carer")
    for sheet in found:
        for owed in owed_to(sheet.child, judge, until=asked.day("to") or date.max):
            row = Row(sheet=sheet, owed=owed)
            if name is None or undotted(name) in map(undotted, row.names):
                yield row


def read(asked: Asked) -> Found:
    """List what is owed to the children in care of an organisation."""
    at = clocks(now=asked.system.now())
    found = sheets(asked, at)
    rows = sorted(
        _rows(asked, at, found), key=lambda x: (x.duty.until, x.sheet.org, x.sheet.said("name") or "")
    )
    return Found(tables=(DUTIES.filled(rows),), population=WATCHED, clocks=at, notes=() if found else None)


REPORT = Report(
    name="due",
    title=Text(zh="待办", en="What is due"),
    text=Text(
        zh="还欠哪名儿童什么、由谁做、到哪天为止，先到期的在前",
        en="What is still owed to which child, by whom and until when; what runs out first stands first.",
    ),
    filters=(filters.ORG, UNTIL, CARER),
    tables=(DUTIES,),
    read=read,
    action=Action.READ,
    topic=Topic.WATCH,
    order=25,
)
