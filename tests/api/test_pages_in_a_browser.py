"""Every list, report and history in a real browser, in Chinese, on a telephone, from the first page on.

The numbers are those of the API and of the command line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from api.pages.report import ROWS
from application.access import ALLOWED, SYSTEM, Role
from cli.sample import SAMPLE_COUNTY, SAMPLE_ORG, load_sample
from projections.tables import DDL
from reports.catalogue import reports
from tests.api.serving import Service, serving
from tests.cli.terminal import Terminal
from tests.support.browser import Browser, browser
from tests.support.databases import opened

TELEPHONE = 360
# What a report must be asked for, and days on which the sample has something to say.
ASKED: dict[str, dict[str, str]] = {
    "children": {"uncontacted_days": "30", "on": "2026-06-30"},
    "alerts": {"on": "2026-06-30"},
    "compliance": {"org": SAMPLE_ORG, "rule": "C39", "period": "2026-05"},
    "summary": {"org": SAMPLE_ORG},
    "overview": {"period": "2026-05"},
}
CELLS = (
    "[...document.querySelectorAll('tbody')].map(body => [...body.rows].map("
    "row => [...row.cells].map(cell => cell.innerText.trim())))"
)


@contextmanager
def _bar(_text: object) -> Iterator[Any]:
    yield lambda _done, _total: None


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    url = f"sqlite:///{tmp_path}/careledger.db"
    with serving(url, tmp_path, CARELEDGER_OPEN_PAGES=SAMPLE_COUNTY, CARELEDGER_WEB_WORKERS="1") as made:
        system = opened(made.settings, ddl=DDL)
        try:
            load_sample(system, actor=SYSTEM, bar=_bar)
        finally:
            system.close()
        yield made


# Where the service lists what a report lists.
LISTS = {
    "activities": "/v1/activities?limit=500",
    "carers": "/v1/carers?limit=500",
    "cases": "/v1/alerts?limit=500",
    "deliveries": "/v1/deliveries?limit=500",
    "organisations": "/v1/organisations?limit=500",
    "quarantine": "/v1/quarantine?limit=500",
    "recipients": "/v1/recipients",
    "transfers": "/v1/transfers?limit=500",
}


def narrow(page: Browser) -> bool:
    return bool(page.says("document.documentElement.scrollWidth") <= TELEPHONE)


def test_all_of_it_opens_from_the_first_page_on_a_telephone(service: Service, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, LANG="zh_CN.UTF-8")
    with browser(tmp_path) as page, service.client() as api:
        page.header(Accept_Language="zh-CN")
        page.width(TELEPHONE)
        page.open(f"{service.server.url}/")
        links = page.says("[...document.querySelectorAll('.cards a')].map(a => a.getAttribute('href'))")

        # Who is let in without a key may read, and no more.
        seen = {name: each for name, each in reports().items() if each.action in ALLOWED[Role.AUDITOR]}
        assert [link.removeprefix("/reports/") for link in links] == list(seen)
        assert "本机无需密钥" in page.says("document.body.innerText")
        assert narrow(page)
        for name, report in seen.items():
            asked = ASKED.get(name, {})
            page.open(f"{service.server.url}/reports/{name}?{urlencode(asked)}")
            assert page.says("document.querySelector('h1').innerText") == report.title.zh
            assert page.says("document.documentElement.lang") == "zh-CN"
            assert narrow(page), name
            told = terminal.json(
                name, *(w for n, v in asked.items() for w in (f"--{n.replace('_', '-')}", v))
            )
            _same(name, page.says(CELLS), told)
            if name in LISTS:
                items = api.get(LISTS[name]).json()["items"]
                assert len(items) == len(told["items"]), name
        page.open(f"{service.server.url}/reports/compliance?{urlencode(ASKED['compliance'])}")
        figures, _ = page.says(CELLS)
        answered = api.get("/v1/compliance", params=ASKED["compliance"]).json()
        assert figures[0][1:3] == [str(answered["due"]), str(answered["met"])]
        page.click("tbody a[href*='#e-']")
        assert narrow(page)
        assert page.says("document.querySelector(location.hash) !== null")
        child = page.says("location.pathname").rpartition("/")[2]
        entries = api.get(f"/v1/children/{child}/history").json()["items"]
        shown = page.says(CELLS)[-1]
        assert [(int(row[0]), row[1]) for row in shown] == [(e["version"], e["occurred_on"]) for e in entries]
        assert page.paper().startswith(b"%PDF")


def _same(name: str, tables: list[list[list[str]]], told: dict[str, Any]) -> None:
    """Hold the rows of a page against the answer of the command."""
    if name == "compliance":
        figures, short = tables
        assert (figures[0][1], figures[0][2]) == (str(told["due"]), str(told["met"]))
        assert [row[0] for row in short] == [child["case_no"] for child in told["short"]]
        assert len(short) > 2
        return
    if name == "summary":
        numbers = dict(tables[0])
        assert (numbers["学生"], numbers["在册"]) == (
            str(told["school"]["pupils"]),
            str(told["roster"]["children"]),
        )
        return
    named = {each.name: each for each in reports()[name].tables if not each.cards}
    filled = [each for each in named if told[each]]
    assert [len(table) for table in tables] == [min(len(told[each]), ROWS) for each in filled]
    if filled[:1] != ["items"]:
        return
    first = named["items"].columns[0].name
    for row, item in zip(tables[0], told["items"][:ROWS], strict=True):
        assert row[0] == str(item[first])
