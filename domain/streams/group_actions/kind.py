"""The group action: recorded once, and once in the file of each child."""

from domain.ledger.kind import StreamKind, types_beside
from domain.refusal import Text
from domain.streams.group_actions.group_action import FAN_OUT, GroupAction
from domain.streams.group_actions.opened import GroupActionOpened

KIND = StreamKind(
    name="group_action",
    plural="group-actions",
    label=Text(zh="集体事项", en="Group action"),
    types=types_beside(__name__),
    opens=(GroupActionOpened,),
    view=GroupAction,
    served=True,
    fans_out=FAN_OUT,
    children=lambda action: action.children,
)
