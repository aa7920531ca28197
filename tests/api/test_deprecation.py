"""How an operation is given up: in the document, and in every answer, with a date and what to use instead."""

from dataclasses import replace
from datetime import UTC, datetime

import falcon
import pytest
from falcon import testing

from api.answer import Answer
from api.app import create_app
from api.middleware import Deprecation
from api.openapi import document
from api.operation import _OPERATIONS, Deprecated, operations_of
from api.resource import Call, Resource
from api.routes import ROUTES
from tests.api.support import ApiWorld

GOING = Deprecated(
    since=datetime(2026, 7, 1, tzinfo=UTC), sunset=datetime(2027, 7, 1, tzinfo=UTC), see="/docs#new-way"
)


OLD = Resource(tag="old", zh="旧", en="Something made up.", public=True)


class Done(Answer):
    """Nothing."""


@OLD.operation("GET", "/old", zh="旧办法", en="The old way", answers={200: Done}, deprecated=GOING)
def old_way(_call: Call) -> Done:
    """Do it in the old way."""
    return Done()


@OLD.operation("PUT", "/old", zh="不成", en="Fails in the old way", answers={200: Done}, deprecated=GOING)
def old_failure(_call: Call) -> Done:
    """Fail."""
    raise falcon.HTTPConflict


@OLD.operation("POST", "/old", zh="新办法", en="The way that stays", answers={200: Done})
def staying_way(_call: Call) -> Done:
    """Do it in the way that stays."""
    return Done()


def test_a_deprecated_operation_says_so_in_every_answer() -> None:
    app: falcon.App[falcon.Request, falcon.Response] = falcon.App(
        middleware=[Deprecation(operations={"/old": operations_of(OLD.classes["/old"])})]
    )
    app.add_route("/old", OLD.classes["/old"](None))
    client = testing.TestClient(app)

    answered, failed, staying = (client.simulate_request(m, "/old") for m in ("GET", "PUT", "POST"))

    assert (answered.status_code, failed.status_code, staying.status_code) == (200, 409, 200)
    for old in (answered, failed):
        assert old.headers["Deprecation"] == "@1782864000"
        assert old.headers["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
        assert old.headers["Link"] == '</docs#new-way>; rel="deprecation"'
    assert not {"Deprecation", "Sunset", "Link"} & set(staying.headers)


def test_a_deprecated_operation_is_marked_in_the_document() -> None:
    described = document([("/old", True, operations_of(OLD.classes["/old"]))], [OLD])["paths"]["/old"]

    assert described["get"]["deprecated"] is True
    assert "deprecated" not in described["post"]


def test_the_service_announces_what_its_own_operations_say(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    (route,) = (route for route in ROUTES if route.template == "/healthz")
    responder = route.resource.on_get  # type: ignore[attr-defined]
    monkeypatch.setitem(_OPERATIONS, responder, replace(_OPERATIONS[responder], deprecated=GOING))
    client = testing.TestClient(create_app(small_world.system))

    assert client.simulate_get("/healthz").headers["Deprecation"] == "@1782864000"
    assert "Deprecation" not in client.simulate_get("/readyz").headers
