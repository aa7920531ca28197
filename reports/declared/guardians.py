"""Guardians: letters of responsibility and entrustments that were signed, trainings that were attended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.choices import ActivityKind
from domain.org import school_of
from domain.refusal import Text
from domain.rules.clocks import clocks
from reports import filters
from reports.columns import case_no, named, open_, org, percent, personal
from reports.filters import between
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic
from reports.sheets import Sheet, sheets

_TRAININGS = (ActivityKind.TRAINING, ActivityKind.GUARDIANS_MEETING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A child with what was signed for it by whoever looks after it, and whether they were trained."""

    sheet: Sheet
    signed_on: date | None
    refused: bool
    entrusted: bool
    trained: bool

    @property
    def guardian(self) -> tuple[str, str]:
        """Who looks after the child: the same name and telephone are the same person."""
        cares = self.sheet.at_home
        return (getattr(cares, "name", None) or "", getattr(cares, "phone", None) or "")


@dataclass(slots=True, kw_only=True)
class OfSchool:
    """The children of a school, those with a letter and an entrustment; its guardians, those trained."""

    org: str
    children: int = 0
    signed: int = 0
    entrusted: int = 0
    guardians: int = 0
    trained: int = 0


SCHOOLS: Table[OfSchool] = Table(
    name="schools",
    title=Text(zh="各校", en="By school"),
    columns=(
        org(),
        open_("children", "在册儿童", "Children in care", lambda x: x.children),
        open_("signed", "有效责任书", "Letters in force", lambda x: x.signed),
        percent("signed_percent", "责任书签订率", "Letters", lambda x: (x.signed, x.children)),
        open_("entrusted", "委托照护", "Entrusted", lambda x: x.entrusted),
        open_("guardians", "照料人（不重复）", "Who cares (each once)", lambda x: x.guardians),
        open_("trained", "参加过培训的照料人", "Of these trained", lambda x: x.trained),
        percent("trained_percent", "培训率", "Trained", lambda x: (x.trained, x.guardians)),
    ),
)
CHILDREN: Table[Guarded] = Table(
    title=Text(zh="无有效责任书的儿童", en="Without a letter in force"),
    columns=(
        case_no(lambda x: x.sheet.child_id),
        named(lambda x: x.sheet.said("name")),
        personal("carer", "照料人", "Who cares at home", lambda x: x.guardian[0]),
        personal("carer_phone", "电话", "Telephone", lambda x: x.guardian[1]),
        open_("refused", "拒签", "Refused", lambda x: x.refused),
        open_("trained", "参加过培训", "Trained", lambda x: x.trained),
        org(lambda x: x.sheet.org),
    ),
    child=lambda row: row.sheet.child_id,
)


def read(asked: Asked) -> Found:
    """Look at what was signed for the children in care, and who came to trainings in the days asked about."""
    at = clocks(now=asked.system.now())
    found = [_guarded(asked, sheet) for sheet in sheets(asked, at)]
    lacking = [each for each in found if each.signed_on is None]
    return Found(
        tables=(SCHOOLS.filled(_schools(found)), CHILDREN.filled(lacking)),
        population=IN_CARE,
        clocks=at,
        notes=() if found else None,
    )


def _guarded(asked: Asked, sheet: Sheet) -> Guarded:
    child = sheet.child
    letters = [(fact, said) for fact, said in child.of("responsibility_letter_signed")]
    valid = [
        fact.day
        for fact, said in letters
        if said.layer.value != "teacher" and not said.refused and (said.until or sheet.day) >= sheet.day
    ]
    entrusted = [said for _, said in child.of("entrustment_signed") if (said.until or sheet.day) >= sheet.day]
    return Guarded(
        sheet=sheet,
        signed_on=max(valid, default=None),
        refused=bool(letters) and bool(letters[-1][1].refused),
        entrusted=bool(entrusted),
        trained=any(
            said.kind in _TRAININGS and between(asked, fact.day)
            for fact, said in child.of("participation_recorded")
        ),
    )


def _schools(found: Iterable[Guarded]) -> list[OfSchool]:
    sums: dict[str, OfSchool] = {}
    people: dict[str, dict[tuple[str, str], bool]] = {}
    for each in found:
        school = school_of(each.sheet.org)
        row = sums.setdefault(school, OfSchool(org=school))
        row.children += 1
        row.signed += each.signed_on is not None
        row.entrusted += each.entrusted
        if each.guardian[0]:
            known = people.setdefault(school, {})
            known[each.guardian] = known.get(each.guardian, False) or each.trained
    for school, known in people.items():
        sums[school].guardians = len(known)
        sums[school].trained = sum(known.values())
    return list(sums.values())


REPORT = Report(
    name="guardians",
    title=Text(zh="监护人：责任书与培训", en="Guardians: letters and trainings"),
    text=Text(
        zh="责任书与委托照护的签订、照料人的培训，及尚未签订的名单",
        en="Letters and entrustments that were signed, who was trained, and who has signed nothing.",
    ),
    filters=(filters.ORG, filters.FROM, filters.TO),
    tables=(SCHOOLS, CHILDREN),
    read=read,
    action=Action.READ,
    topic=Topic.CHILDREN,
    order=129,
)
