"""Finding children by what must never stand in an address."""

import falcon

from api.context import Context
from api.exchange import actor_of, answer
from api.operation import operation
from api.request_bodies import SearchIn
from api.schemas import loaded
from application.access import Action, require
from domain.child import fold
from domain.org import within
from domain.refusal import Reason, invalid

MOST_FOUND = 100
ONE_WORD = Reason(
    code="one_word",
    zh="student_no、id_number、name 须恰好填写其一",
    en="Give exactly one of student_no, id_number and name.",
)


class SearchResource:
    """Children by student number, identity number or whole name."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @operation(
        "Find children 查找",
        request=SearchIn,
        answers={200: "Found"},
        problems=(400, 403, 413, 415, 422),
        codes=("one_word",),
    )
    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Find the children of this number or name that the key may see, a hundred at most."""
        actor = actor_of(req)
        require(actor, Action.READ, org=actor.org)
        asked = loaded(SearchIn, self._context.body(req))
        if len(asked) != 1:
            raise invalid(ONE_WORD)
        ((kind, word),) = asked.items()
        system = self._context.system
        streams = system.log.streams(system.record.find(kind=kind, word=word, scope=actor.org))
        children = [fold(child_id, events) for child_id, events in streams.items()]
        found = [c for c in children if c.profile is not None and within(c.org, actor.org)]
        answer(
            resp,
            {
                "items": [
                    {
                        "child_id": child.child_id,
                        "student_no": child.profile.student_no,
                        "name": child.profile.name,
                        "org": child.org,
                        "version": child.version,
                    }
                    for child in found[:MOST_FOUND]
                    if child.profile is not None
                ],
                "more": len(found) > MOST_FOUND,
            },
        )
