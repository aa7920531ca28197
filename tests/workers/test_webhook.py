"""The webhook as Standard Webhooks 1.0 has it, read by that project's own library."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.document import whole_document
from application.eventstore.database import utc_now
from tests.support.builders import an_id
from tests.support.world import SECRET, World
from tests.workers.sink import Posted, running_sink
from tests.workers.test_channel_contract import an_item, notice
from workers.channel import Accepted, Notice, Permanent, Resources, channels
from workers.outgoing import http_client

NEW_SECRET = "whsec_" + "Y2FyZWxlZGdlci10ZXN0LXNlY3JldC0wMDAy"


@pytest.fixture
def resources(tmp_path: Path) -> Iterator[Resources]:
    with World(tmp_path) as world, http_client(timeout_seconds=5) as http:
        yield Resources(
            database=world.database,
            now=utc_now,
            http=http,
            resolve=lambda _host, _port: ["127.0.0.1"],
            allow_private=True,
        )


def posted(resources: Resources, told: Notice | None = None) -> Posted:
    with running_sink() as sink:
        sink.status = 204
        address = sink.url.replace("127.0.0.1", "hooks.example")
        assert isinstance(
            channels()["webhook"].send(replace(told or notice(""), address=address), resources), Accepted
        )
        (request,) = sink.posted
        return request


# What is said of an alert whose case can't be read.
KIND = {"kind": "uncontacted", "days": 45, "days_child_unseen": None}
FACTS = dict.fromkeys(("since", "anchor", "silence_rests_on", "unseen_rests_on"))


def test_the_signature_is_accepted_by_the_library(resources: Resources) -> None:
    request = posted(resources)

    assert Webhook(SECRET).verify(request.body, dict(request.headers)) == {
        "type": "alert.uncontacted",
        "timestamp": "2026-04-15T08:00:00+08:00",
        "data": {
            "alert_id": str(notice("").items[0].alert_id),
            "child_id": str(notice("").items[0].child_id),
            "step": "high",
            "days_silent": 45,
            **KIND,
            **FACTS,
        },
    }


def test_a_changed_body_is_not(resources: Resources) -> None:
    request = posted(resources)

    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace(b"high", b"info"), dict(request.headers))


def test_the_signature_is_the_hmac_that_the_text_of_the_standard_asks_for(resources: Resources) -> None:
    request = posted(resources)
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    text = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    digest = hmac.new(key, text, hashlib.sha256).digest()

    assert request.headers["webhook-id"] == str(notice("").message_id)
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_the_host_that_was_registered_is_named_and_the_address_looked_up_once(resources: Resources) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    request = posted(replace(resources, resolve=resolve))

    assert request.headers["host"].startswith("hooks.example:")
    assert asked == ["hooks.example"]


@pytest.mark.parametrize("secret", [None, "", "whsec_", "whsec_a"])
def test_without_a_secret_nothing_is_sent_unsigned(secret: str | None, resources: Resources) -> None:
    unsigned = replace(notice("https://hooks.example/"), secret=secret)

    assert channels()["webhook"].send(unsigned, resources) == Permanent(reason="bad_secret")


def test_a_digest_counts_by_step_and_lists_each_alert_under_an_id_of_its_own(resources: Resources) -> None:
    digest = replace(
        notice(""), message_id=an_id("message"), items=(an_item(1), an_item(2), an_item(3, step="info"))
    )

    request = posted(resources, digest)

    assert request.headers["webhook-id"] == str(an_id("message"))
    assert Webhook(SECRET).verify(request.body, dict(request.headers)) == {
        "type": "alerts.uncontacted",
        "timestamp": "2026-04-15T08:00:00+08:00",
        "data": {
            "counts": {"high": 2, "info": 1},
            "alerts": [
                {
                    "alert_id": str(an_id(f"alert {number}")),
                    "child_id": str(an_id(f"child {number}")),
                    "step": step,
                    "days_silent": 45,
                    **KIND,
                }
                for number, step in ((1, "high"), (2, "high"), (3, "info"))
            ],
        },
    }


@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3)])
def test_what_is_sent_is_what_the_document_says(numbers: tuple[int, ...], resources: Resources) -> None:
    told = replace(notice(""), message_id=an_id("message"), items=tuple(map(an_item, numbers)))
    request = posted(resources, replace(told, secret=NEW_SECRET, previous_secret=SECRET))
    body = json.loads(request.body)

    message = whole_document()["webhooks"][body["type"]]["post"]
    content = message["requestBody"]["content"][request.headers["content-type"]]
    assert documented(content["schema"]).is_valid(body)
    assert documented(content["schema"]).is_valid(content["example"])
    assert not documented(content["schema"]).is_valid(body | {"type": "alert.of_another_kind"})
    assert not documented(content["schema"]).is_valid(body | {"data": {}})
    headers = {each["name"]: each for each in message["parameters"]}
    assert set(headers) == {name for name in request.headers if name.startswith("webhook-")}
    for name, said in headers.items():
        assert documented(said["schema"]).is_valid(request.headers[name])
        assert documented(said["schema"]).is_valid(said["example"])


def documented(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    whole = {"allOf": [schema], "components": whole_document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def test_while_a_secret_is_replaced_either_verifies(resources: Resources) -> None:
    rotating = replace(notice(""), secret=NEW_SECRET, previous_secret=SECRET)

    request = posted(resources, rotating)

    for secret in (NEW_SECRET, SECRET):
        assert Webhook(secret).verify(request.body, dict(request.headers))
    settled = posted(resources, replace(rotating, previous_secret=None))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(settled.body, dict(settled.headers))
    assert len(settled.headers["webhook-signature"].split()) == 1


def test_a_previous_secret_that_is_none_is_refused_as_the_secret_is(resources: Resources) -> None:
    bad = replace(notice("https://hooks.example/"), previous_secret="whsec_a")

    assert channels()["webhook"].send(bad, resources) == Permanent(reason="bad_secret")
