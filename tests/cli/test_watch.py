"""Whom an organisation watches, said at the terminal; and an upgrade that is shown before it is made."""

from pathlib import Path

from tests.cli.terminal import Terminal
from tests.upgrade.stores import SQLITE, archive, expected_of, unpacked

SCHOOL = "county/township/school"


def test_all_children_of_an_organisation_are_watched_and_no_longer(terminal: Terminal) -> None:
    terminal.json("org", "set", SCHOOL, "--pupils", "10")

    said = [
        terminal.json("org", "watch", path, *option)
        for path, option in (
            (SCHOOL, ()),
            (SCHOOL, ("--everybody", "--reason", "寄宿")),
            (SCHOOL, ()),
            ("county", ()),
            (SCHOOL, ("--standard",)),
        )
    ]

    assert [(each["everybody"], each["by"]) for each in said] == [
        (False, []),
        (True, [SCHOOL]),
        (True, [SCHOOL]),
        (False, []),
        (False, []),
    ]
    assert {each["population"] for each in said} == {"watched@1"}


def test_an_upgrade_tells_which_alerts_end_and_waits_for_a_yes(tmp_path: Path) -> None:
    with unpacked(
        SQLITE, tmp_path, archive=archive("0.1", SQLITE), expected=expected_of("0.1"), server_url=""
    ) as store:
        shown = store.terminal.run("migrate", "--json")
        again = store.terminal.run("migrate", "--json", "--yes")

    assert (shown.code, shown.json["migrated"]) == (4, False)
    notices = [notice["en"] for notice in shown.json["notices"]]
    assert [n for n in notices if "10 open alerts will end as not_watched, and none will be raised" in n]
    assert (again.code, again.json["migrated"]) == (0, True)
