"""The states of all children of an organisation at one moment: what a copy elsewhere begins with."""

from typing import Annotated
from uuid import UUID

from api import query
from api.answer import Answer, Clocks, Page, shown
from api.operation import CLOCKS, ORG, PAGE, an_id
from api.query import AskedClocks
from api.resource import Call
from api.resources.child_list import UnreadableFile
from api.resources.children import RESOURCE, Child, states_shown
from application.access import Action
from domain.rules.clocks import Clocks as Resolved

AFTER = an_id("after", "Only children behind this one, in order of id: where a transfer was cut off.")


class ChildStates(Page[Child]):
    """A page of states, by id of the child. All pages know what the first one knew."""

    unreadable: Annotated[list[UnreadableFile], shown("无法读取的档案", "Unreadable files")]
    clocks: Annotated[Clocks, shown("时点", "Clocks", "What the answer goes by; it is that of all pages.")]


@RESOURCE.operation(
    "GET",
    "/v1/children/states",
    zh="读取全部儿童的档案",
    en="Read the states of all children",
    answers={200: ChildStates},
    params=(ORG, AFTER, *CLOCKS, *PAGE),
    leads_to=("get_child",),
)
def list_child_states(call: Call) -> ChildStates:
    """Show each child of an organisation and all below it as `get_child` does, all at one moment.

    As `application/x-ndjson` all of them come at once, in order of id. Where that was cut off, ask again with
    `after` and the `as_known_at` of the lines that came. From there on follow `/v1/changes`.

    列出机构及其下级每名儿童的档案，内容与 get_child 相同，全部为同一时点。
    以 application/x-ndjson 一次取全，按编号排列；中断后，用 after 和已收各行的 as_known_at 续取。
    此后订阅 /v1/changes。
    """
    org, limit = call.org(Action.READ), call.limit()
    clocks, last = _place(call)
    found = call.system.children.ids(actor=call.actor, org=org, after=last, limit=limit + 1)
    ids, unread = list(found), dict[UUID, str]()
    void = [child_id for child_id in ids[:limit] if not found[child_id]]
    then = call.system.cards.of(void, known_at=clocks.as_known_at, unreadable=unread.__setitem__)
    never = set(void) - {child_id for child_id, card in then if card.profile is not None}
    # As each was known then: of those who have a card from before, it is that one.
    read = call.system.cards.of(
        [child_id for child_id in ids[:limit] if child_id not in never],
        as_of=clocks.as_of,
        known_at=clocks.as_known_at,
        unreadable=unread.__setitem__,
    )
    more = query.cursor_after(call.req, ids[limit - 1], clocks.as_known_at) if len(ids) > limit else None
    items: list[Answer] = states_shown(call, [card for _, card in read], clocks=clocks)
    return ChildStates(
        items=items,
        next=more,
        unreadable=[UnreadableFile(child_id=i, fault=fault) for i, fault in unread.items()],
        clocks=Clocks.of(clocks),
        notes=call.notes_if_empty(items or ids, org=org),
    )


def _place(call: Call) -> tuple[Resolved, UUID | None]:
    """Return the clocks that all pages go by, and behind which child this one begins."""
    asked, after = query.clocks_asked(call.req), query.after_asked(call.req)
    if after is not None:
        asked = AskedClocks(as_of=asked.as_of, as_known_at=query.moment(after, 1))
    clocks = asked.resolved(call.system.log, now=call.system.now())
    last = call.asked(AFTER) if after is None else query.id_of(after)
    return clocks, last
