"""How many children go into one transaction: so many that it pays, so few that nobody waits for it."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from application.children.session import Proposal

Children = Mapping[UUID, Sequence[Proposal]]

MOST_CHILDREN = 50
MOST_DRAFTS = 500
# Of what lies on their streams already, as it is all in memory at once.
MOST_EVENTS = 5000


def chunks(children: Children, *, versions: Mapping[UUID, int]) -> Iterator[Children]:
    """Return children in chunks, in their order; `versions` tell how long their streams are."""
    held: dict[UUID, Sequence[Proposal]] = {}
    drafts = events = 0
    for child_id, proposals in children.items():
        drafts, events = drafts + len(proposals), events + versions.get(child_id, 0)
        if held and (len(held) == MOST_CHILDREN or drafts > MOST_DRAFTS or events > MOST_EVENTS):
            yield held
            held, drafts, events = {}, len(proposals), versions.get(child_id, 0)
        held[child_id] = proposals
    if held:
        yield held


def halves(children: Children) -> tuple[Children, Children]:
    """Part children in two, in their order."""
    ids = list(children)
    middle = len(ids) // 2
    return {i: children[i] for i in ids[:middle]}, {i: children[i] for i in ids[middle:]}
