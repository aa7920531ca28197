"""What an organisation has decided for itself: its plans with their milestones and drills, its regulations
with who signed for them, and how schools, teachers and pairings were assessed."""

from dataclasses import dataclass
from datetime import date

from application.access import Action
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.assessments.assessment import Assessment
from domain.streams.assessments.kind import KIND as ASSESSMENT
from domain.streams.plans.kind import KIND as PLAN
from domain.streams.plans.plan import Plan
from domain.streams.regulations.kind import KIND as REGULATION
from domain.streams.regulations.regulation import Regulation, RegulationVersion
from reports import filters
from reports.columns import open_, org
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan on a day."""

    org: str
    plan: Plan
    day: date

    @property
    def overdue(self) -> tuple[str, ...]:
        """The milestones that are due and not done."""
        return tuple(
            each.name for each in self.plan.milestones if each.done_on is None and each.due < self.day
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A version of a regulation."""

    org: str
    regulation: Regulation
    version: RegulationVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """An assessment."""

    org: str
    assessment: Assessment


def _points(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10


PLANS: Table[Planned] = Table(
    name="plans",
    title=Text(zh="计划与演练", en="Plans and drills"),
    columns=(
        open_("title", "名称", "Title", lambda x: x.plan.adopted.title if x.plan.adopted else None),
        open_("kind", "类型", "Kind", lambda x: x.plan.adopted.kind if x.plan.adopted else None),
        open_("last", "截止日期", "Until", lambda x: x.plan.last_day),
        open_("milestones", "节点", "Milestones", lambda x: len(x.plan.milestones)),
        open_("done", "已完成", "Done", lambda x: sum(m.done_on is not None for m in x.plan.milestones)),
        open_("overdue", "逾期未完成", "Due and not done", lambda x: x.overdue, lines=True),
        open_("drills", "演练（次）", "Drills", lambda x: len(x.plan.drills)),
        open_("outcome", "结果", "Outcome", lambda x: x.plan.closed.outcome if x.plan.closed else None),
        org(),
    ),
)
REGULATIONS: Table[Ruled] = Table(
    name="regulations",
    title=Text(zh="制度", en="Regulations"),
    columns=(
        open_("title", "名称", "Title", lambda x: x.regulation.issued.title if x.regulation.issued else None),
        open_("version", "版本", "Version", lambda x: x.version.version),
        open_("valid_from", "生效日期", "Valid from", lambda x: x.version.valid_from),
        open_("until", "失效日期", "Until before", lambda x: x.version.until),
        open_(
            "signed",
            "签收（人）",
            "Signed by (people)",
            lambda x: x.regulation.signed.get(x.version.version, 0),
        ),
        open_("sha256", "文本摘要", "SHA-256 of the text", lambda x: x.version.sha256),
        org(),
    ),
)
ASSESSMENTS: Table[Assessed] = Table(
    title=Text(zh="考核", en="Assessments"),
    columns=(
        open_("title", "名称", "Title", lambda x: x.assessment.opened.title),
        open_("subject", "考核对象", "Subject", lambda x: x.assessment.opened.subject),
        open_("first", "起始日期", "From", lambda x: x.assessment.opened.first),
        open_("last", "截止日期", "To", lambda x: x.assessment.opened.last),
        open_("self_score", "自评分", "Own points", lambda x: _points(x.assessment.self_score)),
        open_("group_score", "考核分", "Points", lambda x: _points(x.assessment.group_score)),
        open_("grade", "等次", "Grade", lambda x: x.assessment.closed.grade if x.assessment.closed else None),
        open_("appeals", "申诉（件）", "Appeals", lambda x: len(x.assessment.appeals)),
        open_(
            "waiting",
            "待答复",
            "Waiting for an answer",
            lambda x: sum(upheld is None for upheld in x.assessment.appeals.values()),
        ),
        org(),
    ),
)


def read(asked: Asked) -> Found:
    """List what stands in an organisation and below."""
    at = clocks(now=asked.system.now())
    plans = [Planned(org=where, plan=plan, day=at.as_of) for where, plan in streams_of(asked, PLAN)]
    ruled = [
        Ruled(org=where, regulation=regulation, version=version)
        for where, regulation in streams_of(asked, REGULATION)
        for version in regulation.versions
    ]
    assessed = [Assessed(org=where, assessment=each) for where, each in streams_of(asked, ASSESSMENT)]
    return Found(
        tables=(
            PLANS.filled(sorted(plans, key=lambda x: (x.org, x.plan.stream_id))),
            REGULATIONS.filled(sorted(ruled, key=lambda x: (x.org, x.version.valid_from))),
            ASSESSMENTS.filled(sorted(assessed, key=lambda x: (x.org, x.assessment.stream_id))),
        ),
        population=ENROLLED,
        clocks=at,
        notes=(),
    )


REPORT = Report(
    name="standing",
    title=Text(zh="计划、制度与考核", en="Plans, regulations, assessments"),
    text=Text(
        zh="计划节点与演练、制度版本与签收、考核结果，不含人名",
        en="Milestones and drills, versions and who knows them, results of assessments; nobody is named.",
    ),
    filters=(filters.ORG,),
    tables=(PLANS, REGULATIONS, ASSESSMENTS),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=135,
)
