"""Transfers over HTTP: each side with its own key, and what each of them sees."""

from uuid import uuid4

from application.access import SYSTEM, Role
from tests.api.support import CLASS, SCHOOL, ApiWorld, Caller, codes, visit
from tests.api.test_timeline import catch_up

OTHER = "county/township/other school"


def test_a_child_goes_from_one_key_to_another(small_world: ApiWorld) -> None:
    small_world.system.organisations.ensure(OTHER, actor=SYSTEM)
    giver = small_world.as_(Role.CLIENT, org=SCHOOL)
    taker = small_world.as_(Role.CLIENT, org=OTHER, name="other")
    child = small_world.enrol()
    proposal = {
        "type": "transfer_proposed",
        "occurred_on": "2026-06-20",
        "details": {"to": OTHER, "duties": ["六月家访"]},
    }
    path, transfer = f"/v1/children/{child}", str(uuid4())

    assert giver.put(f"{path}/events/{transfer}", proposal).status_code == 428
    assert giver.put(f"{path}/events/{transfer}", proposal, If_Match='"1"').status_code == 201
    (waiting,) = taker.get("/v1/transfers").json["items"]
    assert (waiting["transfer_id"], waiting["org"], waiting["to"]) == (transfer, CLASS, OTHER)
    assert (waiting["days_open"], waiting["overdue"], waiting["duties"]) == (10, True, ["六月家访"])
    assert giver.get("/v1/transfers", org=CLASS, state="open").json["items"] == [waiting]
    assert taker.get("/v1/transfers", org=SCHOOL).status_code == 404
    assert taker.get(path).status_code == 404

    acceptance = {
        "type": "transfer_accepted",
        "occurred_on": "2026-06-22",
        "org": f"{OTHER}/1",
        "details": {"transfer": transfer, "accepted_by": "赵主任"},
    }
    answer, version = f"{path}/events/{uuid4()}", f'"{waiting["version"]}"'
    assert giver.put(answer, acceptance, If_Match=version).status_code == 404
    own = {**acceptance, "org": CLASS}
    assert codes(giver.put(answer, own, If_Match=version)) == [("/type", "not_allowed")]
    assert taker.put(answer, acceptance, If_Match='"1"').status_code == 412
    assert taker.put(answer, acceptance, If_Match=version).status_code == 201
    assert taker.put(answer, acceptance, If_Match=version).status_code == 200

    assert (giver.get(path).status_code, taker.get(path).json["org"]) == (404, f"{OTHER}/1")
    assert [e["type"] for e in taker.get(f"{path}/history").json["items"]] == [
        "child_enrolled",
        "transfer_proposed",
        "transfer_accepted",
    ]
    assert taker.get("/v1/transfers").json["items"] == giver.get("/v1/transfers").json["items"] == []
    assert f"{OTHER}/1" in small_world.system.organisations.paths()


def test_decided_transfers_are_listed_by_both_sides_and_read_alone(small_world: ApiWorld) -> None:
    # Given a child who went, one whom the other side did not take, and one of whom nobody decided yet.
    small_world.system.organisations.ensure(OTHER, actor=SYSTEM)
    giver = small_world.as_(Role.CLIENT, org=SCHOOL)
    taker = small_world.as_(Role.CLIENT, org=OTHER, name="other")
    stranger = small_world.as_(Role.CLIENT, org=f"{SCHOOL}2", name="stranger")
    went, stayed, waits = (_proposed(giver, small_world.enrol(), day) for day in ("20", "21", "22"))
    accepted = {"org": f"{OTHER}/1", "details": {"transfer": went[1], "accepted_by": "赵主任"}}
    declined = {"details": {"transfer": stayed[1], "reason": "名额已满"}}
    for (child, _), answer, said in (
        (went, accepted, "transfer_accepted"),
        (stayed, declined, "transfer_declined"),
    ):
        body = {"type": said, "occurred_on": "2026-06-25", **answer}
        sent = taker.put(f"/v1/children/{child}/events/{uuid4()}", body, If_Match='"2"')
        assert sent.status_code == 201, sent.json
    catch_up(small_world)

    # When each side lists and reads them.
    def listed(caller: Caller, **asked: str) -> list[tuple[str, str]]:
        items = caller.get("/v1/transfers", **asked).json["items"]
        return [(each["transfer_id"], each["state"]) for each in items]

    # Then the giver sees all that went out, and the taker what it took.
    assert listed(giver) == listed(taker) == [(waits[1], "open")]
    assert listed(giver, state="decided") == [(stayed[1], "declined"), (went[1], "accepted")]
    assert listed(giver, state="declined") == [(stayed[1], "declined")]
    assert listed(giver, state="decided", **{"from": "2026-06-21"}) == [(stayed[1], "declined")]
    assert listed(taker, state="decided") == [(went[1], "accepted")]
    assert listed(small_world.caller, state="decided") == listed(giver, state="decided")
    assert listed(stranger, state="decided") == listed(stranger) == []
    # And of a child who left only that it did.
    seen, left = (caller.get(f"/v1/transfers/{went[1]}").json for caller in (taker, giver))
    assert (seen["name"], seen["decided_on"], seen["days_open"]) == ("林小禾", "2026-06-25", 5)
    assert (left["name"], left["duties"], left["state"], left["org"]) == (None, [], "accepted", CLASS)
    assert taker.get(f"/v1/transfers/{stayed[1]}").json["name"] is None
    assert giver.get(f"/v1/transfers/{stayed[1]}").json["name"] == "林小禾"
    read = taker.get(f"/v1/transfers/{waits[1]}")
    assert (read.headers["ETag"], read.json) == ('"2"', taker.get("/v1/transfers").json["items"][0])
    for none in (waits[1], uuid4()):
        assert stranger.get(f"/v1/transfers/{none}").status_code == 404


def _proposed(giver: Caller, child: str, day: str) -> tuple[str, str]:
    transfer = str(uuid4())
    body = {"type": "transfer_proposed", "occurred_on": f"2026-06-{day}", "details": {"to": OTHER}}
    sent = giver.put(f"/v1/children/{child}/events/{transfer}", body, If_Match='"1"')
    assert sent.status_code == 201, sent.json
    return child, transfer


def test_a_transfer_ends_when_its_child_leaves_care(small_world: ApiWorld) -> None:
    small_world.system.organisations.ensure(OTHER, actor=SYSTEM)
    child, transfer = _proposed(small_world.caller, small_world.enrol(), "20")
    left = {"type": "child_exited", "occurred_on": "2026-06-24", "details": {"reason": "other"}}
    small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", left, If_Match='"2"')

    read = small_world.caller.get(f"/v1/transfers/{transfer}").json

    assert (read["state"], read["decided_on"], read["days_open"]) == ("lapsed", "2026-06-24", 4)


def test_undecided_transfers_come_page_by_page(small_world: ApiWorld) -> None:
    small_world.system.organisations.ensure(OTHER, actor=SYSTEM)
    children = [small_world.enrol() for _ in range(3)]
    for day, child in enumerate(children, start=1):
        body = {"type": "transfer_proposed", "occurred_on": f"2026-06-0{day}", "details": {"to": OTHER}}
        small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", body, If_Match='"1"')

    assert pages(small_world.caller) == children


def pages(caller: Caller) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = caller.get("/v1/transfers", limit="1", **cursor).json
        found += [item["child_id"] for item in page["items"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


FAR = "far county/township/school"


def test_who_receives_a_file_does_not_rewrite_what_another_county_recorded(small_world: ApiWorld) -> None:
    small_world.system.organisations.ensure(FAR, actor=SYSTEM)
    giver = small_world.as_(Role.CLIENT, org="county")
    taker = small_world.as_(Role.CLIENT, org="far county", name="far")
    child, carer, transfer = small_world.enrol(), small_world.carer(), str(uuid4())
    path, made, paired, own = f"/v1/children/{child}", uuid4(), uuid4(), uuid4()
    pairing = {"carer": carer, "kind": "care_counsellor"}
    giver.put(f"{path}/events/{made}", visit(carer, "2026-06-10"))
    giver.put(
        f"{path}/events/{paired}",
        {"type": "pairing_started", "occurred_on": "2026-06-10", "details": pairing},
    )
    proposal = {"type": "transfer_proposed", "occurred_on": "2026-06-20", "details": {"to": FAR}}
    assert giver.put(f"{path}/events/{transfer}", proposal, If_Match='"3"').status_code == 201
    acceptance = {
        "type": "transfer_accepted",
        "occurred_on": "2026-06-22",
        "org": FAR,
        "details": {"transfer": transfer, "accepted_by": "赵主任"},
    }
    assert taker.put(f"{path}/events/{uuid4()}", acceptance, If_Match='"4"').status_code == 201
    why = {"reason": "误录", "approved_by": "王校长"}

    def changes(target: object) -> list[dict[str, object]]:
        said = {"target": str(target)}
        fix = {"occurred_on": "2026-06-11"}
        return [
            {"type": "event_voided", "occurred_on": "2026-06-24", "details": said | why},
            {"type": "event_corrected", "occurred_on": "2026-06-24", "details": said | why | {"fields": fix}},
            {"type": "record_filed", "occurred_on": "2026-06-24", "details": said | {"record": "补"}},
        ]

    for body in [*changes(made), *changes(paired)[:2]]:
        refused = taker.put(f"{path}/events/{uuid4()}", body, If_Match='"5"')
        assert (refused.status_code, codes(refused)) == (
            403,
            [("/details/target", "entry_of_another_county")],
        ), body
    (items,) = [
        taker.put(
            f"/v1/event-batches/{uuid4()}",
            {"items": [{"event_id": str(uuid4()), "child_id": child, "based_on": 5, **changes(made)[0]}]},
        ).json["items"]
    ]
    assert [(i["state"], i["status"]) for i in items] == [("refused", 403)]

    # Its own entries, and all of them for whoever stands above both.
    voided = changes(paired)[0]
    assert small_world.caller.put(f"{path}/events/{own}", voided, If_Match='"5"').status_code == 201
    (standing,) = taker.get(f"{path}/history", type="transfer_accepted").json["items"]
    undone = changes(standing["event_id"])[0]
    assert taker.put(f"{path}/events/{uuid4()}", undone, If_Match='"6"').status_code == 201
