"""Papers over HTTP: sent, looked at, recorded with a yes to what was seen, given back and taken back."""

import io
import json
import zipfile
from typing import Any
from uuid import UUID

import pytest
from falcon import testing
from openpyxl import load_workbook

from api.document import whole_document
from application.access import Role
from application.intake.imports import uploaded
from tests.api.support import ApiWorld, Caller, codes
from tests.application.papers import SCHOOL, form, log, take_roster

BYTES = {"Content-Type": "application/octet-stream"}
UNPAIRED = {"结对帮扶人": "", "结对类型": "", "结对日期": ""}
MANY = [{"学籍号": f"T{n}", "姓名": f"石{n}", **UNPAIRED} for n in range(1, 9)]


def send(caller: Caller, data: bytes, kind: str = "roster", **more: Any) -> testing.Result:
    headers = BYTES | more.pop("headers", {})
    params = {"kind": kind, "org": SCHOOL} | more
    return caller.send("POST", "/v1/imports", body=data, headers=headers, params=params)


def commit(caller: Caller, sent: testing.Result) -> testing.Result:
    path = f"/v1/imports/{sent.json['import_id']}/commit"
    return caller.send("POST", path, headers={"If-Match": sent.headers["ETag"]})


def test_nothing_is_recorded_before_somebody_says_yes_and_then_what_was_shown(small_world: ApiWorld) -> None:
    data = form({}, {"学籍号": "T2", "姓名": "石小川", "性别": "?"})

    sent = send(small_world.caller, data)
    before = small_world.events
    done = commit(small_world.caller, sent)
    again = commit(small_world.caller, sent)

    assert (sent.status_code, sent.json["state"], before) == (201, "previewed", 0)
    assert sent.headers["Location"] == f"/v1/imports/{sent.json['import_id']}"
    assert (sent.json["sums"]["enrolled"], sent.json["sums"]["refused"]) == (1, 1)
    assert {"学籍号", "姓名"} <= {each["column"] for each in sent.json["sums"]["columns"]}
    assert [(e["line"], e["state"], [r["code"] for r in e["reasons"]]) for e in sent.json["items"]] == [
        (3, "recorded", []),
        (4, "refused", ["unknown_word"]),
    ]
    assert (done.status_code, done.json["state"]) == (200, "complete")
    assert done.json["counts"] == sent.json["counts"]
    assert [e["event_id"] for e in done.json["items"][:1]] == [e["event_id"] for e in sent.json["items"][:1]]
    assert (again.status_code, again.json["counts"]) == (200, done.json["counts"])


def test_what_would_do_something_else_by_now_is_not_recorded(small_world: ApiWorld) -> None:
    sent = send(small_world.caller, form({}, {"学籍号": "T2", "姓名": "石小川"}))
    take_roster(small_world.system, form({}))
    before = small_world.events

    refused = commit(small_world.caller, sent)
    seen = small_world.caller.get(f"/v1/imports/{sent.json['import_id']}")
    done = commit(small_world.caller, seen)

    assert (refused.status_code, refused.json["code"], small_world.events > before) == (412, "stale", True)
    assert (seen.json["state"], seen.json["sums"]["already_recorded"]) == ("previewed", 1)
    assert (done.status_code, done.json["sums"]["enrolled"]) == (200, 1)


def test_a_yes_must_say_to_what(small_world: ApiWorld) -> None:
    sent = send(small_world.caller, form({}))

    without = small_world.caller.send("POST", f"/v1/imports/{sent.json['import_id']}/commit")

    assert (without.status_code, without.json["code"], small_world.events) == (428, "version_required", 0)


def test_the_same_sent_again_is_the_same_import(small_world: ApiWorld) -> None:
    key, data = {"Idempotency-Key": "p1"}, form({})

    first = send(small_world.caller, data, headers=key)
    again = send(small_world.caller, data, headers=key)
    other = send(small_world.caller, form({"学籍号": "T9"}), headers=key)

    assert first.json["import_id"] == again.json["import_id"]
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert len(small_world.caller.get("/v1/imports").json["items"]) == 1


def test_a_large_paper_is_worked_off_by_a_worker_which_another_goes_on_with(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world = world
    monkeypatch.setattr(uploaded, "AT_ONCE_BYTES", 10)
    papers = small_world.system.uploaded_papers
    sent = send(small_world.caller, form(*MANY))
    path = f"/v1/imports/{sent.json['import_id']}"
    early = small_world.caller.send("POST", path + "/commit", headers={"If-Match": sent.headers["ETag"]})
    papers.step()
    seen = small_world.caller.get(path)
    yes = commit(small_world.caller, seen)

    def killed(done: int, _total: int) -> None:
        if done and small_world.events:
            raise RuntimeError

    monkeypatch.setattr(papers, "_beating", lambda _, **__: killed)
    papers.step()
    monkeypatch.undo()
    died = small_world.caller.get(path)
    small_world.clock.forward(minutes=2)

    while papers.step():
        pass
    done = small_world.caller.get(path)

    assert [(a.status_code, a.json["state"]) for a in (sent, seen, yes)] == [
        (202, "reading"),
        (200, "previewed"),
        (202, "committing"),
    ]
    assert (early.status_code, early.json["code"]) == (409, "not_previewed")
    assert died.json["state"] == "cut"
    assert (done.json["state"], done.json["sums"]["lines"]) == ("complete", 8)
    assert (done.json["counts"]["recorded"], done.json["counts"]["already_recorded"]) == (8, 0)
    assert len(small_world.caller.get("/v1/children").json["items"]) == 8


def test_a_paper_of_few_bytes_and_many_rows_is_worked_off_by_a_worker(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded, "AT_ONCE_ROWS", len(MANY) - 1, raising=False)
    papers = small_world.system.uploaded_papers

    sent, few = send(small_world.caller, form(*MANY)), send(small_world.caller, form(*MANY[1:]))
    read = papers.step()
    path = f"/v1/imports/{sent.json['import_id']}"
    yes = commit(small_world.caller, small_world.caller.get(path))
    before = small_world.events
    recorded = papers.step()

    assert (sent.status_code, sent.json["state"], few.status_code) == (202, "reading", 201)
    assert (sent.headers["Location"], "ETag" in sent.headers, "ETag" in yes.headers) == (path, True, True)
    told = {
        (at, method): operation["responses"]["202"]["headers"].keys() & {"ETag", "Location"}
        for at, methods in whole_document()["paths"].items()
        for method, operation in methods.items()
        if method != "parameters" and "202" in operation["responses"]
    }
    assert (told["/v1/imports", "post"], told["/v1/imports/{import_id}/commit", "post"]) == (
        {"ETag", "Location"},
        {"ETag"},
    )
    assert told["/v1/children/{child_id}", "put"] == set()
    assert (yes.status_code, yes.json["state"], before) == (202, "committing", 0)
    assert (read, recorded, small_world.caller.get(path).json["counts"]["recorded"]) == (1, 1, 8)


def test_refused_lines_come_back_as_a_workbook(small_world: ApiWorld) -> None:
    sent = send(small_world.caller, form({}, {"学籍号": "T2", "姓名": "石小川", "性别": "?"}))

    given = small_world.caller.get(f"/v1/imports/{sent.json['import_id']}/refused")

    rows = [list(row) for row in load_workbook(io.BytesIO(given.content)).worksheets[0].values]
    assert ("石小川" in rows[1], len(rows)) == (True, 2)


def test_an_import_is_taken_back_in_portions(small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = send(small_world.caller, form(*MANY[:3]))
    path = f"/v1/imports/{sent.json['import_id']}"
    early = small_world.caller.post(path + "/undo", {"approved_by": "王校长"})
    commit(small_world.caller, sent)
    monkeypatch.setattr(uploaded, "UNDO_SECONDS", 0)

    first = small_world.caller.post(path + "/undo", {"approved_by": "王校长"})
    monkeypatch.undo()
    second = small_world.caller.post(path + "/undo", {"approved_by": "王校长"})
    nobody = small_world.caller.post(path + "/undo", {})

    assert codes(nobody) == [("/approved_by", "missing")]
    assert (early.status_code, early.json["code"]) == (409, "not_committed")
    assert (first.status_code, first.json["left"]) == (202, 2)
    assert (second.status_code, second.json["left"]) == (200, 0)
    assert small_world.caller.get(path).json["undone_at"] is not None


def test_the_file_lies_sealed_and_not_for_long(small_world: ApiWorld) -> None:
    system = small_world.system
    sent, other = send(small_world.caller, form({})), send(small_world.caller, form({"学籍号": "T2"}))
    small_world.caller.send("DELETE", f"/v1/imports/{other.json['import_id']}/file")
    rows = system.database.all("SELECT * FROM paper")
    sealed = b"".join(bytes(row["sealed"]) + bytes(row["outcome"] or b"") for row in rows)
    of_other = [(row["sealed"], row["outcome"]) for row in rows if row["import_id"] == _id(other)]
    intact = system.uploaded_papers.rows.unreadable()
    small_world.clock.forward(days=8)

    system.uploaded_papers.step()

    assert (len(rows), intact, of_other) == (2, [], [(b"", None)])
    assert b"PK" not in sealed[:200]
    assert "学籍号".encode() not in sealed
    assert system.database.all("SELECT * FROM paper") == []
    assert small_world.caller.get(f"/v1/imports/{sent.json['import_id']}").status_code == 404
    for each in (sent, other):
        (row,) = system.keys_database.all(
            "SELECT key, destroyed_at FROM stream_key WHERE stream_id = :id", id=_id(each)
        )
        assert (row["key"], row["destroyed_at"] is None) == (None, False)


def test_a_file_is_not_deleted_while_it_is_being_recorded(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded, "AT_ONCE_ROWS", 0)
    papers, caller = world.system.uploaded_papers, world.caller
    path = f"/v1/imports/{send(caller, form(*MANY)).json['import_id']}"
    papers.step()
    commit(caller, caller.get(path))
    meanwhile: list[testing.Result] = []

    def deleting(done: int, _total: int) -> None:
        meanwhile.append(caller.delete(f"{path}/file"))
        if done:
            raise RuntimeError

    waiting = caller.delete(f"{path}/file")
    monkeypatch.setattr(papers, "_beating", lambda _, **__: deleting)
    papers.step()
    monkeypatch.undo()
    cut = caller.delete(f"{path}/file")
    world.clock.forward(minutes=2)
    papers.step()
    done = caller.get(path).json
    gone = [caller.delete(f"{path}/file").status_code for _ in range(2)]

    refused = {(each.status_code, each.json["code"]) for each in (waiting, *meanwhile, cut)}
    assert refused == {(409, "import_at_work")}
    assert (done["state"], done["counts"]["recorded"], gone) == ("complete", 8, [204, 204])
    assert caller.get(path).json["state"] == "complete"


@pytest.mark.parametrize("column", ["sealed", "outcome"])
@pytest.mark.parametrize("garbage", [b"x", "x", 7])
def test_a_paper_that_does_not_open_is_named_and_not_recorded(
    world: ApiWorld, column: str, garbage: bytes | str | int
) -> None:
    if world.system.database.dialect == "postgres" and not isinstance(garbage, bytes):
        pytest.skip("PostgreSQL keeps nothing but bytes there")
    sent = send(world.caller, form({}, {"学籍号": "T2", "性别": "?"}))
    path = f"/v1/imports/{sent.json['import_id']}"
    with world.system.database.transaction() as tx:
        tx.run(f"UPDATE paper SET {column} = :garbage", garbage=garbage)

    named = [import_id for import_id, _ in world.system.uploaded_papers.rows.unreadable()]
    read, book, done = world.caller.get(path), world.caller.get(f"{path}/refused"), commit(world.caller, sent)

    assert named == [_id(sent)]
    assert (read.status_code, read.json["state"]) == (200, "previewed")
    assert book.status_code == 404
    # What is known of it can be found out again, and then nobody has seen that yet.
    expected = (409, "not_previewed") if column == "sealed" else (412, "stale")
    assert (done.status_code, done.json["code"], world.events) == (*expected, 0)


def test_a_paper_whose_key_was_destroyed_stops_nothing(world: ApiWorld) -> None:
    sent = send(world.caller, form({}))
    world.system.keyring.destroy(_id(sent))

    read, done = world.caller.get(f"/v1/imports/{sent.json['import_id']}"), commit(world.caller, sent)

    assert world.system.uploaded_papers.rows.unreadable() == []
    assert (read.status_code, done.status_code, done.json["code"]) == (200, 409, "not_previewed")


def test_whoever_may_not_write_to_a_school_sends_it_no_paper(small_world: ApiWorld) -> None:
    sent = send(small_world.caller, form({}))
    path = f"/v1/imports/{sent.json['import_id']}"
    elsewhere = small_world.as_(Role.CLIENT, org="别的县", name="elsewhere")
    auditor = small_world.as_(Role.AUDITOR, name="auditor")
    bound = small_world.as_(Role.CLIENT, types=["home_visit_made"], name="bound")
    school = small_world.as_(Role.CLIENT, org=SCHOOL, name="school")

    assert [send(each, form({})).status_code for each in (elsewhere, auditor, bound)] == [404, 403, 403]
    assert [each.get(path).status_code for each in (elsewhere, auditor, bound)] == [404, 200, 403]
    assert [commit(each, sent).status_code for each in (elsewhere, auditor)] == [404, 403]
    assert [len(each.get("/v1/imports").json["items"]) for each in (elsewhere, school)] == [0, 1]
    assert (commit(school, sent).status_code, school.post(path + "/undo", {}).status_code) == (200, 403)


def test_what_is_no_paper_is_refused_at_once(small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", b"")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(200):
                part.write(b" " * (1 << 20))
    monkeypatch.setattr(uploaded, "AT_ONCE_BYTES", 10)

    bomb = send(small_world.caller, held.getvalue())
    picture = send(small_world.caller, b"\x89PNG\r\n")
    monkeypatch.undo()
    unknown = send(small_world.caller, form({}), kind="care-log")
    headless = send(small_world.caller, b"a,b\n1,2\n")
    as_json = send(small_world.caller, b"{}", headers={"Content-Type": "application/json"})

    assert [codes(each)[0][1] for each in (bomb, picture, unknown, headless)] == [
        "paper_too_big",
        "not_a_table",
        "unknown_org",
        "no_header",
    ]
    assert as_json.status_code == 415
    assert small_world.system.database.all("SELECT * FROM paper") == []


def test_what_a_heading_means_is_remembered_with_what_was_recorded(small_world: ApiWorld) -> None:
    take_roster(small_world.system, form({}))
    data = log({"内容": "甲"}).replace("记录人".encode(), "走访老师".encode())
    later = log({"内容": "乙"}).replace("记录人".encode(), "走访老师".encode())

    unknown = send(small_world.caller, data, kind="care-log")
    said = send(small_world.caller, data, kind="care-log", map="走访老师=记录人")
    before = send(small_world.caller, later, kind="care-log").status_code
    commit(small_world.caller, said)
    known = send(small_world.caller, later, kind="care-log")

    assert (unknown.json["code"], said.status_code, before) == ("unknown_column", 201, 422)
    assert (known.status_code, known.json["sums"]["recorded"]) == (201, 1)


def test_lines_come_whole_as_lines_and_as_a_table(small_world: ApiWorld) -> None:
    sent = send(small_world.caller, form({}, {"学籍号": "T2", "性别": "?"}))
    path = f"/v1/imports/{sent.json['import_id']}"

    lines = small_world.caller.get(path, headers={"Accept": "application/x-ndjson"})
    table = small_world.caller.get(
        path, headers={"Accept": "text/csv", "Accept-Language": "en"}, state="refused"
    )

    assert [json.loads(line)["line"] for line in lines.text.splitlines()] == [3, 4]
    assert [row.split(",")[:4] for row in table.content.decode("utf-8-sig").splitlines()[1:]] == [
        ["4", "", "", "refused"]
    ]


def _id(sent: testing.Result) -> Any:

    return UUID(sent.json["import_id"])


def answer(caller: Caller, seen: testing.Result, **body: Any) -> testing.Result:
    path = f"/v1/imports/{seen.json['import_id']}/answers"
    return caller.send(
        "POST", path, body=json.dumps(body).encode(), headers={"If-Match": seen.headers["ETag"]}
    )


TWINS = form({"班级": "1班"}, UNPAIRED | {"学籍号": "T2", "班级": "2班", "出生日期": "2014-01-02"})


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_asked_of_a_line_is_answered_once_for_the_file(
    small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    take_roster(small_world.system, TWINS)
    children = [each["child_id"] for each in small_world.caller.get("/v1/children").json["items"]]
    data, papers = log({"学籍号": "", "类型": "巡查"}), small_world.system.uploaded_papers
    if not at_once:
        monkeypatch.setattr(uploaded, "AT_ONCE_BYTES", 10)
    sent = send(small_world.caller, data, kind="care-log")
    while papers.step():
        pass
    seen = small_world.caller.get(f"/v1/imports/{sent.json['import_id']}")

    words = [{"line": 2, "column": "类型", "word": "走访"}]
    told = answer(small_world.caller, seen, whom=[{"line": 2, "child_id": children[1]}], words=words)
    repeated = answer(small_world.caller, seen, words=words)
    while papers.step():
        pass
    shown = small_world.caller.get(f"/v1/imports/{sent.json['import_id']}")
    commit(small_world.caller, shown)
    while papers.step():
        pass
    done = small_world.caller.get(f"/v1/imports/{sent.json['import_id']}")
    again = send(small_world.caller, data, kind="care-log")
    while papers.step():
        pass
    once_more = small_world.caller.get(f"/v1/imports/{again.json['import_id']}")

    assert [r["code"] for r in seen.json["items"][0]["reasons"]] == ["which_child", "unknown_type"]
    assert (told.status_code, repeated.status_code) == ((200, 200) if at_once else (202, 202))
    assert [e["line"] for e in shown.json["answers"]] == [2, 2]
    assert shown.json["answers"][1] == {"line": 2, "child_id": None, "column": "类型", "word": "家访"}
    assert [each.json["counts"]["recorded"] for each in (shown, done)] == [1, 1]
    assert once_more.json["counts"]["already_recorded"] == 1
    assert done.json["items"][0]["child_id"] == children[1]


def test_an_answer_is_refused_that_is_none(small_world: ApiWorld) -> None:
    take_roster(small_world.system, TWINS)
    (child, *_) = (each["child_id"] for each in small_world.caller.get("/v1/children").json["items"])
    seen = send(small_world.caller, log({"学籍号": ""}), kind="care-log")
    other = small_world.as_(Role.CLIENT, org="fourth county", name="fourth")
    nobody = {"line": 2, "child_id": str(UUID(int=7))}

    told = [
        answer(small_world.caller, seen, whom=[{"line": 7, "child_id": child}]),
        answer(small_world.caller, seen, whom=[nobody]),
        answer(small_world.caller, seen, words=[{"line": 2, "column": "类型", "word": "巡查"}]),
        answer(small_world.caller, seen, words=[{"line": 2, "column": "内容", "word": "巡查"}]),
        answer(other, seen, whom=[{"line": 2, "child_id": child}]),
    ]
    answer(small_world.caller, seen, whom=[{"line": 2, "child_id": child}])
    late = answer(small_world.caller, seen, whom=[{"line": 2, "child_id": None}])

    assert [(each.status_code, each.json["code"]) for each in (*told, late)] == [
        (422, "no_such_line"),
        (404, "not_found"),
        (422, "unknown_word"),
        (422, "not_asked"),
        (404, "not_found"),
        (412, "stale"),
    ]


@pytest.mark.parametrize("left_out", ["kind", "org"])
def test_a_paper_of_which_nobody_says_what_or_whose_it_is_is_refused(
    small_world: ApiWorld, left_out: str
) -> None:
    asked = {"kind": "roster", "org": SCHOOL}
    del asked[left_out]

    refused = small_world.caller.send("POST", "/v1/imports", body=b"x", headers=BYTES, params=asked)

    assert (refused.status_code, codes(refused)) == (422, [(f"/{left_out}", "missing")])
