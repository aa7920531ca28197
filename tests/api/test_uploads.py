"""Batches as lines: of any number, in any order, cut and sent again, and read again afterwards."""

import csv
import io
import json
import random
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from falcon import testing

from api import uploads
from application.access import SYSTEM, Role
from application.intake.batches import GONE_AFTER, KEPT
from application.intake.batches import NDJSON as NDJSON_SOURCE
from tests.api.support import CANARY, SCHOOL, ApiWorld, Caller, enrolment, visit

Item = dict[str, Any]
NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*items: object) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def send(caller: Caller, body: bytes, *, batch: object = None, **headers: str) -> testing.Result:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.send("PUT", f"/v1/event-batches/{batch or uuid4()}", body=body, headers=NDJSON | named)


def enrolling(child: object) -> Item:
    words = enrolment(UUID(str(child))) | {"type": "child_enrolled"}
    return words | {"event_id": str(uuid4()), "child_id": str(child)}


def visiting(child: object, carer: str, day: str = "2026-06-20", **details: object) -> Item:
    return visit(carer, day, **details) | {"event_id": str(uuid4()), "child_id": str(child)}


def test_lines_are_taken_in_and_counted(small_world: ApiWorld) -> None:
    child, carer, batch = uuid4(), small_world.carer(), uuid4()
    good = [enrolling(child), *(visiting(child, carer, f"2026-06-{day:02}") for day in range(1, 29))]
    bad: list[object] = [{"event_id": str(uuid4())}, visiting(uuid4(), carer)]

    answered = send(small_world.caller, lines(*good, *bad), batch=batch)
    read = small_world.caller.get(f"/v1/event-batches/{batch}")

    assert answered.status_code == 200
    assert answered.json["counts"] == {
        "recorded": 29,
        "already_recorded": 0,
        "quarantined": 1,
        "refused": 1,
    }
    assert (answered.json["state"], answered.json["lines"]) == ("complete", 31)
    assert [item["line"] for item in read.json["items"]] == list(range(1, 32))
    assert len(small_world.system.log.stream(child)) == 29
    refused = small_world.caller.get(answered.json["links"]["refused"].split("?")[0], state="refused").json[
        "items"
    ]
    assert [(r["line"], r["status"], r["problem"]["code"]) for r in refused] == [(30, 422, "missing")]


def test_the_order_of_lines_changes_nothing(world: ApiWorld) -> None:
    carer = world.carer()
    children = [uuid4() for _ in range(4)]
    sent: list[Item] = []
    for child in children:
        seen = visiting(child, carer, "2026-05-01", record=None)
        filed = {
            "type": "record_filed",
            "occurred_on": "2026-05-03",
            "event_id": str(uuid4()),
            "child_id": str(child),
            "details": {"target": seen["event_id"], "record": "补记"},
        }
        by_number = visiting(child, carer, "2026-05-04") | {"student_no": f"T{child.hex[:12]}"}
        del by_number["child_id"]
        sent += [filed, seen, by_number, enrolling(child)]

    # The worst order of all: each line before the one that it needs, each in a window of its own.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "WINDOW_LINES", 1)
        answered = send(world.caller, lines(*sent))

    assert answered.json["counts"]["recorded"] == len(sent)
    assert world.caller.get("/v1/quarantine").json["items"] == []
    assert len(world.caller.get("/v1/quarantine", state="accepted").json["items"]) == 12
    for child in children:
        assert len(world.system.log.stream(child)) == 4


def test_shuffled_lines_give_the_same_histories(small_world: ApiWorld) -> None:
    carer = small_world.carer()

    def history_after(seed: int) -> list[object]:
        child = uuid4()
        sent = [visiting(child, carer, f"2026-05-{day:02}") for day in range(1, 21)]
        sent += [visiting(child, carer, "2026-02-01"), enrolling(child), sent[3], {"event_id": "x"}]
        random.Random(seed).shuffle(sent)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(uploads, "WINDOW_LINES", 3)
            answered = send(small_world.caller, lines(*sent)).json
        entries = small_world.caller.get(f"/v1/children/{child}/history").json["items"]
        return [answered["counts"], [(e["type"], e["occurred_on"]) for e in entries]]

    assert history_after(1) == history_after(2) == history_after(3)


def test_a_cut_upload_keeps_what_came_and_goes_on_when_it_is_sent_again(world: ApiWorld) -> None:
    child, carer, batch = world.enrol(), world.carer(), uuid4()
    sent = [visiting(child, carer, f"2026-06-{day:02}") for day in range(1, 11)]
    body = lines(*sent, "nonsense")
    half = body[: body.index(lines(sent[6])) + 40]

    cut = send(world.caller, half, batch=batch, Content_Length=str(len(body)))
    seen = world.caller.get(f"/v1/event-batches/{batch}").json
    again = send(world.caller, body, batch=batch)

    assert (cut.status_code, cut.json["code"]) == (400, "body_cut_short")
    assert (seen["state"], seen["lines"], seen["counts"]["recorded"]) == ("cut", 6, 6)
    assert again.json["counts"] == {"recorded": 4, "already_recorded": 6, "quarantined": 0, "refused": 1}
    assert len(world.system.log.stream(UUID(child))) == 11
    assert [i["line"] for i in world.caller.get(f"/v1/event-batches/{batch}").json["items"]] == list(
        range(1, 12)
    )


def test_lines_as_school_systems_write_them(small_world: ApiWorld) -> None:
    child, carer, batch = small_world.enrol(), small_world.carer(), uuid4()
    body = b"\xef\xbb\xbf" + json.dumps(visiting(child, carer)).encode() + b"\r\n\r\n  \r\n"
    body += json.dumps(visiting(child, carer)).encode()

    answered = send(small_world.caller, body, batch=batch).json
    read = small_world.caller.get(f"/v1/event-batches/{batch}").json["items"]

    assert (answered["lines"], answered["counts"]["recorded"]) == (4, 2)
    assert [item["line"] for item in read] == [1, 4]


def test_a_line_too_long_is_refused_and_the_rest_goes_on(small_world: ApiWorld) -> None:
    child, carer, batch = small_world.enrol(), small_world.carer(), uuid4()
    long = b'{"x": "' + b"x" * 3 * uploads.LONGEST_LINE + b'"}\n'
    body = lines(visiting(child, carer)) + long + lines(visiting(child, carer)) + long.rstrip(b"\n")

    answered = send(small_world.caller, body, batch=batch).json
    refused = small_world.caller.get(f"/v1/event-batches/{batch}", state="refused").json["items"]

    assert (answered["lines"], answered["counts"]["recorded"]) == (4, 2)
    assert [(r["line"], r["status"], r["problem"]["code"]) for r in refused] == [
        (2, 413, "line_too_long"),
        (4, 413, "line_too_long"),
    ]


def test_what_is_kept_holds_no_word_that_was_sent(small_world: ApiWorld) -> None:
    child, carer, batch = small_world.enrol(), small_world.carer(), uuid4()
    sent = visiting(child, carer)
    bad = [
        sent | {CANARY: 1},
        sent | {"details": sent["details"] | {CANARY: CANARY}},
        sent | {"type": CANARY},
        sent | {"details": sent["details"] | {"outcome": CANARY}},
        {"type": "home_visit_made", "details": {"carers": {CANARY: 1}}},
        CANARY,
        visiting(uuid4(), carer, record=CANARY),
    ]

    answered = send(small_world.caller, lines(*bad), batch=batch)
    rows = small_world.system.database.all("SELECT * FROM batch_line")
    read = small_world.caller.get(f"/v1/event-batches/{batch}").json["items"]

    assert answered.json["counts"]["refused"] == 6
    assert CANARY not in repr(rows) + repr(read)
    assert [error["pointer"] for error in read[3]["problem"]["errors"]] == ["/details/outcome"]
    assert [error["pointer"] for error in read[1]["problem"]["errors"]] == ["/details"]


def test_a_json_batch_is_read_again_as_well(world: ApiWorld) -> None:
    child, carer, batch = world.enrol(), world.carer(), uuid4()
    items = [visiting(child, carer), {"nonsense": 1}, visiting(uuid4(), carer)]

    sent = world.caller.put(f"/v1/event-batches/{batch}", {"items": items}).json["items"]
    read = world.caller.get(f"/v1/event-batches/{batch}").json

    assert [(r["line"], r["status"], r["state"]) for r in read["items"]] == [
        (1, 201, "recorded"),
        (2, 422, "refused"),
        (3, 202, "quarantined"),
    ]
    assert read["items"][0]["position"] == sent[0]["position"]
    assert read["items"][2]["item_id"] == sent[2]["item_id"]
    assert read["items"][2]["problem"]["code"] == sent[2]["problem"]["code"]


def test_a_batch_is_paged_and_given_whole(small_world: ApiWorld) -> None:
    child, carer, batch = small_world.enrol(), small_world.carer(), uuid4()
    sent = [visiting(child, carer) if n % 3 else {"n": n} for n in range(25)]
    send(small_world.caller, lines(*sent), batch=batch)
    path = f"/v1/event-batches/{batch}"

    paged, cursor, pages = [], None, 0
    while not pages or cursor:
        pages += 1
        page = small_world.caller.get(path, limit=4, **({"cursor": cursor} if cursor else {})).json
        paged += page["items"]
        cursor = page["next"]
    whole = small_world.caller.get(path, headers={"Accept": "application/x-ndjson"})
    table = small_world.caller.get(
        path, state="refused", headers={"Accept": "text/csv", "Accept-Language": "en"}
    )
    paged_csv = small_world.caller.get(path, limit=4, headers={"Accept": "text/csv"})
    as_picture = small_world.caller.get(path, headers={"Accept": "image/png"})

    def plain(items: list[Item]) -> list[Item]:
        return [item | {"problem": item.get("problem", {}).get("code")} for item in items]

    assert pages == 7
    assert plain([json.loads(line) for line in whole.text.splitlines()]) == plain(paged)
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert rows[0][:3] == ["Line", "Result", "Status"]
    assert [row[0] for row in rows[1:]] == [str(n + 1) for n in range(0, 25, 3)]
    assert (paged_csv.status_code, paged_csv.json["code"]) == (422, "whole_answer")
    assert (as_picture.status_code, as_picture.json["code"]) == (406, "not_acceptable")


def test_who_may_read_a_batch_and_who_may_send_it_again(small_world: ApiWorld) -> None:
    batch = uuid4()
    clerk = small_world.as_(Role.CLIENT, org=SCHOOL, name="clerk")
    path = f"/v1/event-batches/{batch}"
    send(clerk, lines({"x": 1}), batch=batch)
    elsewhere = small_world.as_(Role.CLIENT, org=f"{SCHOOL} 2", name="elsewhere")
    auditor = small_world.as_(Role.AUDITOR, org=SCHOOL)

    others = send(elsewhere, lines({"x": 1}), batch=batch)
    reading = [who.get(path).status_code for who in (clerk, auditor, small_world.caller, elsewhere)]

    assert (others.status_code, others.json["code"]) == (409, "batch_of_another")
    assert reading == [200, 200, 200, 404]
    assert small_world.caller.get(f"/v1/event-batches/{uuid4()}").status_code == 404
    assert send(auditor, lines({"x": 1})).status_code == 403


def test_a_batch_is_kept_for_thirty_days(small_world: ApiWorld) -> None:
    first, second = uuid4(), uuid4()
    send(small_world.caller, lines({"x": 1}), batch=first)

    small_world.clock.now += KEPT - timedelta(seconds=1)
    kept = small_world.caller.get(f"/v1/event-batches/{first}").status_code
    small_world.clock.now += timedelta(seconds=1)
    gone = small_world.caller.get(f"/v1/event-batches/{first}").status_code
    send(small_world.caller, lines({"x": 1}), batch=second)

    assert (kept, gone) == (200, 404)
    ((left,),) = small_world.system.database.tuples("SELECT count(*) FROM batch_line")
    assert left == 1


def test_an_upload_that_another_has_taken_over_ends(small_world: ApiWorld) -> None:
    batch, child, carer = uuid4(), small_world.enrol(), small_world.carer()
    body = lines(*(visiting(child, carer) for _ in range(4)))
    take = small_world.system.intake.take
    answers: list[testing.Result] = []

    def and_meanwhile(*args: Any, **words: Any) -> Any:
        if not answers:
            answers.append(testing.Result([], "200 OK", []))
            answers[0] = send(small_world.caller, body, batch=batch)
        return take(*args, **words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_world.system.intake, "take", and_meanwhile)
        first = send(small_world.caller, body, batch=batch)

    assert (first.status_code, first.json["code"]) == (409, "batch_sent_again")
    assert answers[0].json["counts"]["recorded"] == 4
    assert small_world.caller.get(f"/v1/event-batches/{batch}").json["state"] == "complete"
    assert len(small_world.system.log.stream(UUID(child))) == 5


def test_who_fell_silent_for_good_is_cut(small_world: ApiWorld) -> None:
    batch = uuid4()
    upload = small_world.system.batches.begin(batch, actor=small_world.desk.actor, source=NDJSON_SOURCE)
    small_world.system.batches.store(upload, [], lines=7)

    states = []
    for wait in (timedelta(0), GONE_AFTER):
        small_world.clock.now += wait
        states.append(small_world.caller.get(f"/v1/event-batches/{batch}").json["state"])

    assert states == ["receiving", "cut"]


def test_too_many_uploads_at_once_are_asked_to_come_later(small_world: ApiWorld) -> None:
    places = small_world.system.settings.web_threads // 2
    take = small_world.system.intake.take
    seen: Counter[int] = Counter()

    def and_another(*args: Any, **words: Any) -> Any:
        answered = send(small_world.caller, lines({"x": 1}))
        seen[answered.status_code] += 1
        if answered.status_code == 503:
            assert answered.json["code"] == "too_many_uploads"
            assert answered.headers["Retry-After"]
        return take(*args, **words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_world.system.intake, "take", and_another)
        outermost = send(small_world.caller, lines({"x": 1}))

    assert outermost.status_code == 200
    assert seen == {200: places - 1, 503: 1}


def test_a_number_that_is_taken_takes_no_other_line_with_it(world: ApiWorld) -> None:
    world.enrol(student_no="T1")
    child, carer = world.enrol(student_no="T2"), world.carer()
    renamed = {
        "type": "profile_changed",
        "occurred_on": "2026-06-01",
        "event_id": str(uuid4()),
        "child_id": child,
        "details": {"student_no": "T1"},
    }

    answered = send(
        world.caller, lines(*(visiting(child, carer) for _ in range(3)), renamed, visiting(child, carer))
    )

    assert answered.json["counts"] == {"recorded": 4, "already_recorded": 0, "quarantined": 0, "refused": 1}


def test_a_hundred_ids_of_another_child_are_each_named(small_world: ApiWorld) -> None:
    one, other, carer = small_world.enrol(), small_world.enrol(), small_world.carer()
    sent = [visiting(one, carer) for _ in range(100)]
    send(small_world.caller, lines(*sent))

    answered = send(
        small_world.caller, lines(*(item | {"child_id": other} for item in sent), visiting(other, carer))
    )

    assert answered.json["counts"] == {"recorded": 1, "already_recorded": 0, "quarantined": 0, "refused": 100}


def test_a_batch_belongs_to_its_principal_and_not_to_a_name(small_world: ApiWorld) -> None:
    keys, batch = small_world.system.api_keys, uuid4()
    key, text = keys.create(actor=SYSTEM, name="clerk", role=Role.CLIENT, org=SCHOOL)
    _, replaced = keys.create(
        actor=SYSTEM, principal=key.principal_id, role=Role.CLIENT, org="county/township"
    )
    namesake = small_world.as_(Role.CLIENT, org=SCHOOL, name="clerk")
    clerk, again = (Caller(http=small_world.http, key=k) for k in (text, replaced))

    sent = [send(who, lines({"x": 1}), batch=batch) for who in (clerk, namesake, again, clerk)]

    assert [a.status_code for a in sent] == [200, 409, 200, 200]
    assert sent[1].json["code"] == "batch_of_another"
