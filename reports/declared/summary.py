"""An organisation in figures."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from application.reports.figures import Summary
from domain.catalogue import care_actions_by_type
from domain.refusal import Reason, Text
from domain.rules.clocks import clocks
from reports import filters
from reports.report import WATCHED, Asked, Column, Found, Report, Table, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of an organisation."""

    label: Text
    number: float | None


FIGURES: Table[Figure] = Table(
    columns=(
        Column(name="figure", title=Text(zh="项目", en="Figure"), of=lambda x: x.label),
        Column(name="number", title=Text(zh="数", en="Number"), of=lambda x: x.number),
    ),
)


def read(asked: Asked) -> Found:
    """Sum up an organisation as it is today."""
    found = asked.reports.summary(asked.org)
    return Found(
        tables=(FIGURES.filled(tuple(_figures(found))),),
        population=WATCHED,
        clocks=clocks(now=asked.system.now()),
        # A school without children is in figures all the same: say why they are zero.
        notes=() if found.roster.children else _nobody(asked),
        answer=asdict(found),
    )


def _nobody(asked: Asked) -> tuple[Reason, ...]:
    why = asked.reports.why_nobody(org=asked.org)
    return () if why is None else (why,)


def _figures(found: Summary) -> Iterator[Figure]:
    school, roster, log = found.school, found.roster, found.care_log
    about = school.pupils_approximate
    pupils = Text(zh="学生（约数，至少）", en="Pupils, at least") if about else Text(zh="学生", en="Pupils")
    yield Figure(label=pupils, number=school.pupils)
    yield Figure(label=Text(zh="留守儿童", en="Left-behind children"), number=school.left_behind)
    share = (
        Text(zh="占比（%，至多）", en="Share (%), at most") if about else Text(zh="占比（%）", en="Share (%)")
    )
    yield Figure(label=share, number=school.rate_percent)
    yield Figure(label=Text(zh="双亲外出", en="Both parents away"), number=school.both_parents_away)
    yield Figure(label=Text(zh="单亲外出", en="One parent away"), number=school.single_parent_away)
    unknown = Text(zh="父母去向不明", en="Whereabouts of a parent unknown")
    yield Figure(label=unknown, number=school.whereabouts_unknown)
    yield Figure(label=Text(zh="在册", en="In care"), number=roster.children)
    watched = Text(zh=f"关注（{found.population}）", en=f"Watched ({found.population})")
    yield Figure(label=watched, number=roster.watched)
    yield Figure(label=Text(zh="已结对", en="Paired"), number=roster.paired)
    yield Figure(label=Text(zh="未结对", en="Not paired"), number=roster.unpaired)
    yield Figure(label=Text(zh="帮扶人", en="Carers"), number=roster.carers)
    yield Figure(label=Text(zh="关爱记录", en="Care actions"), number=log.recorded)
    for word, number in log.per_type.items():
        yield Figure(label=_label(word), number=number)
    late = Text(zh="迟登超过 5 天", en="Written down more than 5 days late")
    yield Figure(label=late, number=log.late_over_5_days)


def _label(word: str) -> Text:
    """Return the label of a kind of care action, known by its first word in a care log."""
    actions = care_actions_by_type().values()
    return next(
        (Text(zh=word, en=a.label.en) for a in actions if word in a.paper[:1]), Text(zh=word, en=word)
    )


REPORT = Report(
    name="summary",
    title=Text(zh="概况", en="In figures"),
    text=Text(zh="学校概况", en="A school in figures."),
    filters=(filters.ONE_ORG,),
    tables=(FIGURES,),
    read=read,
    topic=Topic.CHILDREN,
    order=60,
)
