"""The pages at `/`: who is let in, what they see, in which language; and that a name stays text."""

import re
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from falcon import testing

from api.app import create_app
from application.access import SYSTEM, Role
from domain.case_no import case_no_of
from reports.catalogue import reports
from tests.api.support import ApiWorld
from tests.support.actions import CLASS, SCHOOL

NAME = "<b>甲</b>"
FORM = "application/x-www-form-urlencoded"
LOCAL = {"Host": "127.0.0.1:8080"}
ELSEWHERE = "county/township/other"


class Visitor:
    """Somebody with a browser: keeps its cookie, reads Chinese."""

    def __init__(self, http: testing.TestClient, *, key: str | None = None, **headers: str) -> None:
        self.http, self.headers = http, {"Accept-Language": "zh-CN"} | headers
        if key is not None:
            signed = self.post("/sign-in", f"key={key}&to=/")
            assert (signed.status_code, signed.headers["Location"]) == (303, "/")
            self.headers["Cookie"] = signed.headers["Set-Cookie"].partition(";")[0]

    def get(self, path: str, **params: Any) -> testing.Result:
        return self.http.simulate_get(path, headers=self.headers, params=params)

    def post(self, path: str, body: str, **headers: str) -> testing.Result:
        sent = self.headers | headers
        return self.http.simulate_post(path, body=body.encode(), headers=sent, content_type=FORM)


def of(world: ApiWorld, role: Role = Role.AUDITOR, **more: Any) -> Visitor:
    caller = world.as_(role, **more)
    return Visitor(world.http, key=caller.key)


@pytest.fixture
def child(small_world: ApiWorld) -> str:
    """A child with a name that is markup, a visit that was corrected and one that is void."""
    enrolled = small_world.enrol(name=NAME, student_no="T1")
    desk, carer = small_world.desk, UUID(small_world.carer())
    wrong = desk.visit(UUID(enrolled), carer, "2026-06-10")
    void = desk.visit(UUID(enrolled), carer, "2026-06-11")
    desk.correct(UUID(enrolled), wrong.event_id, occurred_on="2026-06-12")
    desk.void(UUID(enrolled), void.event_id)
    return enrolled


def rows(page: str) -> list[list[str]]:
    """The cells of every row of the tables of a page, as text."""
    bodies = re.findall(r"<tr[^>]*>\s*(<td.*?)</tr>", page, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", body, re.DOTALL) for body in bodies]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def test_nobody_sees_a_page_without_a_key(small_world: ApiWorld, child: str) -> None:
    visitor = Visitor(small_world.http, **LOCAL)
    paths = ["/", *(f"/reports/{name}" for name in reports()), f"/children/{child}"]
    files = ["/reports/children.csv", "/reports/children.xlsx", f"/children/{child}/history.csv"]

    for path in (*paths, *files):
        answered = visitor.get(path)
        assert (answered.status_code, "用密钥登录" in answered.text) == (401, True), path
        assert "甲" not in answered.text
        assert answered.headers["WWW-Authenticate"].startswith("Bearer")
    assert visitor.post("/find", "word=T1").status_code == 401


def test_a_session_is_a_cookie_without_a_secret(small_world: ApiWorld) -> None:
    key = small_world.caller.key or ""
    signed = Visitor(small_world.http).post("/sign-in", f"key={key}&to=/reports/children")
    over_tls = small_world.http.simulate_post(
        "/sign-in", body=f"key={key}", content_type=FORM, headers={"X-Forwarded-Proto": "https"}
    )

    assert (signed.status_code, signed.headers["Location"]) == (303, "/reports/children")
    said = signed.headers["Set-Cookie"]
    assert all(word in said for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"))
    assert "Secure" not in said
    assert "Secure" in over_tls.headers["Set-Cookie"]
    assert key.split("_")[2] not in said


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil"])
def test_one_goes_on_to_this_host_alone(small_world: ApiWorld, to: str) -> None:
    signed = Visitor(small_world.http).post("/sign-in", f"key={small_world.caller.key}&to={to}")

    assert signed.headers["Location"] == "/"


def test_a_session_ends_with_its_key_its_hour_or_a_changed_letter(small_world: ApiWorld) -> None:
    caller = small_world.as_(Role.AUDITOR)
    visitor = Visitor(small_world.http, key=caller.key)
    cookie = visitor.headers["Cookie"]

    small_world.clock.forward(minutes=59)
    going_on = visitor.get("/")
    assert going_on.status_code == 200
    visitor.headers["Cookie"] = going_on.headers["Set-Cookie"].partition(";")[0]
    small_world.clock.forward(minutes=30)
    assert visitor.get("/").status_code == 200
    assert Visitor(small_world.http, Cookie=cookie).get("/").status_code == 401
    last = visitor.headers["Cookie"]
    for wrong in (f"{last[:-1]}{'0' if last[-1] != '0' else '1'}", "careledger_session=x", f"{last}.1"):
        assert Visitor(small_world.http, Cookie=wrong).get("/").status_code == 401

    small_world.system.api_keys.revoke((caller.key or "").split("_")[1], actor=SYSTEM)
    assert visitor.get("/").status_code == 401


def test_whoever_signs_out_has_no_cookie_any_more(small_world: ApiWorld) -> None:
    visitor = of(small_world)
    out = visitor.post("/sign-out", "")

    assert out.status_code == 303
    assert re.search(r"careledger_session=(\"\")?;", out.headers["Set-Cookie"])
    assert "expires=" in out.headers["Set-Cookie"]


def test_a_form_is_sent_from_a_page_of_this_host(small_world: ApiWorld) -> None:
    visitor = of(small_world)

    foreign = visitor.post("/find", "word=T1", Origin="https://evil.example")
    own = visitor.post("/find", "word=T1", Origin="http://falconframework.org")
    assert (foreign.status_code, "foreign_form" in foreign.text) == (400, True)
    assert own.status_code == 200


def test_everybody_sees_what_the_key_may_read_and_no_more(small_world: ApiWorld, child: str) -> None:
    stranger, school = of(small_world, org=ELSEWHERE), of(small_world, org=SCHOOL)
    small_world.system.organisations.ensure(ELSEWHERE, actor=SYSTEM)
    bound = of(small_world, Role.CLIENT, types=["call_made"])

    assert [row[1] for row in rows(school.get("/reports/children").text)] == ["T1"]
    assert rows(stranger.get("/reports/children").text) == []
    assert stranger.get("/reports/children", org=SCHOOL).status_code == 404
    assert CLASS not in stranger.get("/reports/children").text
    assert stranger.get(f"/children/{child}").status_code == 404
    assert stranger.get(f"/children/{child}/history.csv").status_code == 404
    assert "没有可查看的儿童" in stranger.post("/find", "word=T1").text
    for word in ("T1", case_no_of(UUID(child))):
        assert school.post("/find", f"word={word}").headers["Location"] == f"/children/{child}"
    for path in ("/", "/reports/children", f"/children/{child}", "/reports/children.xlsx"):
        assert bound.get(path).status_code == 403


def test_a_child_is_found_by_part_of_its_name_and_by_pinyin(small_world: ApiWorld) -> None:
    visitor, child = of(small_world, org=SCHOOL), small_world.enrol(name="欧阳小禾")
    small_world.enrol(name="林小禾")
    changed = {"type": "profile_changed", "occurred_on": "2026-05-01", "details": {"name": "欧阳大禾"}}
    small_world.caller.put(f"/v1/children/{child}/events/{uuid4()}", changed)

    alone = visitor.post("/find", f"word={quote('ou yang')}")
    several = visitor.post("/find", f"word={quote('小禾')}")
    nobody = visitor.post("/find", f"word={quote('张三')}")

    assert alone.headers["Location"] == f"/children/{child}"
    assert [name in several.text for name in ("林小禾", "欧阳大禾", "曾用名 欧阳小禾")] == [True] * 3
    assert "没有可查看的儿童" in nobody.text


def test_a_name_is_never_asked_for_in_an_address(small_world: ApiWorld) -> None:
    visitor = of(small_world, org=SCHOOL)

    page, asked = visitor.get("/reports/children"), visitor.get("/reports/children", name="小禾")

    assert (page.status_code, 'name="name"' in page.text) == (200, False)
    assert asked.status_code == 422


def test_a_name_that_is_markup_stays_text(small_world: ApiWorld, child: str) -> None:
    visitor = of(small_world)
    visitor_pages = [visitor.get("/reports/children"), visitor.get(f"/children/{child}")]
    small_world.enrol(name=NAME, student_no="T2")
    found = visitor.post("/find", "word=%3Cb%3E%E7%94%B2%3C%2Fb%3E")

    for page in (*visitor_pages, found):
        assert page.status_code == 200
        assert "&lt;b&gt;甲&lt;/b&gt;" in page.text
        assert NAME not in page.text
        assert "<script" not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "script" not in policy
        assert "unsafe" not in policy
    asked = visitor.get("/reports/children", org='"><script>')
    assert (asked.status_code, "<script" in asked.text) == (404, False)
    twice = visitor.get("/reports/children", sort='"><script>')
    assert "<script" not in twice.text


def test_pages_are_in_the_language_of_the_browser_or_the_one_that_is_chosen(small_world: ApiWorld) -> None:
    visitor = of(small_world)
    zh, en = visitor.get("/"), visitor.get("/", lang="en")

    assert ('lang="zh-CN"' in zh.text, "列表与报表" in zh.text) == (True, True)
    assert ('lang="en"' in en.text, "Lists and reports" in en.text) == (True, True)
    assert 'href="/reports/children?lang=en"' in en.text
    assert (zh.headers["Content-Language"], en.headers["Content-Language"]) == ("zh", "en")


def test_a_list_is_sorted_by_a_column_either_way_and_what_is_empty_comes_last(small_world: ApiWorld) -> None:
    desk, carer = small_world.desk, UUID(small_world.carer())
    for number, day in (("T1", "2026-06-10"), ("T2", ""), ("T3", "2026-06-01")):
        enrolled = small_world.enrol(student_no=number)
        if day:
            desk.visit(UUID(enrolled), carer, day)
    visitor = of(small_world)

    def order(**asked: str) -> list[str]:
        return [row[1] for row in rows(visitor.get("/reports/children", **asked).text)]

    assert order() == ["T1", "T2", "T3"]
    assert order(sort="last_contact_on") == ["T3", "T1", "T2"]
    assert order(sort="-last_contact_on") == ["T1", "T3", "T2"]
    assert order(uncontacted_days="20", on="2026-06-30", sort="-student_no") == ["T3", "T2", "T1"]


def test_a_hundred_rows_are_a_page(small_world: ApiWorld) -> None:
    for number in range(103):
        small_world.enrol(student_no=f"T{number:03}")
    visitor = of(small_world)
    first, second = visitor.get("/reports/children"), visitor.get("/reports/children", page="2")

    assert (len(rows(first.text)), len(rows(second.text))) == (100, 3)
    assert ('rel="next"' in first.text, 'rel="prev"' in second.text) == (True, True)
    assert "共 103 行" in first.text
    assert len(visitor.get("/reports/children.csv").text.splitlines()) == 104


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("/reports/children", {"o": "x"}, 422, "unknown_field"),
        ("/reports/children", {"org": ["a", "b"]}, 422, "given_twice"),
        ("/reports/children", {"on": "2026-02-30"}, 422, "wrong_value"),
        ("/reports/children", {"page": "0"}, 422, "wrong_value"),
        ("/reports/compliance", {"org": SCHOOL, "rule": "C99"}, 404, "unknown_rule"),
        ("/reports/nothing", {}, 404, "not_found"),
        ("/reports/children.pdf", {}, 404, "not_found"),
        ("/children/00000000-0000-4000-8000-000000000001", {}, 404, "not_found"),
    ],
)
def test_a_refusal_is_a_page_with_its_code(
    small_world: ApiWorld, path: str, asked: dict[str, Any], status: int, code: str
) -> None:
    small_world.system.organisations.ensure(SCHOOL, actor=SYSTEM)
    answered = of(small_world).get(path, **asked)

    assert (answered.status_code, answered.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<code>{code}" in answered.text


def test_a_report_that_must_be_asked_for_something_shows_its_form_first(small_world: ApiWorld) -> None:
    page = of(small_world).get("/reports/compliance", org="", rule="")

    assert page.status_code == 200
    assert "请先填写必填项" in page.text
    assert '<option value="C39">' in page.text


def test_a_history_shows_what_was_corrected_and_voided_and_since_when_it_was_known(
    small_world: ApiWorld, child: str
) -> None:
    visitor = of(small_world)
    page = visitor.get(f"/children/{child}").text
    entries = small_world.caller.get(f"/v1/children/{child}/history").json["items"]

    shown = [row for row in rows(page) if len(row) == 6 and row[0].isdigit()]
    assert [int(row[0]) for row in shown] == [entry["version"] for entry in entries]
    assert [row[1] for row in shown] == [entry["occurred_on"] for entry in entries]
    assert all(f'id="e-{entry["event_id"]}"' in page for entry in entries)
    assert "原记 2026-06-10" in page
    assert re.search(r'class="?void', page)
    assert re.search(r"已更正（<a href=\"#v\d\">#\d</a>）", page)
    before = rows(visitor.get(f"/children/{child}", as_of="2026-06-09").text)
    assert [row[0] for row in before if len(row) == 6 and row[0].isdigit()] == ["1"]
    early = visitor.get(f"/children/{child}", as_known_at="2020-01-01")
    assert (early.status_code, "nothing_known" in early.text) == (404, True)
    table = visitor.get(f"/children/{child}/history.csv").text
    assert len(table.splitlines()) == len(entries) + 1


class TestThisMachine:
    """While the sample is shown, this machine is let in without a key, at the sample alone."""

    @pytest.fixture
    def http(self, small_world: ApiWorld) -> testing.TestClient:
        system = small_world.system
        settings = replace(system.settings, open_pages=SCHOOL)
        return testing.TestClient(create_app(replace(system, settings=settings)))

    def test_it_is_told_so_and_sees_the_sample_alone(
        self, small_world: ApiWorld, http: testing.TestClient, child: str
    ) -> None:
        hidden = small_world.enrol(org=f"{ELSEWHERE}/grade 1", student_no="T9")
        for host in ("127.0.0.1:8080", "localhost", "[::1]:80"):
            page = Visitor(http, Host=host).get("/reports/children")
            assert "本机无需密钥" in page.text
            assert [row[1] for row in rows(page.text)] == ["T1"]
        local = Visitor(http, **LOCAL)
        assert local.get(f"/children/{child}").status_code == 200
        assert local.get(f"/children/{hidden}").status_code == 404
        assert http.simulate_get(f"/v1/children/{child}", headers=LOCAL).status_code == 401

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example"},
            {"Host": "localhost:8080@evil.example"},
            LOCAL | {"X-Forwarded-For": "127.0.0.1"},
            LOCAL | {"Forwarded": "for=127.0.0.1"},
            LOCAL | {"Origin": "https://evil.example"},
        ],
    )
    def test_another_name_or_a_proxy_is_not_this_machine(
        self, http: testing.TestClient, headers: dict[str, str]
    ) -> None:
        assert http.simulate_get("/", headers=headers).status_code == 401

    def test_another_machine_needs_a_key(self, http: testing.TestClient) -> None:
        assert http.simulate_get("/", headers=LOCAL, remote_addr="192.168.1.7").status_code == 401

    def test_a_service_that_others_reach_lets_nobody_in(self, small_world: ApiWorld) -> None:
        system = small_world.system
        settings = replace(system.settings, open_pages=SCHOOL, host="0.0.0.0")
        http = testing.TestClient(create_app(replace(system, settings=settings)))

        assert http.simulate_get("/", headers=LOCAL).status_code == 401
