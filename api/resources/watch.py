"""Whom an organisation watches beyond those that are watched everywhere."""

from datetime import date
from typing import Annotated

from api import fields as f
from api.answer import Answer, Org, shown
from api.operation import IF_STILL, ORG, needed
from api.resource import Answered, Call, Resource
from api.schemas import Strict
from application.access import Action, require
from application.organisations.governance import Governance
from application.organisations.units import Units
from domain.days import local_day
from domain.org import ancestors
from domain.reasons import MISSING
from domain.refusal import invalid
from domain.streams.organisations.unit import extends
from domain.watched import POPULATION

RESOURCE = Resource(
    guide="concepts-the-watch",
    tag="watch",
    zh="关注范围",
    en="Whom an organisation has watched beyond those watched everywhere.",
)
Everybody = Annotated[bool, shown("关注全员", "Everybody", "All children at and below it are watched.")]


class WatchIn(Strict):
    """Whether all children at and below an organisation are watched."""

    org = f.Path(required=True, zh="机构", en="Organisation")
    everybody = f.Flag(required=True, zh="关注全员", en="Everybody")
    reason = f.Text(longest=200, zh="原因", en="Reason")


class WatchSaid(Answer):
    """What one organisation said last."""

    org: Org
    since: Annotated[date, shown("起始日", "Since")]
    everybody: Everybody


class Watch(Answer):
    """Whom an organisation watches, by its own word or that of one above it."""

    org: Org
    population: Annotated[str, shown("基本关注范围", "Population", "Who is watched everywhere.")]
    everybody: Everybody
    items: Annotated[list[WatchSaid], shown("各级设定", "Items", "What it and those above it said.")]


@RESOURCE.operation(
    "GET",
    "/v1/watch",
    zh="读取关注范围",
    en="Read whom an organisation watches",
    answers={200: Watch},
    params=(needed(ORG),),
    codes=(MISSING.code,),
    tells_version=True,
)
def get_watch(call: Call) -> Answered:
    """Answer whether all children are watched, by the word of this organisation or of one above it.

    The ETag is the version of what this organisation said itself, `"0"` where it never did.

    说明本机构或上级机构是否设定关注全员。
    """
    asked, organisations = call.asked(ORG), call.system.organisations
    if not asked:
        raise invalid(MISSING, "/org")
    require(call.actor, Action.READ, org=organisations.spelled(asked))
    return _shown(call, organisations.existing(asked))


@RESOURCE.operation(
    "PUT",
    "/v1/watch",
    zh="设定关注范围",
    en="Say whom an organisation watches",
    request=WatchIn,
    answers={200: Watch},
    params=(IF_STILL,),
    action=Action.MANAGE,
    uses=(Governance.watch_everybody, Units.spelled),
    tells_version=True,
)
def set_watch(call: Call) -> Answered:
    """Have all children at and below an organisation watched from today on, or no longer; twice is once.

    What one above it said goes on holding.

    自今日起关注机构及其下级的全部儿童，或恢复原范围，重复提交只设定一次。上级机构的设定继续有效。
    """
    words, organisations = call.body(), call.system.organisations
    org = organisations.spelled(words["org"])
    organisations.governance.watch_everybody(
        org, everybody=words["everybody"], reason=words.get("reason"), actor=call.actor, basis=call.basis
    )
    return _shown(call, org)


def _shown(call: Call, org: str) -> Answered:
    governance = call.system.organisations.governance
    extensions = governance.extensions([org])
    latest = {each.org: each for each in extensions}
    said = [latest[path] for path in ancestors(org) if path in latest]
    body = Watch(
        org=org,
        population=POPULATION,
        everybody=extends(extensions, org=org, day=local_day(call.system.now())),
        items=[WatchSaid.of(each, since=each.day) for each in said],
    )
    return Answered(body=body, version=governance.watch_version(org))
