"""What is asked of every store: a fixed list, with the answers of the version that made it kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import msgspec
import orjson

from tests.api.support import Caller
from tests.cli.terminal import Terminal
from tests.upgrade.flows import known_ids
from tests.upgrade.kids import ALERTED, FILES, KIDS, SAME_DAY
from tests.upgrade.people import A1, AI, AM, CARERS, EMPTY, RECIPIENTS, A, B, C, recipient_id
from tests.upgrade.teller import Teller

# Moments in the past of the store; the last one lies after all but its last words.
EARLY, MIDDLE, LATE = "2026-05-24T12:00:00+08:00", "2026-06-11T09:00:00+08:00", "2026-06-30T11:00:00+08:00"
KNOWN, NOW, TERMINAL = "known", "now", "terminal"
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that is asked, under a name that says what and of whom.

    `group` is "known" where the answer names a moment of knowledge in the past of the store, so that it may
    never change; "now" and "terminal" are answers of the present, and those of commands.
    """

    name: str
    group: str
    caller: str = ""
    method: str = "GET"
    target: str = ""
    body: str = ""
    accept: str = JSON
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, byte for byte."""

    status: int
    body: str
    etag: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def asked_by_api(question: Question, caller: Caller) -> Answer:
    """Ask over HTTP."""
    said = caller.send(
        question.method, question.target, body=question.body.encode(), headers={"Accept": question.accept}
    )
    return Answer(status=said.status_code, body=said.text, etag=said.headers.get("ETag"))


def asked_in_terminal(question: Question, terminal: Terminal) -> Answer:
    """Ask by a command; the status is its exit code."""
    said = terminal.run(*question.words)
    return Answer(status=said.code, body=_without_head(said.out or said.err))


def _without_head(body: str) -> str:
    """Return what 0.1 gave: a report without its head, which names a place, and a list by itself."""
    if not body.startswith("{"):
        lines = body.splitlines(keepends=True)
        return "".join(lines[1:] if lines[0].startswith("台账 ") else lines)
    answer = orjson.loads(body)
    if answer.pop("head", None) is None:
        return body
    listed = answer.keys() == {"items", "notes"} and not answer["notes"]
    return msgspec.json.encode(answer["items"] if listed else answer).decode() + "\n"


def next_page(question: Question, answer: Answer) -> Question | None:
    """Ask for the page that follows, by the cursor that this version gave; of some lists."""
    if not question.name.endswith("first page"):
        return None
    cursor = orjson.loads(answer.body)["next"]
    target = f"{question.target}&{urlencode({'cursor': cursor})}"
    return replace(question, name=question.name.replace("first", "second"), target=target)


def questions(tell: Teller) -> Iterator[Question]:
    """Return everything that is asked."""
    yield from _children(tell)
    yield from _sights(tell)
    yield from _reports()
    yield from _lists()
    yield from _things(tell)
    yield from _searches()
    yield from _commands()


def _get(name: str, caller: str, path: str, *, accept: str = JSON, **query: Any) -> Question:
    group = KNOWN if "as_known_at" in query else NOW
    target = f"{path}?{urlencode(query)}" if query else path
    return Question(name=name, group=group, caller=caller, target=target, accept=accept)


def _children(tell: Teller) -> Iterator[Question]:
    # Of two of these nothing was known then.
    told_early = {kid.slug for kid in (*ALERTED, *SAME_DAY, *FILES) if kid.enrolled < "05-24"}
    told_early |= {"num_plain", "al_info"}
    for slug, child in tell.children.items():
        path = f"/v1/children/{child}"
        yield _get(f"child {slug} now", "office", path)
        yield _get(f"child {slug} late", "office", path, as_of="2026-06-30", as_known_at=LATE)
        history: dict[str, Any] = {"limit": 500, "as_known_at": LATE}
        yield _get(f"history {slug} late", "office", f"{path}/history", **history)
        if slug in told_early:
            history = {"limit": 500, "as_of": "2026-05-23", "as_known_at": EARLY}
            yield _get(f"history {slug} early", "office", f"{path}/history", **history)
        if slug not in KIDS or KIDS[slug].enrolled < "05-20":
            judged = {"period": "2026-05", "as_known_at": MIDDLE}
            yield _get(f"compliance {slug} middle", "office", f"{path}/compliance", **judged)


def _sights(tell: Teller) -> Iterator[Question]:
    """Ask as others: what a key may see of a child, and in what form it may have a history."""
    for slug in ("both_away", "moved_far", "moved_near", "moving_far", "foreign", "erased", "b_away"):
        path = f"/v1/children/{tell.children[slug]}"
        for caller in ("a_auditor", "a_school", "a_class", "am_school", "b_manager", "b_namesake"):
            name = f"history {slug} to {caller}"
            yield _get(name, caller, f"{path}/history", limit=500, as_known_at=LATE)
    full = f"/v1/children/{tell.children['full']}/history"
    for accept in ("text/csv", "application/x-ndjson"):
        yield _get(f"history full as {accept}", "office", full, accept=accept, as_known_at=LATE)
    first = {"limit": 5, "as_known_at": LATE}
    yield _get("history full, first page", "office", full, **first)
    for slug in ("al_last", "full"):
        path = f"/v1/children/{tell.children[slug]}"
        yield _get(f"history {slug} now", "office", f"{path}/history", limit=500)
        yield _get(f"compliance {slug} now", "office", f"{path}/compliance", period="2026-06")
    for caller in ("expired", "revoked"):
        yield _get(f"child to {caller}", caller, f"/v1/children/{tell.children['both_away']}")


def _reports() -> Iterator[Question]:
    asked = (
        (A, "C39", "2026-05"),
        (A, "C39", "2026-06"),
        (A1, "C39", "2026-05"),
        (A, "C18", "2026-05"),
        (A, "C36", "2026-spring"),
        ("溪口县", "C18", "2026-06"),
        ("溪口县/东岭镇", "C39", "2026-05"),
        (AM, "C27", "2026-W22"),
        (AI, "C18", "2026-03"),
        ("南坪县", "C04", "2026-05"),
        (B, "C05", "2026-05"),
        (B, "NP1", "2026-05"),
        # Bound from September on, and bound nowhere.
        (B, "C39", "2026-05"),
        (C, "C18", "2026-05"),
        (EMPTY, "C18", "2026-05"),
    )
    for org, rule, period in asked:
        for name, moment in (("middle", MIDDLE), ("late", LATE)):
            query = {"org": org, "rule": rule, "period": period, "as_known_at": moment}
            yield _get(f"report {org} {rule} {period} {name}", "office", "/v1/compliance", **query)
    nowhere = {"org": "溪口县/没有此镇", "rule": "C18", "period": "2026-05"}
    yield _get("report of no organisation", "office", "/v1/compliance", as_known_at=LATE, **nowhere)
    early = {"org": A, "rule": "C18", "period": "2026-05", "as_known_at": "2026-02-21"}
    yield _get("report before anybody was enrolled", "office", "/v1/compliance", **early)
    for org, period in (
        (EMPTY, "2026-05"),
        (A, "2026-05"),
        ("溪口县", "2026-06"),
        ("南坪县", "2026-05"),
        (C, "2026-05"),
    ):
        yield _get(f"overview {org} {period}", "office", "/v1/compliance", org=org, period=period)


def _lists() -> Iterator[Question]:
    for caller in ("office", "a_watcher", "b_watcher", "a_school", "c_school"):
        for flag in ("true", "false"):
            yield _get(f"alerts open={flag} to {caller}", caller, "/v1/alerts", open=flag, limit=500)
    yield _get("alerts, first page", "office", "/v1/alerts", limit=7)
    yield _get("quarantine, first page", "office", "/v1/quarantine", limit=2)
    for caller in ("a_school", "b_namesake", "office"):
        for state in ("waiting", "accepted", "dismissed"):
            yield _get(f"quarantine {state} to {caller}", caller, "/v1/quarantine", state=state, limit=500)
    for caller in ("office", "a_manager", "b_manager", "am_school"):
        yield _get(f"transfers to {caller}", caller, "/v1/transfers")
    for caller in ("office", "a_manager"):
        yield _get(f"recipients to {caller}", caller, "/v1/recipients")
        yield _get(f"rule bindings to {caller}", caller, "/v1/rule-bindings")
    yield _get("timeline of all", "city_auditor", "/v1/timeline", limit=500)
    yield _get("timeline of a county, first page", "a_auditor", "/v1/timeline", limit=50)
    yield _get("timeline of what came late", "a_school", "/v1/timeline", late="true", limit=500)
    yield _get("timeline of visits", "b_manager", "/v1/timeline", type="home_visit_made", limit=500)
    yield _get("activities", "office", "/v1/activities", limit=500)
    # Where there is no organisation, or nobody in it.
    for org in ("溪口县/没有此镇", EMPTY):
        for name in ("alerts", "timeline", "transfers", "activities"):
            yield _get(f"{name} of {org}", "office", f"/v1/{name}", org=org)


def _things(tell: Teller) -> Iterator[Question]:
    for name, id_ in known_ids().items():
        kind, _, slug = name.partition(" ")
        if kind == "activity":
            yield _get(name, "office", f"/v1/activities/{id_}")
        else:
            yield _get(name, "a_school", f"/v1/event-batches/{id_}", limit=500)
    yield _get("batch phone to its heir", "a_school_new", f"/v1/event-batches/{known_ids()['batch phone']}")
    refused = {"state": "refused", "accept": "text/csv"}
    yield _get(
        "batch phone refused", "a_school", f"/v1/event-batches/{known_ids()['batch phone']}", **refused
    )
    for slug in CARERS:
        yield _get(f"carer {slug}", "office", f"/v1/carers/{tell.carers[slug]}")
    for slug in RECIPIENTS:
        yield _get(f"inbox {slug}", "office", f"/v1/recipients/{recipient_id(slug)}/inbox", limit=500)


def _searches() -> Iterator[Question]:
    wanted = (
        *(
            ("student_no", number)
            for number in ("XK0001", "xk0001", "ＸＫ０００１", " XK0001 ", "Xk 0001", "XK0002")
        ),
        *(
            ("student_no", number)
            for number in ("XK0004", "XK0005", "ＸＫ０００６", "XK·0003", "HY01", "HW01")
        ),
        ("id_number", "11010120160520008X"),
        ("id_number", "11010120160520008x"),
        *(
            ("name", name)
            for name in ("张三", "张 三", "Anna", "ANNA", "艾力·买买提", "殷小删", "薛小政", "薛小正")
        ),
    )
    for caller in ("office", "b_manager"):
        for kind, word in wanted:
            body = f'{{"{kind}": "{word}"}}'
            yield Question(
                name=f"search {kind} {word!r} by {caller}",
                group=NOW,
                caller=caller,
                method="POST",
                target="/v1/children/search",
                body=body,
            )


def _commands() -> Iterator[Question]:
    """Ask in the terminal, whose clock is the machine's: only what names its day and its moment."""
    at = ("--as-known-at", LATE, "--json")
    told = (
        ("history", "XK0001", *at),
        ("history", "S20260001", "--as-of", "2026-05-23", "--as-known-at", EARLY, "--json"),
        ("history", "S20260001", "--as-of", "2026-05-23", "--as-known-at", EARLY),
        ("compliance", "--org", A, "--rule", "C39", "--period", "2026-05", *at),
        ("compliance", "--org", "溪口县", "--rule", "C18", "--period", "2026-05", *at),
        ("compliance", "--org", C, "--rule", "C18", "--period", "2026-05", *at),
        ("compliance", "--org", EMPTY, "--rule", "C18", "--period", "2026-05", *at),
        (
            "compliance",
            "--org",
            A,
            "--rule",
            "C18",
            "--period",
            "2026-05",
            "--as-known-at",
            "2026-02-21",
            "--json",
        ),
        ("children", "--org", A, "--on", "2026-06-30", "--json"),
        ("children", "--uncontacted-days", "30", "--on", "2026-06-30", "--json"),
        ("alerts", "--on", "2026-06-30", "--json"),
        ("alerts", "--on", "2026-06-30", "--org", "南坪县"),
        ("import", "list", "--json"),
        ("keys", "list", "--json"),
        ("rules", "list", "--json"),
        ("org", "list", "--json"),
        ("recipients", "list", "--json"),
        ("dead-letters", "list", "--all", "--json"),
    )
    for words in told:
        yield Question(name=" ".join(words), group=TERMINAL, words=words)
