"""The words of stories over HTTP: what is sent by a manager, and what is answered."""

from typing import Any
from uuid import UUID

from falcon import testing

from tests.api.support import ApiWorld, visit
from tests.support.builders import an_id
from tests.support.given import Check, Step


def enrolled(child: str) -> Step[ApiWorld]:
    """A child is enrolled; its id follows from its name."""
    return lambda api: api.enrol(child=an_id(child))


def carer(name: str) -> Step[ApiWorld]:
    """A carer is registered; the id follows from the name."""
    return lambda api: api.desk.carer(name, carer=an_id(name))


def visited(child: str, *, by: str, on: str, event: str, **headers: str) -> Step[ApiWorld]:
    """A visit is sent, under an id that follows from its name."""
    return lambda api: api.caller.put(_path(child, event), visit(str(an_id(by)), on), **headers)


def corrected(child: str, event: str, *, fields: dict[str, Any], if_match: str | None) -> Step[ApiWorld]:
    """A correction of an event is sent, based on a version."""
    said = {
        "target": str(an_id(event)),
        "fields": fields,
        "reason": "misread",
        "approved_by": "Principal Wang",
    }
    body = {"type": "event_corrected", "occurred_on": "2026-06-21", "details": said}
    named = {} if if_match is None else {"If_Match": if_match}
    return lambda api: api.caller.put(_path(child, f"correction of {event}"), body, **named)


def answered(status_code: int, **fields: object) -> Check[ApiWorld]:
    """The answer has this status code, and these fields."""

    def check(_api: ApiWorld, answer: testing.Result) -> None:
        assert (answer.status_code, answer.json) == (status_code, answer.json | fields), answer.json

    return check


def history(child: str, *days: str) -> Check[ApiWorld]:
    """The history has entries that happened on these days, in this order, beside the enrolment."""

    def check(api: ApiWorld, _answer: testing.Result) -> None:
        items = api.caller.get(f"/v1/children/{an_id(child)}/history").json["items"]
        visits = [item for item in items if item["type"] == "home_visit_made"]
        found = [item["occurred_on"] for item in visits]
        assert found == list(days), found

    return check


def _path(child: str, event: str) -> str:
    child_id: UUID = an_id(child)
    return f"/v1/children/{child_id}/events/{an_id(event)}"
