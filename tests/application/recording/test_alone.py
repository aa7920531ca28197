"""What one stream has to itself is kept in a table, which can be held against the streams."""

from pathlib import Path
from uuid import UUID

from application.system import System
from application.upkeep.derived_rows import strange_rows
from tests.support.practice import office

DAY = "2026-05-06"


def strange(system: System, *streams: UUID) -> list[tuple[str, str]]:
    found = strange_rows(
        database=system.database,
        log=system.log,
        lookups=system.lookups,
        kept=(),
        children=(),
        carers=(),
        units=(),
        but=(),
        others=streams,
    )
    return [(each.where, each.detail) for each in found if each.table == "number_claim"]


def test_a_receipt_that_nobody_keeps_and_one_too_many_are_found(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        fund = desk.open("donation_received", DAY, donor="商会", amount_fen=9_000, receipt="A-1")
        desk.say(fund, "donation_allocated", DAY, body="学校", amount_fen=100, receipt="R-1")
        assert strange(desk.system, fund) == []
        assert strange(desk.system) == [(str(fund), "left over")] * 2

        with desk.system.database.transaction() as tx:
            tx.run("DELETE FROM number_claim WHERE kind = 'receipt'")
        assert strange(desk.system, fund) == [(str(fund), "receipt")]
