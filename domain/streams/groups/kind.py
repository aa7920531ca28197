"""The group: who leads the work of an organisation, advises on it, or takes a part of it."""

from domain.ledger.kind import Checks, StreamKind, open_until, types_beside
from domain.refusal import Advice, Conflict, Reason, Text
from domain.streams.groups.formed import GroupFormed
from domain.streams.groups.group import Group

GROUP_IS_DISSOLVED = Reason(code="group_is_dissolved", zh="该小组已撤销", en="The group is dissolved.")
ADVICE = Advice(
    reason=GROUP_IS_DISSOLVED,
    zh="撤销有误的，作废撤销记录；新的小组另行登记。",
    en="Void the dissolving if it was wrong, or form another group.",
    refusals=(Conflict,),
)


KIND = StreamKind(
    name="group",
    plural="groups",
    label=Text(zh="小组", en="Group"),
    types=types_beside(__name__),
    opens=(GroupFormed,),
    view=Group,
    checks=Checks(admits=open_until(lambda group: group.dissolved_on is not None, GROUP_IS_DISSOLVED)),
    served=True,
)
