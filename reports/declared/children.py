"""Children, and how long nobody has reached them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from application.access import Action
from application.reports.lines import ChildLine
from application.visibility import Sensitivity
from domain.left_behind import LeftBehindClass
from domain.name_parts import Match
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import columns, filters
from reports.report import (
    ALL,
    ENROLLED,
    NOTHING,
    WATCHED,
    Asked,
    Column,
    Filter,
    Found,
    Kind,
    Report,
    Table,
    Topic,
)

UNCONTACTED = Filter(
    name="uncontacted_days",
    kind=Kind.WHOLE,
    title=Text(zh="失联不少于（天）", en="Silent for at least (days)"),
    text=Text(zh="失联不少于 N 天", en="silent for N days or more"),
    metavar="N",
)
UNSEEN = Filter(
    name="unseen_days",
    kind=Kind.WHOLE,
    title=Text(zh="未见面不少于（天）", en="Unseen for at least (days)"),
    text=Text(zh="未见面不少于 N 天", en="seen by nobody for N days or more"),
    metavar="N",
)
NAME = Filter(
    name="name",
    kind=Kind.WORD,
    title=Text(zh="姓名", en="Name"),
    text=Text(zh="姓名的一部分、拼音或首字母", en="part of a name, its pinyin or its initials"),
    private=True,
)
CHILDREN: Table[ChildLine] = Table(
    columns=(
        *columns.called(),
        Column(
            name="last_contact_on",
            title=Text(zh="最近联系", en="Last contact"),
            of=lambda x: x.last_contact_on,
        ),
        Column(name="days_silent", title=Text(zh="失联天数", en="Days silent"), of=lambda x: x.days_silent),
        Column(name="last_seen_on", title=Text(zh="最近见面", en="Last seen"), of=lambda x: x.last_seen_on),
        Column(
            name="days_child_unseen",
            title=Text(zh="未见面天数", en="Days unseen"),
            of=lambda x: x.days_child_unseen,
        ),
        Column(name="watched", title=Text(zh="关注依据", en="Watched as"), of=lambda x: x.ground),
        Column(
            name="left_behind",
            title=Text(zh="留守类别", en="Left behind"),
            of=lambda x: x.left_behind,
            beside=True,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.org, beside=True),
    ),
    child=lambda line: line.child_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine(ChildLine):
    """A child that was found by name, with how, and the former name that answers where its own doesn't."""

    match: Match
    former_name: str | None


NOBODY_CALLED_SO = Text(zh="没有姓名与此相符的儿童。", en="No child has such a name.")
FOUND: Table[Any] = Table(
    columns=(
        *CHILDREN.columns,
        Column(name="match", title=Text(zh="匹配", en="Match"), of=lambda x: x.match),
        Column(
            name="former_name",
            title=Text(zh="曾用名", en="Former name"),
            of=lambda x: x.former_name,
            sensitivity=Sensitivity.PERSONAL,
        ),
    ),
    child=lambda line: line.child_id,
)


def read(asked: Asked) -> Found:
    """List children with their silence at the end of a day."""
    days, on, counted = _silent(asked), asked.day("on"), _counted(asked)
    if (name := asked.word("name")) is not None:
        return _named(asked, name)
    if asked.most < ALL and not days and on is None and not counted:
        return _page(asked)
    found = asked.reports.children(org=asked.org, on=on, **days, **counted)
    return Found(
        tables=(CHILDREN.filled(found, empty=_nobody_silent(days)),),
        population=WATCHED if days else ENROLLED,
        clocks=clocks(now=asked.system.now(), as_of=on),
    )


def _silent(asked: Asked) -> dict[str, Any]:
    """Return for how many days at least nobody is to have reached or seen a child, as far as asked for."""
    found = {each.name: asked.whole(each.name) for each in (UNCONTACTED, UNSEEN)}
    return {name: days for name, days in found.items() if days is not None}


def _counted(asked: Asked) -> dict[str, Any]:
    """Return as what children are to count, and under which definition, as far as that was asked for."""
    counted: dict[str, Any] = {}
    if (definition := asked.word("definition")) is not None:
        counted["definition"] = definition
    if (counts_as := asked.word("left_behind")) is not None:
        counted["left_behind"] = LeftBehindClass.from_word(counts_as)
    return counted


def _named(asked: Asked, name: str) -> Found:
    """List those whose names answer to a text, the best answers first."""
    days, on = _silent(asked), asked.day("on")
    found = asked.system.name_search.page(name, actor=asked.actor, org=asked.org, limit=ALL)
    lines = asked.reports.children_of(
        [each.child_id for each in found.items],
        org=asked.org,
        on=on,
        **days,
        **_counted(asked),
    )
    rows = [
        FoundLine(**asdict(line), match=each.match, former_name=each.former_name)
        for each in found.items
        if (line := lines.get(each.child_id)) is not None
    ]
    return Found(
        tables=(FOUND.filled(rows, empty=NOBODY_CALLED_SO),),
        population=WATCHED if days else ENROLLED,
        clocks=clocks(now=asked.system.now(), as_of=on),
        notes=found.notes,
    )


def _page(asked: Asked) -> Found:
    """List the children of a page, class by class: nobody else's file is read."""
    total, found = asked.reports.children_page(
        org=asked.org, first=asked.unseen, limit=asked.most - asked.unseen
    )
    return Found(
        tables=(CHILDREN.filled(found),),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now()),
        notes=() if total else None,
        total=total,
        left_out=asked.unseen,
    )


def _nobody_silent(asked: Mapping[str, int]) -> Text:
    """Return what an empty list says."""
    if not asked:
        return NOTHING
    if (days := asked.get(UNSEEN.name)) is not None:
        return Text(zh=f"没有 {days} 天未见面的儿童。", en=f"No child has gone unseen for {days} days.")
    days = asked[UNCONTACTED.name]
    return Text(zh=f"没有失联达 {days} 天的儿童。", en=f"No child has gone {days} days without a contact.")


REPORT = Report(
    name="children",
    title=Text(zh="儿童", en="Children"),
    text=Text(zh="列出儿童与失联天数", en="List children and how long nobody has reached them."),
    filters=(NAME, UNCONTACTED, UNSEEN, filters.LEFT_BEHIND, filters.DEFINITION, filters.ON, filters.ORG),
    tables=(CHILDREN,),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=10,
)
