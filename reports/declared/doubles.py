"""Which files may be of one child, and what speaks for it."""

from application.access import Action
from application.children.doubles import Double, State, shown
from application.visibility import Sensitivity
from domain.doubles import LABELS
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.report import ENROLLED, Asked, Column, Filter, Found, Kind, Report, Table, Topic

STATE = Filter(
    name="state",
    kind=Kind.WORD,
    title=Text(zh="状态", en="State"),
    text=Text(zh="默认待核对的", en="those that nobody has looked at if left out"),
    words={each.value: Text(zh=each.zh, en=each.en) for each in State},
)
NONE_OPEN = Text(zh="没有疑似重复的档案。", en="No two files look like one child.")
NONE_APART = Text(zh="还没有确认过不是同一名的档案。", en="No files have been told apart yet.")


def _each(double: Double, name: str) -> tuple[object, ...]:
    return tuple(getattr(each, name) for each in double.children)


def _signs(names: tuple[str, ...]) -> tuple[Text, ...]:
    return tuple(LABELS[name] for name in names)


def _both(name: str, zh: str, en: str, sensitivity: Sensitivity = Sensitivity.OPEN) -> Column[Double]:
    return Column(
        name=name, title=Text(zh=zh, en=en), of=lambda x: _each(x, name), lines=True, sensitivity=sensitivity
    )


DOUBLES: Table[Double] = Table(
    columns=(
        Column(name="score", title=Text(zh="相似分", en="Score"), of=lambda x: x.likeness.score),
        _both("case_no", "个案编号", "Case no."),
        _both("name", "姓名", "Name", Sensitivity.PERSONAL),
        _both("student_no", "学籍号", "Student no.", Sensitivity.PERSONAL),
        _both("org", "机构", "Organisation"),
        Column(
            name="agrees",
            title=Text(zh="一致", en="Agrees"),
            of=lambda x: _signs(x.likeness.agrees),
            lines=True,
        ),
        Column(
            name="differs",
            title=Text(zh="不一致", en="Differs"),
            of=lambda x: _signs(x.likeness.differs),
            lines=True,
        ),
        Column(
            name="settled_by",
            title=Text(zh="核对人", en="Told apart by"),
            of=lambda x: x.settled_by,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="double_id", title=Text(zh="编号", en="Id"), of=lambda x: x.double_id),
    ),
    child=lambda double: double.children[0].child_id,
)


def read(asked: Asked) -> Found:
    """List pairs of files, those that have most in common first."""
    state = State.from_word(asked.word("state") or State.OPEN.value)
    found = asked.system.doubles.listed(
        actor=asked.actor,
        org=asked.org,
        state=state,
        unreadable=asked.reports.unreadable,
    )[: asked.most]
    return Found(
        tables=(DOUBLES.filled(found, empty=NONE_OPEN if state is State.OPEN else NONE_APART),),
        population=ENROLLED,
        clocks=clocks(now=asked.system.now()),
        notes=(),
        answer={"items": [shown(each) for each in found]},
    )


REPORT = Report(
    name="doubles",
    title=Text(zh="疑似重复的档案", en="Files that may be of one child"),
    text=Text(
        zh="姓名、出生日期、父母或监护人相同的几份档案，最相似的在前",
        en="Files that agree in name, birth date, parents or guardian, those with most in common first.",
    ),
    filters=(filters.ORG, STATE),
    tables=(DOUBLES,),
    read=read,
    action=Action.READ,
    topic=Topic.ENTRIES,
    order=74,
)
