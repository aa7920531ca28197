"""`careledger doctor`: one sentence where all is well, else what to do, the most urgent first."""

from datetime import timedelta

from application.settings import read_settings
from application.system import open_system
from projections.outbox import heartbeat, summary
from projections.outbox.heartbeat import LOOPS, Heartbeat
from tests.cli.terminal import SCHOOL, Terminal

PING = "https://monitor.example/ping"


def codes(terminal: Terminal, *, code: int) -> list[str]:
    return [each["code"] for each in terminal.json("doctor", code=code)["findings"]]


def beat(terminal: Terminal, *loops: str) -> None:
    """Have these loops of the watch beat now, as a worker does."""
    system = open_system(read_settings(terminal.environ))
    try:
        now = system.now()
        with system.database.transaction() as tx:
            for loop in loops:
                heartbeat.beat(tx, Heartbeat(loop=loop, completed_at=now + timedelta(seconds=20)))
            summary.keep(tx, summary.sum_up(system.database, now=now))
    finally:
        system.close()


def told(school: Terminal) -> Terminal:
    """Return a school that somebody outside is told of, and whose watch is seen by a monitor."""
    secret = "whsec_" + "c2VjcmV0" * 4
    hook = ("--channel", "webhook", "--address", "https://office.example/hook", "--secret", secret)
    school.json("recipients", "add", "--org", SCHOOL, "--name", "Office", *hook)
    return Terminal(school.folder, CARELEDGER_PING_URL=PING)


def test_a_ledger_that_nobody_watches_is_told_what_to_do(school: Terminal) -> None:
    assert codes(school, code=1) == ["watch_off", "nobody_outside", "no_monitor"]

    first, *_ = school.run("--lang", "en", "doctor").out.splitlines()
    assert "start `careledger up`" in first
    first, *_ = school.run("--lang", "zh", "doctor").out.splitlines()
    assert "请运行 careledger up" in first


def test_a_part_that_stands_still_is_named(school: Terminal) -> None:
    watched = told(school)
    beat(watched, *(loop for loop in LOOPS if loop != "sweep"))

    assert codes(watched, code=1) == ["watch_stuck"]
    assert "(sweep)" in watched.run("doctor").out


def test_all_is_well_in_one_sentence(school: Terminal) -> None:
    watched = told(school)
    beat(watched, *LOOPS)

    answer = watched.run("--lang", "en", "doctor")
    assert answer.code == 0
    assert answer.out == "All is well and the watch is running (children: 1, recipients: 1).\n"
    assert watched.json("doctor") == {"ok": True, "findings": []}


def test_without_a_ledger_it_says_so(terminal: Terminal) -> None:
    assert terminal.json("doctor", code=3)["error"]["code"] == "no_ledger"
