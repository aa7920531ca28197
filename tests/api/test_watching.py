"""Alerts are listed, taken on and held back; recipients are told and one always is; rules are bound."""

from datetime import timedelta
from uuid import UUID, uuid4

from application.access import SYSTEM, Role
from projections.outbox import inbox
from tests.api.support import CLASS, SCHOOL, ApiWorld, codes, followed_to_its_end, visit


def _alert(world: ApiWorld, **more: str) -> tuple[str, str]:
    child = world.enrol(**more)
    world.system.alerts.watch(UUID(child), actor=SYSTEM)
    (case,) = world.system.alerts.cases_of(UUID(child))
    return child, str(case.alert_id)


def test_alerts_are_listed_by_time_scope_and_step(world: ApiWorld) -> None:
    old, alert = _alert(world)
    world.clock.forward(seconds=1)
    _alert(world, org=f"{SCHOOL}2/grade 1", day="2026-06-10")

    everything = world.caller.get("/v1/alerts", open="true").json["items"]

    assert [(a["step"], a["days_silent"]) for a in everything] == [("critical", 121), ("info", 20)]
    assert everything[0]["child_id"] == old
    for params in ({"step": "critical"}, {"org": SCHOOL}, {"org": "county/township/school", "open": "true"}):
        assert [a["alert_id"] for a in world.caller.get("/v1/alerts", **params).json["items"]] == [alert]
    assert world.caller.get("/v1/alerts", open="false").json["items"] == []
    watcher = world.as_(Role.WATCHER, org=SCHOOL)
    assert [a["alert_id"] for a in watcher.get("/v1/alerts").json["items"]] == [alert]
    assert codes(world.caller.get("/v1/alerts", step="grave")) == [("/step", "wrong_value")]


def test_alerts_are_listed_page_by_page(world: ApiWorld) -> None:
    alerts = {_alert(world)[1] for _ in range(5)}

    first = world.caller.get("/v1/alerts", limit=3).json
    second = world.caller.get("/v1/alerts", limit=3, cursor=first["next"]).json

    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)
    assert {a["alert_id"] for a in first["items"] + second["items"]} == alerts


def test_an_alert_is_taken_on_and_held_back_and_only_a_fact_ends_it(world: ApiWorld) -> None:
    child, alert = _alert(world)
    path = f"/v1/alerts/{alert}"
    until = (world.clock.now + timedelta(days=3)).date().isoformat()
    snooze = {"until": until, "reason": "家长会", "approved_by": "王校长"}

    taken = world.caller.post(f"{path}/acknowledge", {"note": "今天去"})
    held = world.caller.post(f"{path}/snooze", snooze)
    too_long = world.caller.post(f"{path}/snooze", snooze | {"until": "2026-12-31"})
    # The key is called "office".
    by_oneself = world.caller.post(f"{path}/snooze", snooze | {"approved_by": "Of\u200bfice"})
    world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(world.carer(), "2026-06-29"))
    world.system.alerts.watch(UUID(child), actor=SYSTEM)
    over = world.caller.post(f"{path}/acknowledge", {})

    assert (taken.status_code, taken.json["acknowledged"], taken.json["open"]) == (200, True, True)
    assert (held.status_code, held.json["snoozed_until"]) == (200, until)
    assert codes(too_long) == [("/until", "snooze_too_long")]
    assert codes(by_oneself) == [("/approved_by", "same_approver")]
    assert (over.status_code, over.json["code"]) == (409, "alert_closed")


def _answers(world: ApiWorld) -> list[str]:
    feed = followed_to_its_end(world.caller, limit=500)
    named = [event["type"].split(".")[1] for event in feed]
    return [name for name in named if name in ("alert_acknowledged", "alert_snoozed")]


def test_the_same_answer_to_an_alert_is_one_answer(world: ApiWorld) -> None:
    child, alert = _alert(world, day="2026-06-10")
    path = f"/v1/alerts/{alert}"
    until = (world.clock.now + timedelta(days=3)).date().isoformat()
    snooze = {"until": until, "reason": "家长会", "approved_by": "王校长"}

    for _ in range(2):
        taken = world.caller.post(f"{path}/acknowledge", {})
        held = world.caller.post(f"{path}/snooze", snooze)

    # An empty object says that the holder of the key, which is called "office", takes it on.
    assert _answers(world) == ["alert_acknowledged", "alert_snoozed"]
    assert world.caller.get(path).json["acknowledged_by"] == "office"
    assert (taken.json["acknowledged"], held.json["snoozed_until"]) == (True, until)
    world.caller.post(f"{path}/acknowledge", {"by": "王老师"})
    assert _answers(world)[2:] == ["alert_acknowledged"]

    # It rang once more: to take that on is another answer.
    world.clock.forward(days=15)
    world.system.alerts.watch(UUID(child), actor=SYSTEM)
    assert world.caller.get(path).json["acknowledged"] is False
    world.caller.post(f"{path}/acknowledge", {"by": "王老师"})
    assert _answers(world)[3:] == ["alert_acknowledged"]


def test_an_answer_with_a_key_is_that_answer_for_ever(world: ApiWorld) -> None:
    child, alert = _alert(world, day="2026-06-10")
    path, by = f"/v1/alerts/{alert}/acknowledge", {"by": "王老师"}
    quoted, bare = {"Idempotency_Key": f'"{alert}"'}, {"Idempotency_Key": alert}
    first = world.caller.post(path, by, **quoted)
    # It rings once more, and a fact ends it.
    world.clock.forward(days=15)
    world.system.alerts.watch(UUID(child), actor=SYSTEM)
    late = world.caller.post(path, by, **bare)
    world.caller.put(f"/v1/children/{child}/events/{uuid4()}", visit(world.carer(), "2026-07-01"))
    world.system.alerts.watch(UUID(child), actor=SYSTEM)

    over = world.caller.post(path, by, **bare, If_Match=first.headers["ETag"])
    other = world.caller.post(path, {"by": "卢老师"}, **bare)
    unreadable = world.caller.post(path, by, Idempotency_Key='"no end')
    anothers = world.as_(Role.WATCHER).post(path, {"by": "卢老师"}, **bare)

    assert [a.status_code for a in (first, late, over)] == [200] * 3
    # Of the alert as it stands now: nobody took on its last ring.
    assert (late.json["acknowledged"], over.json["open"]) == (False, False)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert (unreadable.status_code, unreadable.json["code"]) == (400, "bad_idempotency_key")
    # A key is known by whose it is.
    assert (anothers.status_code, anothers.json["code"]) == (409, "alert_closed")
    assert _answers(world) == ["alert_acknowledged"]


def test_an_alert_is_answered_on_the_version_that_is_named(world: ApiWorld) -> None:
    _, alert = _alert(world)
    path = f"/v1/alerts/{alert}"
    etag = world.caller.get(path).headers["ETag"]

    taken = world.caller.post(f"{path}/acknowledge", {"by": "王老师"}, If_Match=etag)
    again = world.caller.post(f"{path}/acknowledge", {"by": "王老师"}, If_Match=etag)
    stale = world.caller.post(f"{path}/acknowledge", {"by": "卢老师"}, If_Match=etag)
    new = world.caller.post(f"{path}/acknowledge", {"by": "卢老师"}, If_Match=taken.headers["ETag"])

    assert [a.status_code for a in (taken, again, stale, new)] == [200, 200, 412, 200]
    assert world.caller.get(path).headers["ETag"] == new.headers["ETag"]


def test_an_alert_is_answered_only_by_who_may_watch_it(world: ApiWorld) -> None:
    _, alert = _alert(world)
    path = f"/v1/alerts/{alert}/acknowledge"

    assert world.as_(Role.CLIENT).post(path, {}).status_code == 403
    assert world.as_(Role.AUDITOR).post(path, {}).status_code == 403
    assert world.as_(Role.WATCHER, org=f"{SCHOOL}2").post(path, {}).status_code == 404
    assert world.caller.post(f"/v1/alerts/{uuid4()}/acknowledge", {}).status_code == 404
    assert world.as_(Role.WATCHER, org=SCHOOL).post(path, {}).status_code == 200


def test_a_recipient_is_registered_replaced_and_removed(world: ApiWorld) -> None:
    world.enrol()
    one, other = uuid4(), uuid4()
    body = {"org": SCHOOL, "name": "德育处", "channel": "inbox", "catch_all": True}
    hook = {
        "org": CLASS,
        "name": "班主任",
        "channel": "webhook",
        "address": "https://school.example/hook",
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "from_step": "high",
    }

    first = world.caller.put(f"/v1/recipients/{one}", body)
    again = world.caller.put(f"/v1/recipients/{one}", body)
    second = world.caller.put(f"/v1/recipients/{other}", hook)
    listed = world.caller.get("/v1/recipients")
    moved = world.caller.put(f"/v1/recipients/{one}", body | {"org": CLASS})
    last = world.caller.delete(f"/v1/recipients/{one}")
    gone = world.caller.delete(f"/v1/recipients/{other}")

    assert (first.status_code, again.status_code, second.status_code) == (201, 200, 201)
    assert [r["recipient_id"] for r in listed.json["items"]] == [str(one), str(other)]
    assert listed.json["items"][1]["has_secret"] is True
    assert "whsec" not in listed.text + second.text
    assert (moved.status_code, moved.json["code"]) == (409, "recipient_elsewhere")
    assert (last.status_code, last.json["code"]) == (409, "last_catch_all")
    assert gone.status_code == 204
    assert world.caller.delete(f"/v1/recipients/{other}").status_code == 204
    assert world.caller.delete(f"/v1/recipients/{uuid4()}").status_code == 404
    assert world.as_(Role.MANAGER, org=f"{SCHOOL}2").delete(f"/v1/recipients/{other}").status_code == 404


def test_a_recipient_belongs_to_a_known_organisation_in_scope(world: ApiWorld) -> None:
    world.enrol()
    body = {"org": f"{SCHOOL}2", "name": "德育处", "channel": "inbox"}

    unknown = world.caller.put(f"/v1/recipients/{uuid4()}", body)
    outside = world.as_(Role.MANAGER, org=SCHOOL).put(f"/v1/recipients/{uuid4()}", body)
    wrong = world.caller.put(f"/v1/recipients/{uuid4()}", body | {"from_step": "grave", "name": " "})

    assert (unknown.status_code, codes(unknown)) == (404, [("/org", "unknown_org")])
    assert (outside.status_code, codes(outside)) == (404, [("", "not_found")])
    assert sorted(codes(wrong)) == [("/from_step", "wrong_value"), ("/name", "blank")]


def test_who_could_never_be_reached_is_not_registered(world: ApiWorld) -> None:
    world.enrol()
    new, body = uuid4(), {"org": SCHOOL, "name": "德育处"}
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    def faults(**said: str) -> list[tuple[str, str]]:
        answered = world.caller.put(f"/v1/recipients/{new}", body | said)
        assert answered.status_code == 422
        return codes(answered)

    assert faults(channel="webhook") == [("/address", "no_web_address"), ("/secret", "no_webhook_secret")]
    for address in (
        "school.example/hook",
        "ftp://school.example",
        "https://li:word@school.example",
        "https://xn--",
        "https://school.example:70000",
        "https://",
    ):
        assert faults(channel="webhook", address=address, secret=secret) == [("/address", "no_web_address")]
    for address, code in (
        ("http://school.example/hook", "address_needs_https"),
        ("https://127.0.0.1/hook", "address_inside"),
        ("https://169.254.169.254/latest", "address_inside"),
        ("https://10.1.2.3:8443/hook", "address_inside"),
        ("https://[::1]/hook", "address_inside"),
        ("https://[::ffff:10.0.0.1]/hook", "address_inside"),
        ("https://2130706433/hook", "address_inside"),
        ("https://0x7f.1/hook", "address_inside"),
        ("https://localhost/hook", "address_inside"),
        ("https://hooks.LOCALHOST./hook", "address_inside"),
    ):
        assert faults(channel="webhook", address=address, secret=secret) == [("/address", code)]
    hook = {"channel": "webhook", "address": "https://school.example/hook"}
    assert faults(**hook, secret="whsec_QQ==") == [("/secret", "webhook_secret_too_short")]
    assert faults(**hook, secret="whsec_a") == [("/secret", "no_webhook_secret")]
    assert faults(**hook, secret=secret, previous_secret="whsec_a") == [
        ("/previous_secret", "no_webhook_secret")
    ]
    assert faults(channel="email") == [("/address", "no_mail_address")]
    assert faults(channel="email", address="Wang <w@school.example>") == [("/address", "no_mail_address")]
    assert faults(channel="ping") == [("/channel", "channel_reaches_nobody")]
    assert world.caller.get("/v1/recipients").json["items"] == []


def test_a_weak_secret_gives_way_to_a_strong_one(world: ApiWorld) -> None:
    world.enrol()
    body = {"org": SCHOOL, "name": "德育处", "channel": "webhook", "address": "https://93.184.216.34/hook"}
    secrets = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "previous_secret": "whsec_QQ=="}

    assert world.caller.put(f"/v1/recipients/{uuid4()}", body | secrets).status_code == 201


def test_a_channel_of_ones_own_is_registered_with_a_warning_in_both_languages(world: ApiWorld) -> None:
    world.enrol()
    body = {"org": SCHOOL, "name": "德育处", "channel": "pigeon"}

    own = world.caller.put(f"/v1/recipients/{uuid4()}", body)
    shipped = world.caller.put(f"/v1/recipients/{uuid4()}", body | {"channel": "inbox"})

    (warning,) = own.json["warnings"]
    assert (own.status_code, warning["code"]) == (201, "channel_not_shipped")
    assert "方式" in warning["zh"]
    assert "channel" in warning["en"]
    assert "warnings" not in shipped.json


def test_an_inbox_is_read_by_who_may_watch_there(world: ApiWorld) -> None:
    child, alert = _alert(world)
    recipient = uuid4()
    world.caller.put(f"/v1/recipients/{recipient}", {"org": SCHOOL, "name": "德育处", "channel": "inbox"})
    notice = inbox.InboxItem(
        delivery_id=uuid4(),
        recipient_id=recipient,
        alert_id=UUID(alert),
        child_id=UUID(child),
        step="critical",
        days_silent=121,
        created_at=world.clock.now,
    )
    with world.system.database.transaction() as tx:
        inbox.put(tx, [notice])

    read = world.as_(Role.WATCHER, org=SCHOOL).get(f"/v1/recipients/{recipient}/inbox")
    outside = world.as_(Role.WATCHER, org=f"{SCHOOL}2").get(f"/v1/recipients/{recipient}/inbox")

    assert [n["delivery_id"] for n in read.json["items"]] == [str(notice.delivery_id)]
    assert outside.status_code == 404


def test_a_rule_is_bound_once_and_never_rewrites_the_past(world: ApiWorld) -> None:
    world.enrol()
    binding = {"org": SCHOOL, "rule_id": "C18", "effective_from": "2026-03-01"}
    own = world.caller.post("/v1/rule-bindings", binding).json["rule"] | {"version": 2}

    earlier = world.caller.post("/v1/rule-bindings", binding | {"effective_from": "2026-04-01"})
    newer = world.caller.post(
        "/v1/rule-bindings", {"org": SCHOOL, "rule": own, "effective_from": "2026-09-01"}
    )
    listed = world.caller.get("/v1/rule-bindings", org=CLASS).json["items"]

    assert earlier.status_code == 409
    assert newer.status_code == 201
    assert [(b["rule_id"], b["version"], b["effective_from"]) for b in listed] == [
        ("C18", 1, "2026-03-01"),
        ("C18", 2, "2026-09-01"),
    ]


def test_a_faulty_binding_is_refused(world: ApiWorld) -> None:
    world.enrol()
    good = {"org": SCHOOL, "rule_id": "C18", "effective_from": "2026-03-01"}

    def refused(**changes: object) -> list[tuple[str, str]]:
        body = {name: value for name, value in (good | changes).items() if value is not None}
        return codes(world.caller.post("/v1/rule-bindings", body))

    assert refused(rule_id="C99") == [("/rule_id", "unknown_rule")]
    assert refused(version=7) == [("/rule_id", "unknown_rule")]
    assert refused(rule_id=None) == [("/rule_id", "rule_or_id")]
    assert ("/rule/rule_id", "missing") in refused(rule_id=None, rule={})
    assert refused(effective_to="2026-03-01") == [("/effective_to", "ends_before_it_begins")]
    assert refused(org="nowhere") == [("/org", "unknown_org")]
    assert refused(effective_from="soon") == [("/effective_from", "wrong_value")]


def test_a_carer_is_registered_and_read(world: ApiWorld) -> None:
    carer = uuid4()
    body = {"org": SCHOOL, "name": "卢老师", "capacity": 3}

    first = world.caller.put(f"/v1/carers/{carer}", body)
    again = world.caller.put(f"/v1/carers/{carer}", body)
    changed = world.caller.put(f"/v1/carers/{carer}", body | {"phone": "10000000000"}, If_Match='"1"')
    twin = world.caller.put(f"/v1/carers/{uuid4()}", body)
    bad = world.caller.put(f"/v1/carers/{uuid4()}", {"org": SCHOOL, "name": "", "capacity": 0})

    assert [a.status_code for a in (first, again, changed, twin)] == [201, 200, 200, 409]
    assert codes(twin) == [("/name", "carer_not_told_apart")]
    assert sorted(codes(bad)) == [("/capacity", "too_small"), ("/name", "blank")]
    assert world.caller.get(f"/v1/carers/{carer}").json == {
        "carer_id": str(carer),
        "version": 2,
        "org": SCHOOL,
        "name": "卢老师",
        "staff_no": None,
        "phone": "10000000000",
        "capacity": 3,
        "fewest": None,
        "home_place": None,
        "children_today": {},
    }
    assert SCHOOL in world.system.organisations.paths()


def test_what_is_no_alert_cannot_be_taken_on(world: ApiWorld) -> None:
    child, carer = world.enrol(), world.carer()

    answers = [world.caller.post(f"/v1/alerts/{other}/acknowledge", {}) for other in (child, carer, uuid4())]

    assert [(a.status_code, a.json["code"]) for a in answers] == [(404, "not_found")] * 3
