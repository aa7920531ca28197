"""Carers as persons: who was vetted, has learned what, and is away; and what programmes ask for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from application.access import Action
from domain.choices import VettingResult
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.carer_files.carer_file import CarerFile, Leave, Training, Vetting
from domain.streams.carer_files.kind import KIND as FILE
from domain.streams.carers.carer import Carer
from domain.streams.programmes.kind import KIND as PROGRAMME
from domain.streams.programmes.programme import Programme
from reports import filters
from reports.columns import open_, org, personal
from reports.filters import between
from reports.pairs import carers_of
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of

# A vetting without an end is good for a year: 未成年人保护法 62 asks for it each year.
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A carer with its file, where one was opened."""

    carer: Carer
    file: CarerFile | None
    day: date

    @property
    def vetting(self) -> Vetting | None:
        """The last vetting."""
        return self.file.vetting if self.file else None

    @property
    def due(self) -> bool:
        """Whether no vetting that was clear holds on that day."""
        last = self.vetting
        if last is None or last.result is not VettingResult.CLEAR:
            return True
        return self.day > (last.valid_to or last.vetted_on + A_YEAR)

    @property
    def trainings(self) -> Sequence[Training]:
        """The trainings, in the order of their days."""
        return self.file.trainings if self.file else ()

    @property
    def hours(self) -> float:
        """How long they took."""
        return round(sum(each.minutes for each in self.trainings) / 60, 2)

    @property
    def leave(self) -> Leave | None:
        """The leave on that day."""
        on = (each for each in (self.file.leaves if self.file else ()) if each.since <= self.day)
        return next((each for each in on if each.until is None or self.day < each.until), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A training of a carer."""

    person: Person
    training: Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How many children a class names for a programme."""

    org: str
    programme: Programme
    unit: str
    count: int

    @property
    def under(self) -> bool:
        """Whether these are fewer than the programme asks for."""
        said = self.programme.launched
        return said is not None and self.count < (said.fewest_named or 0)


def _name(person: Person) -> str | None:
    return person.carer.registered.name if person.carer.registered else None


CARERS: Table[Person] = Table(
    name="carers",
    title=Text(zh="审查、培训与请假", en="Vetting, training, leave"),
    columns=(
        personal("name", "姓名", "Name", _name),
        open_("trainings", "培训（次）", "Trainings", lambda x: len(x.trainings)),
        open_("hours", "学时", "Hours", lambda x: x.hours),
        personal("vetting", "审查结果", "Vetting", lambda x: x.vetting.result if x.vetting else None),
        open_("vetted_on", "审查日期", "Vetted on", lambda x: x.vetting.vetted_on if x.vetting else None),
        open_("valid_to", "有效期至", "Valid to", lambda x: x.vetting.valid_to if x.vetting else None),
        open_("vetting_due", "需审查", "Vetting due", lambda x: x.due),
        open_("away_since", "请假自", "Away since", lambda x: x.leave.since if x.leave else None),
        open_("away_until", "请假至", "Away until before", lambda x: x.leave.until if x.leave else None),
        open_("deputy", "代理人编号", "Deputy (carer id)", lambda x: x.leave.deputy if x.leave else None),
        open_("has_file", "已建档", "Has a file", lambda x: x.file is not None),
        org(lambda x: x.carer.org),
        open_("carer_id", "帮扶人编号", "Carer id", lambda x: x.carer.carer_id),
    ),
)
NOMINATIONS: Table[Named] = Table(
    name="nominations",
    title=Text(zh="各班推荐", en="Nominations by class"),
    columns=(
        open_("programme", "项目", "Programme", lambda x: x.programme.launched.title),
        open_("unit", "班级", "Class", lambda x: x.unit),
        open_("named", "推荐（名）", "Named", lambda x: x.count),
        open_("fewest", "最少", "At least", lambda x: x.programme.launched.fewest_named),
        open_("most", "最多", "At most", lambda x: x.programme.launched.most_named),
        open_("under", "低于下限", "Fewer than that", lambda x: x.under),
        org(),
    ),
)
TRAININGS: Table[Trained] = Table(
    title=Text(zh="培训", en="Trainings"),
    columns=(
        open_("day", "日期", "Day", lambda x: x.training.day),
        personal("name", "姓名", "Name", lambda x: _name(x.person)),
        open_("topic", "主题", "Topic", lambda x: x.training.topic),
        open_("trained_as", "培训对象", "Trained as", lambda x: x.training.trained_as),
        open_("minutes", "时长（分钟）", "Minutes", lambda x: x.training.minutes),
        open_("provider", "举办单位", "Held by", lambda x: x.training.provider),
        personal("certificate", "证书号", "Certificate", lambda x: x.training.certificate),
        org(lambda x: x.person.carer.org),
    ),
)


def read(asked: Asked) -> Found:
    """List the carers of an organisation and below with their vetting, and their trainings by day."""
    at = clocks(now=asked.system.now())
    people = sorted(_people(asked, at.as_of), key=lambda x: (x.carer.org, x.carer.carer_id))
    trained = [
        Trained(person=x, training=each) for x in people for each in x.trainings if between(asked, each.day)
    ]
    trained.sort(key=lambda x: (x.training.day, x.person.carer.carer_id))
    named = [
        Named(org=where, programme=each, unit=unit, count=count)
        for where, each in streams_of(asked, PROGRAMME)
        if each.launched
        for unit, count in each.by_unit.items()
    ]
    named.sort(key=lambda x: (x.org, x.programme.stream_id, x.unit))
    return Found(
        tables=(CARERS.filled(people), NOMINATIONS.filled(named), TRAININGS.filled(trained)),
        population=ENROLLED,
        clocks=at,
        notes=(),
    )


def _people(asked: Asked, day: date) -> Iterator[Person]:
    files = {file.carer: file for _, file in streams_of(asked, FILE)}
    for carer_id, carer in carers_of(asked, asked.org or asked.actor.org).items():
        yield Person(carer=carer, file=files.get(carer_id), day=day)


REPORT = Report(
    name="trainings",
    title=Text(zh="帮扶人审查与培训", en="Vetting and training of carers"),
    text=Text(
        zh="帮扶人的审查是否有效、参加过的培训、请假与代理，各班推荐人数",
        en="Whose vetting is due, who was trained in what, who is away, and whom classes name.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(CARERS, NOMINATIONS, TRAININGS),
    read=read,
    action=Action.READ,
    topic=Topic.CARERS,
    order=114,
)
