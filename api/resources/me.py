"""Who a key is: what an integration asks first."""

from typing import Annotated
from uuid import UUID

from api.answer import Answer, Moment, Org, shown
from api.resource import Call, Resource
from application.access import ALLOWED

RESOURCE = Resource(tag="me", zh="当前密钥", en="Whom a key belongs to, and what it may do.")


class Me(Answer):
    """The holder of the key, and what the key allows."""

    name: Annotated[str, shown("名称", "Name", "Under which its entries are recorded.")]
    principal_id: Annotated[
        UUID | None, shown("使用者编号", "Id of the principal", "Stays when keys change.")
    ]
    key_id: Annotated[
        str | None, shown("密钥编号", "Id of the key", "The middle part of the key; no secret.")
    ]
    role: Annotated[str, shown("角色", "Role")]
    org: Annotated[Org, shown("机构范围", "Scope", "It and all below it; empty is everywhere.")]
    actions: Annotated[list[str], shown("可做的事", "Actions", "What the role allows.")]
    types: Annotated[
        list[str] | None,
        shown("限定类型", "Types", "Null unless the key may submit these types alone."),
    ]
    expires_at: Annotated[Moment | None, shown("到期时间", "Expires at", "In UTC.")]


@RESOURCE.operation(
    "GET", "/v1/me", zh="读取当前密钥", en="Read whom the key belongs to", answers={200: Me}, by_type=True
)
def get_me(call: Call) -> Me:
    """Show the name, the role and the scope of the key that asks, and until when it works.

    说明当前密钥的名称、角色、范围和有效期。
    """
    actor = call.actor
    return Me(
        name=actor.name,
        principal_id=actor.principal,
        key_id=actor.key,
        role=actor.role.value,
        org=actor.org,
        actions=sorted(action.value for action in ALLOWED[actor.role]),
        types=None if actor.types is None else sorted(actor.types),
        expires_at=None if actor.key is None else call.system.api_keys.expires_at(actor.key),
    )
