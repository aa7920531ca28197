"""Campaigns: timeline, budget, volunteers and their vetting, the choice of a place, publicity."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.access import Action
from application.readable import readable
from domain.care_actions.consent_recorded import ConsentScope
from domain.child import Child
from domain.choices import VettingResult
from domain.ledger.facts import fold
from domain.refusal import Text
from domain.rules.clocks import clocks
from domain.streams.campaigns.campaign import Campaign, Site, StepStands, Volunteer
from domain.streams.campaigns.course import PublicityGiven
from domain.streams.campaigns.kind import KIND
from reports import filters
from reports.columns import money, open_, org, personal
from reports.report import ENROLLED, Asked, Found, Report, Table, Topic
from reports.streams import streams_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A campaign on a day."""

    org: str
    campaign: Campaign
    day: date

    @property
    def title(self) -> str:
        """What it is called."""
        return self.campaign.planned.title if self.campaign.planned else ""

    @property
    def coming(self) -> list[Volunteer]:
        """The volunteers who did not withdraw."""
        return [each for each in self.campaign.volunteers if not each.withdrew]

    @property
    def left_fen(self) -> int | None:
        """What is left of the budget, in fen; below zero where more was spent."""
        budget = self.campaign.planned.budget_fen if self.campaign.planned else None
        return None if budget is None else budget - self.campaign.spent_fen

    def vetted(self, who: Volunteer) -> bool:
        """Return whether somebody is vetted on that day, and clear."""
        return who.vetted is VettingResult.CLEAR and (who.valid_to is None or self.day <= who.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """A step of a campaign."""

    run: Run
    step: StepStands


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """A volunteer of a campaign."""

    run: Run
    who: Volunteer


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A place of a campaign."""

    run: Run
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told to the public; `unasked` are the children shown without a consent that held that day."""

    run: Run
    day: date
    said: PublicityGiven
    unasked: int


CAMPAIGNS: Table[Run] = Table(
    name="campaigns",
    title=Text(zh="专项活动", en="Campaigns"),
    columns=(
        open_("title", "名称", "Title", lambda x: x.title),
        open_("kind", "类型", "Kind", lambda x: x.campaign.planned.kind),
        open_("first", "起始日期", "From", lambda x: x.campaign.planned.first),
        open_("last", "截止日期", "Until", lambda x: x.campaign.planned.last),
        open_("steps", "步骤", "Steps", lambda x: len(x.campaign.steps)),
        open_("done", "已完成", "Done", lambda x: sum(s.done_on is not None for s in x.campaign.steps)),
        money("budget", "预算", "Budget", lambda x: x.campaign.planned.budget_fen),
        money("spent", "支出", "Spent", lambda x: x.campaign.spent_fen),
        money("left", "结余", "Left", lambda x: x.left_fen),
        open_("over_budget", "超预算", "Over budget", lambda x: x.campaign.over_budget),
        open_("volunteers", "志愿者（人）", "Volunteers", lambda x: len(x.coming)),
        open_(
            "not_vetted",
            "未通过审查（人）",
            "Not vetted",
            lambda x: sum(not x.vetted(who) for who in x.coming),
        ),
        open_("places", "选定地点", "Places chosen", lambda x: tuple(_chosen(x)), lines=True),
        org(),
    ),
)
STEPS: Table[Stepped] = Table(
    name="timeline",
    title=Text(zh="日程", en="Timeline"),
    columns=(
        open_("campaign", "活动", "Campaign", lambda x: x.run.title),
        open_("first", "日期", "Day", lambda x: x.step.first),
        open_("last", "截止日期", "Until", lambda x: x.step.last),
        open_("step", "步骤", "Step", lambda x: x.step.name),
        open_("done_on", "完成日期", "Done on", lambda x: x.step.done_on),
        open_("late", "逾期完成", "Done late", lambda x: x.step.late),
        open_("heads", "人数", "Heads", lambda x: x.step.heads),
    ),
)
VOLUNTEERS: Table[Enlisted] = Table(
    name="volunteers",
    title=Text(zh="志愿者", en="Volunteers"),
    columns=(
        open_("campaign", "活动", "Campaign", lambda x: x.run.title),
        personal("name", "姓名", "Name", lambda x: x.who.name),
        open_("unit", "班级或单位", "Class or office", lambda x: x.who.unit),
        open_("team", "小组", "Team", lambda x: x.who.team),
        open_("fit", "已作健康申报", "Health declared", lambda x: x.who.fit),
        personal("vetted", "审查结果", "Vetting", lambda x: x.who.vetted),
        open_("vetted_on", "审查日期", "Vetted on", lambda x: x.who.vetted_on),
        open_("valid_to", "有效期至", "Valid to", lambda x: x.who.valid_to),
        open_("vetted_now", "审查有效", "Vetting holds", lambda x: x.run.vetted(x.who)),
    ),
)
SITES: Table[Placed] = Table(
    name="sites",
    title=Text(zh="选点", en="Choice of places"),
    columns=(
        open_("campaign", "活动", "Campaign", lambda x: x.run.title),
        open_("rank", "排序", "Rank", lambda x: x.site.rank),
        open_("place", "地点", "Place", lambda x: x.site.place),
        open_("left_behind", "留守儿童（人）", "Children left behind", lambda x: x.site.left_behind),
        open_("poor", "贫困家庭（户）", "Poor households", lambda x: x.site.poor),
        open_("minutes_away", "单程（分钟）", "Minutes one way", lambda x: x.site.minutes_away),
        open_("same_day", "可当日往返", "There and back in a day", lambda x: x.site.same_day),
        open_("chosen", "选定", "Chosen", lambda x: x.site.chosen),
    ),
)
PUBLICITY: Table[Told] = Table(
    title=Text(zh="宣传", en="Publicity"),
    columns=(
        open_("day", "日期", "Day", lambda x: x.day),
        open_("campaign", "活动", "Campaign", lambda x: x.run.title),
        open_("channel", "渠道", "Channel", lambda x: x.said.channel),
        open_("title", "标题", "Title", lambda x: x.said.title),
        open_("outlet", "媒体或地点", "Outlet or place", lambda x: x.said.outlet),
        open_("leaflets", "资料（份）", "Leaflets", lambda x: x.said.leaflets),
        open_("banners", "横幅（条）", "Banners", lambda x: x.said.banners),
        open_("times", "期数或场次", "Issues or times", lambda x: x.said.times),
        open_("reach", "覆盖人数", "People reached", lambda x: x.said.reach),
        open_("approximate", "约数", "At least so much", lambda x: x.said.approximate),
        open_("children", "可辨认的儿童（人）", "Children shown", lambda x: len(set(x.said.children))),
        open_("unasked", "未经同意（人）", "Without consent", lambda x: x.unasked),
        org(lambda x: x.run.org),
    ),
)


def _chosen(run: Run) -> Iterator[str]:
    return (site.place for site in run.campaign.sites if site.chosen)


def read(asked: Asked) -> Found:
    """List the campaigns of an organisation and below, by their first day."""
    at = clocks(now=asked.system.now())
    runs = [
        Run(org=where, campaign=each, day=at.as_of) for where, each in streams_of(asked, KIND) if each.planned
    ]
    runs.sort(key=lambda x: (x.campaign.planned.first if x.campaign.planned else at.as_of, x.title))
    return Found(
        tables=(
            CAMPAIGNS.filled(runs),
            STEPS.filled([Stepped(run=x, step=each) for x in runs for each in x.campaign.steps]),
            VOLUNTEERS.filled([Enlisted(run=x, who=each) for x in runs for each in x.coming]),
            SITES.filled([Placed(run=x, site=each) for x in runs for each in x.campaign.sites]),
            PUBLICITY.filled(_publicity(asked, runs)),
        ),
        population=ENROLLED,
        clocks=at,
        notes=(),
    )


def _publicity(asked: Asked, runs: list[Run]) -> list[Told]:
    told = [(run, fact.day, said) for run in runs for fact, said in run.campaign.of(PublicityGiven)]
    shown = {child for _, _, said in told for child in said.children}
    children = _files(asked, shown)
    rows = [
        Told(
            run=run,
            day=day,
            said=said,
            unasked=sum(not _agreed(children.get(child), day) for child in set(said.children)),
        )
        for run, day, said in told
    ]
    return sorted(rows, key=lambda x: (x.day, x.run.title))


def _files(asked: Asked, ids: Collection[UUID]) -> Mapping[UUID, Child]:
    read_ = readable(asked.system.log, sorted(ids), unreadable=asked.reports.unreadable)
    return {child_id: fold(Child, child_id, events) for child_id, events in read_}


def _agreed(child: Child | None, day: date) -> bool:
    """Return whether a consent to publicity held on a day; of whom nothing is known none did."""
    if child is None:
        return False
    gone = {said.consent: fact.day for fact, said in child.of("consent_withdrawn")}
    return any(
        said.scope is ConsentScope.PUBLICITY
        and fact.day <= day
        and (said.until is None or day <= said.until)
        and (fact.event_id not in gone or day < gone[fact.event_id])
        for fact, said in child.of("consent_recorded")
    )


REPORT = Report(
    name="campaigns",
    title=Text(zh="专项活动与宣传", en="Campaigns and publicity"),
    text=Text(
        zh="专项活动的日程、预算、志愿者审查与选点，宣传的渠道与份数，及是否经同意",
        en="Timeline, budget, volunteers, places; publicity with its numbers and whether consent was given.",
    ),
    filters=(filters.ORG,),
    tables=(CAMPAIGNS, STEPS, VOLUNTEERS, SITES, PUBLICITY),
    read=read,
    action=Action.READ,
    topic=Topic.WORK,
    order=136,
)
