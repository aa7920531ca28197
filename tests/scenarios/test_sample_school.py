"""The sample school from its two files to every figure, by the commands that a school would type."""

from pathlib import Path
from typing import Any

import pytest

from cli.exits import PARTLY
from tests.cli.terminal import SAMPLE, SCHOOL, Terminal
from tests.support.sample_term import OPEN_AT_END, SHORT, SHORT_AS_KNOWN_AT_MONTH_END, numbers

ROSTER, CARE_LOG = SAMPLE / "roster.xlsx", SAMPLE / "care_log.csv"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, Any, Any]:
    """A terminal on a directory with the sample in it, and what the two imports said."""
    terminal = Terminal(tmp_path_factory.mktemp("school"))
    roster = terminal.json("import", "roster", ROSTER, "--org", SCHOOL, "--yes", code=PARTLY)
    care_log = terminal.json("import", "care-log", CARE_LOG, "--org", SCHOOL, "--yes", code=PARTLY)
    terminal.json("org", "set", SCHOOL, "--pupils", 502)
    terminal.json("rules", "bind", "C39", "--org", SCHOOL, "--from", "2026-03-01")
    return terminal, roster, care_log


@pytest.fixture
def terminal(first: tuple[Terminal, Any, Any]) -> Terminal:
    return first[0]


def test_the_roster_is_swallowed_as_it_is(first: tuple[Terminal, Any, Any]) -> None:
    _, roster, _ = first

    assert (roster["lines"], roster["enrolled"], roster["already_recorded"]) == (57, 54, 1)
    assert roster["differs"] == []
    assert [refused["line"] for refused in roster["refused"]] == [58, 59]
    assert [set(refused["reason"]) for refused in roster["refused"]] == [{"code", "zh", "en"}] * 2


def test_the_care_log_is_swallowed_as_it_is(first: tuple[Terminal, Any, Any]) -> None:
    _, _, care_log = first

    assert (care_log["lines"], care_log["recorded"], care_log["already_recorded"]) == (946, 931, 10)
    assert [(r["line"], r["reason"]["code"]) for r in care_log["refused"]] == [
        (53, "bad_date"),
        (269, "in_the_future"),
        (639, "unknown_child"),
        (667, "unknown_type"),
        (858, "below_zero"),
    ]


def test_a_second_import_brings_nothing_new(terminal: Terminal, tmp_path: Path) -> None:
    twin = tmp_path / "care_log.gb18030.csv"
    twin.write_bytes(CARE_LOG.read_text(encoding="utf-8-sig").encode("gb18030"))

    roster = terminal.json("import", "roster", ROSTER, "--org", SCHOOL, "--yes", code=PARTLY)
    again = [
        terminal.json("import", "care-log", file, "--org", SCHOOL, "--yes", code=PARTLY)
        for file in (CARE_LOG, twin)
    ]

    assert (roster["enrolled"], roster["already_recorded"]) == (0, 55)
    assert [(log["recorded"], log["already_recorded"]) for log in again] == [(0, 941)] * 2


def test_the_school_in_figures(terminal: Terminal) -> None:
    found = terminal.json("summary", "--org", SCHOOL)

    assert found["head"]["ledger"] == str(terminal.folder / "careledger.db")
    assert (found["head"]["children"], found["notes"]) == (54, [])
    assert found["head"]["population"] == found["population"] == "watched@1"
    assert {name: found[name] for name in ("school", "roster", "care_log")} == {
        "school": {
            "pupils": 502,
            "pupils_approximate": False,
            "left_behind": 54,
            "rate_percent": 10.76,
            "both_parents_away": 32,
            "single_parent_away": 22,
            "whereabouts_unknown": 0,
        },
        "roster": {"children": 54, "watched": 54, "paired": 54, "unpaired": 0, "carers": 27},
        "care_log": {
            "recorded": 931,
            "per_type": {"家访": 470, "电话": 253, "谈心": 208},
            "late_over_5_days": 20,
        },
    }


@pytest.mark.parametrize("month", SHORT)
def test_who_was_short_of_visits(terminal: Terminal, month: str) -> None:
    found = terminal.json("compliance", "--org", SCHOOL, "--rule", "C39", "--period", month)

    assert {short["student_no"] for short in found["short"]} == numbers(SHORT[month])
    figures = ("bound", "due", "met", "short", "pending", "not_applicable", "unspecified")
    assert found.keys() == {*figures, "head", "rule_id", "period", "notes"}
    assert (found["bound"], found["due"], found["met"]) == (54, 54, 54 - len(found["short"]))
    for short in found["short"]:
        assert short.keys() == {"case_no", "student_no", "counted", "required", "rejected"}
        assert len(short["counted"]) < short["required"] == 2


def test_the_edges_are_named_as_the_reasons(terminal: Terminal) -> None:
    def reasons(month: str, student_no: str) -> list[str]:
        found = terminal.json("compliance", "--org", SCHOOL, "--rule", "C39", "--period", month)
        (short,) = (s for s in found["short"] if s["student_no"] == student_no)
        return [rejection["reason"] for rejection in short["rejected"]]

    assert "same_day" in reasons("2026-05", "T202600026")
    assert "wrong_actor" in reasons("2026-04", "T202600002")


def test_nothing_was_known_before_the_papers_came(terminal: Terminal) -> None:
    month = next(iter(SHORT_AS_KNOWN_AT_MONTH_END))

    words = ("compliance", "--org", SCHOOL, "--rule", "C39", "--period", month, "--as-known-at", "2026-03-31")
    found = terminal.run(*words, "--json")

    assert (found.code, found.json["due"], found.json["short"]) == (6, 0, [])
    assert [note["code"] for note in found.json["notes"]] == ["nothing_known"]
    assert "nothing_known" in terminal.run(*words).err


def test_the_silent_children(terminal: Terminal) -> None:
    found = terminal.json("children", "--uncontacted-days", 30, "--on", "2026-06-30")["items"]

    beside = ("name", "case_no", "last_seen_on", "days_child_unseen")
    assert [{k: v for k, v in child.items() if k not in beside} for child in found] == [
        {
            "student_no": "T202600010",
            "last_contact_on": "2026-03-28",
            "days_silent": 94,
            "watched": "left_behind",
        },
        {
            "student_no": "T202600037",
            "last_contact_on": "2026-03-22",
            "days_silent": 100,
            "watched": "left_behind",
        },
        {
            "student_no": "T202600046",
            "last_contact_on": "2026-03-21",
            "days_silent": 101,
            "watched": "left_behind",
        },
    ]
    assert all(child["name"] and child["case_no"] for child in found)
    assert all(child["days_child_unseen"] >= child["days_silent"] for child in found)


SHOWN = ("case_no", "student_no", "step", "days_silent", "since")


def test_the_alerts_at_the_end_of_the_term(terminal: Terminal) -> None:
    found = terminal.json("alerts", "--on", "2026-06-30")["items"]

    assert all(line.keys() == {*SHOWN, "days_child_unseen"} for line in found)
    steps = {step: {x["student_no"] for x in found if x["step"] == step} for step in OPEN_AT_END}
    assert steps == {step: numbers(words) for step, words in OPEN_AT_END.items()}
    assert len(found) == sum(map(len, steps.values()))


def test_the_history_of_one_child(terminal: Terminal) -> None:
    found = terminal.json("history", "T202600026")

    by_id = terminal.json("history", found["child_id"])
    assert by_id["items"] == found["items"]
    assert {"child_enrolled", "pairing_started", "home_visit_made"} <= {e["type"] for e in found["items"]}
    visits = [e for e in found["items"] if e["type"] == "home_visit_made"]
    assert sum(e["occurred_on"] == "2026-05-08" for e in visits) == 2


def test_the_ledger_checks_itself_and_is_rebuilt(terminal: Terminal) -> None:
    rebuilt = terminal.json("rebuild")["rebuilt"]
    checked = terminal.json("check")

    assert (rebuilt["status"], rebuilt["compliance"]) == (54, 54)
    assert (checked["ok"], checked["findings"]) == (True, [])
