"""By which ladders alerts ring in an organisation: each kind, from how many days on, or not at all."""

from typing import Annotated

from api import fields as f
from api.answer import Answer, Org, shown
from api.operation import IF_STILL, ORG, needed
from api.resource import Answered, Call, Resource
from api.schemas import Strict
from application.access import Action, require
from application.organisations.governance import Governance
from application.organisations.units import Units
from domain.alert_kind import alert_kinds
from domain.days import local_day
from domain.reasons import MISSING
from domain.refusal import invalid
from domain.streams.alerts.case import AlertKind
from domain.streams.organisations.ladders import AlertLadderSet

RESOURCE = Resource(
    guide="concepts-the-watch",
    tag="ladders",
    zh="预警级别",
    en="From how many days on alerts of each kind ring.",
)
MOST_DAYS = 1000


class LadderIn(Strict):
    """By which ladder alerts of a kind ring; without days by the one that the kind comes with."""

    org = f.Path(required=True, zh="机构", en="Organisation")
    kind = f.Word(choice=AlertKind, required=True, zh="预警类别", en="Kind of alert")
    on = f.Flag(zh="启用", en="On; true where it is left out")
    info = f.Whole(least=0, most=MOST_DAYS, zh="提示（天）", en="Info (days)")
    warning = f.Whole(least=0, most=MOST_DAYS, zh="预警（天）", en="Warning (days)")
    high = f.Whole(least=0, most=MOST_DAYS, zh="严重（天）", en="High (days)")
    critical = f.Whole(least=0, most=MOST_DAYS, zh="危急（天）", en="Critical (days)")
    reason = f.Text(longest=200, zh="原因", en="Reason")


class Ladder(Answer):
    """A kind of alert, and by which ladder it rings today."""

    kind: Annotated[str, shown("类别", "Kind", "Others may follow.")]
    zh: Annotated[str, shown("中文名称", "Name in Chinese")]
    en: Annotated[str, shown("英文名称", "Name in English")]
    on: Annotated[bool, shown("启用", "On", "Whether it rings here.")]
    required: Annotated[bool, shown("不可停用", "Required", "It can't be switched off.")]
    steps: Annotated[dict[str, int], shown("各级天数", "Steps", "Empty where it is off.")]
    set_by: Annotated[str | None, shown("设定机构", "Set by", "Null where it is the one it comes with.")]


class LadderList(Answer):
    """All kinds of alerts in an organisation, by its own word or that of the nearest one above it."""

    org: Org
    items: Annotated[list[Ladder], shown("条目", "Items")]


@RESOURCE.operation(
    "GET",
    "/v1/ladders",
    zh="读取预警级别",
    en="Read by which ladders alerts ring",
    answers={200: LadderList},
    params=(needed(ORG),),
    codes=(MISSING.code,),
    tells_version=True,
)
def list_ladders(call: Call) -> Answered:
    """List all kinds of alerts with the ladder by which each rings here today.

    The ETag is the version of what this organisation said itself, `"0"` where it never did.

    列出各类预警及其在本机构今日适用的级别。
    """
    asked, organisations = call.asked(ORG), call.system.organisations
    if not asked:
        raise invalid(MISSING, "/org")
    require(call.actor, Action.READ, org=organisations.spelled(asked))
    return _shown(call, organisations.existing(asked))


@RESOURCE.operation(
    "PUT",
    "/v1/ladders",
    zh="设定预警级别",
    en="Say by which ladder alerts of a kind ring",
    request=LadderIn,
    answers={200: LadderList},
    params=(IF_STILL,),
    action=Action.MANAGE,
    uses=(Governance.set_ladder, Units.spelled),
    tells_version=True,
)
def set_ladder(call: Call) -> Answered:
    """Have alerts of a kind ring at and below an organisation by a ladder from today on; twice is once.

    What has rung stays as it was. Where one below has said something itself, that holds there.

    自今日起设定机构及其下级某类预警的级别，或停用、启用该类。已发出的预警不变；下级自行设定的，以下级为准。
    """
    words, organisations = call.body(), call.system.organisations
    org = organisations.spelled(words.pop("org"))
    ladder = AlertLadderSet(**words)
    organisations.governance.set_ladder(org, ladder=ladder, actor=call.actor, basis=call.basis)
    return _shown(call, org)


def _shown(call: Call, org: str) -> Answered:
    governance, day = call.system.organisations.governance, local_day(call.system.now())
    ladders = call.system.alerts.ladders_by(governance.watching([org]).ladders)
    items = []
    for name, kind in alert_kinds().items():
        steps, said = ladders.in_force(name, org=org, day=day), ladders.nearest(name, org=org, day=day)
        items.append(
            Ladder(
                kind=name,
                zh=kind.label.zh,
                en=kind.label.en,
                on=steps is not None,
                required=kind.required,
                steps={step.value: days for step, days in steps or ()},
                set_by=said.org if said else None,
            )
        )
    return Answered(body=LadderList(org=org, items=items), version=governance.ladder_version(org))
