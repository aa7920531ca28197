"""A question to which there is no answer: it is said, by a code and an exit code, and nothing is made."""

from pathlib import Path

import pytest

from tests.application.papers import form
from tests.cli.terminal import SCHOOL, Answer, Terminal

COMPLIANCE = ("compliance", "--org", SCHOOL, "--rule", "C18", "--period", "2026-03")
UNKNOWN = "00000000-0000-4000-8000-000000000001"
READING = [
    ("children", "--uncontacted-days", "30"),
    ("history", "T1"),
    COMPLIANCE,
    ("alerts",),
    ("transfers",),
    ("summary", "--org", SCHOOL),
    ("import", "list"),
    ("import", "undo", UNKNOWN),
    ("rules", "list"),
    ("rules", "bind", "C39", "--org", SCHOOL, "--from", "2026-03-01"),
    ("org", "list"),
    ("recipients", "list"),
    ("recipients", "inbox", UNKNOWN),
    ("keys", "list"),
    ("keys", "revoke", UNKNOWN),
    ("dead-letters", "list"),
    ("dead-letters", "retry", "--all"),
    ("check",),
    ("rebuild",),
    ("worker", "--healthy"),
    ("worker",),
    ("serve",),
]


@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words[:2]))
def test_where_there_is_no_ledger_none_is_made(terminal: Terminal, words: tuple[str, ...]) -> None:
    answer = terminal.run(*words)

    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("no_ledger\n")
    assert str(terminal.folder / "careledger.db") in answer.err
    assert not terminal.folder.exists()


def test_a_backup_of_nothing_is_none(terminal: Terminal, tmp_path: Path) -> None:
    answer = terminal.run("backup", tmp_path / "backup", "--json")

    assert (answer.code, answer.json["error"]["code"]) == (3, "no_ledger")
    assert not (tmp_path / "backup").exists()
    assert not terminal.folder.exists()


def test_a_care_log_makes_no_ledger(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("日期,学籍号,类型,记录人\n", encoding="utf-8")

    answer = terminal.run("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")

    assert (answer.code, terminal.folder.exists()) == (3, False)


@pytest.mark.parametrize(
    ("gone", "ended"), [("careledger.db", (3, "no_ledger")), ("keys.db", (1, "keys_empty"))]
)
def test_one_store_without_the_other_is_not_made_up(
    school: Terminal, tmp_path: Path, gone: str, ended: tuple[int, str]
) -> None:
    (school.folder / gone).rename(tmp_path / gone)
    (tmp_path / "more.xlsx").write_bytes(form({"学籍号": "T2"}))

    asked = school.run("children", "--json")
    made = school.run("import", "roster", tmp_path / "more.xlsx", "--org", SCHOOL, "--yes", "--json")

    assert [(a.code, a.json["error"]["code"]) for a in (asked, made)] == [ended] * 2
    assert not (school.folder / gone).exists()


def test_who_writes_the_first_of_it_makes_a_ledger(terminal: Terminal) -> None:
    terminal.json("org", "set", SCHOOL, "--pupils", "77")

    assert [unit["pupils"] for unit in terminal.json("org", "list")][-1] == 77


def noted(answer: Answer) -> tuple[int, list[str]]:
    """Return how a question ended, and the codes of what its answer said of itself."""
    return answer.code, [note["code"] for note in answer.json["notes"]]


@pytest.mark.parametrize("words", [("children",), ("alerts",), ("transfers",)], ids=lambda words: words[0])
def test_an_empty_ledger_says_so(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.json("migrate")

    assert noted(terminal.run(*words, "--json")) == (5, ["empty_ledger"])
    assert "empty_ledger" in terminal.run(*words).err


@pytest.mark.parametrize(
    "words", [("children",), ("alerts",), ("transfers",), ("summary",), ("compliance",)], ids=" ".join
)
def test_an_organisation_with_nobody_in_it_says_so(school: Terminal, words: tuple[str, ...]) -> None:
    school.json("org", "set", "示例县/空校", "--pupils", "0")
    rule = ("--rule", "C18", "--period", "2026-03") if words == ("compliance",) else ()

    asked = school.run(*words, "--org", "示例县/空校", *rule, "--json")

    assert noted(asked) == (5, ["nobody_there"])


@pytest.mark.parametrize(
    "words",
    [
        ("children", "--on", "2026-01-31"),
        ("alerts", "--on", "2026-01-31"),
        ("history", "T1", "--as-of", "2026-01-31"),
        ("history", "T1", "--as-known-at", "2026-05-31"),
        (*COMPLIANCE, "--as-known-at", "2026-05-31"),
        (*COMPLIANCE, "--as-of", "2026-01-31"),
    ],
    ids=" ".join,
)
def test_nothing_known_then_is_not_nobody(school: Terminal, words: tuple[str, ...]) -> None:
    school.json("rules", "bind", "C18", "--org", SCHOOL, "--from", "2026-03-01")

    assert noted(school.run(*words, "--json")) == (6, ["nothing_known"])


def test_a_rule_that_is_not_bound_gives_no_figures(school: Terminal) -> None:
    asked = school.run(*COMPLIANCE, "--json")
    shown = school.run("--lang", "zh", *COMPLIANCE)

    assert noted(asked) == (7, ["rule_not_bound"])
    figures = ("bound", "due", "met", "pending", "not_applicable", "unspecified")
    assert {name: asked.json[name] for name in figures} == dict.fromkeys(figures, 0)
    assert (asked.json["short"], asked.json["unbound"]["children"]) == ([], 1)
    assert (shown.code, shown.err[:15]) == (7, "rule_not_bound：")
    assert "假定适用" in shown.out


def test_an_organisation_that_is_not_there_has_a_code_of_its_own(school: Terminal) -> None:
    for words in (("children",), ("alerts",), ("transfers",), ("summary",), COMPLIANCE[:1] + COMPLIANCE[3:]):
        answer = school.run(*words, "--org", "示例县/没有", "--json")

        assert (answer.code, answer.json["error"]["code"]) == (8, "unknown_org")


@pytest.mark.parametrize(
    ("words", "population"),
    [
        (("children",), "enrolled"),
        (("children", "--uncontacted-days", "1"), "watched@1"),
        (("alerts",), "watched@1"),
        (("summary", "--org", SCHOOL), "watched@1"),
        (("transfers",), "enrolled"),
        (("doubles",), "enrolled"),
        (("history", "T1"), "one_child"),
        (COMPLIANCE, "watched@1"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:2]),
)
def test_every_report_names_its_ledger_whom_it_counts_and_its_clocks(
    school: Terminal, words: tuple[str, ...], population: str
) -> None:
    school.json("rules", "bind", "C18", "--org", SCHOOL, "--from", "2026-03-01")
    head = school.json(*words)["head"]
    shown = [school.run("--lang", language, *words).out.splitlines()[0] for language in ("zh", "en")]

    assert list(head) == ["ledger", "children", "population", "as_of", "as_known_at"]
    ledger = str(school.folder / "careledger.db")
    assert (head["ledger"], head["children"], head["population"]) == (ledger, 1, population)
    assert all(ledger in line and head["as_of"] in line for line in shown)
    assert shown[0].startswith("台账 ")
    assert shown[1].startswith("Ledger ")


def test_no_password_stands_in_a_head(tmp_path: Path, postgres_db_url: str) -> None:
    host, _, name = postgres_db_url.rpartition("/")
    place = f"{host.rpartition('@')[2].rpartition('/')[2]}/{name}"
    terminal = Terminal(tmp_path / "data", CARELEDGER_DATABASE_URL=postgres_db_url)
    terminal.json("migrate")

    asked = terminal.run("children", "--json")

    assert (noted(asked), asked.json["head"]["ledger"]) == ((5, ["empty_ledger"]), place)


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("keys", "list"), "还没有接口密钥", "nobody can use the API"),
        (("recipients", "list"), "预警不会发给任何人", "alerts reach nobody"),
        (("dead-letters", "list"), "没有无法处理的事件", "No event has failed"),
        (("clashes", "list"), "没有重号", "No clashes"),
        (("clashes", "list", "--settled"), "还没有处理过重号", "No clash has been settled"),
        (("repeats",), "没有疑似重复登记", "No two entries seem to tell of the same"),
        (("doubles",), "没有疑似重复的档案", "No two files look like one child"),
        (("doubles", "--state", "apart"), "还没有确认过", "No files have been told apart"),
        (("transfers",), "没有待接收的转接", "No transfer is waiting"),
        (("transfers", "--overdue"), "没有逾期未办的转接", "No transfer is overdue"),
    ],
)
def test_an_empty_list_says_what_is_not_there(
    school: Terminal, words: tuple[str, ...], zh: str, en: str
) -> None:
    assert zh in school.run("--lang", "zh", *words).out.splitlines()[-1]
    assert en in school.run("--lang", "en", *words).out.splitlines()[-1]
