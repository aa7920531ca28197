"""Papers in which many children bear one name and birthday: the work grows with the rows, and no faster."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from application.children import doubles
from application.eventstore.log import EventLog
from application.intake.imports import roster_doubles
from application.system import System
from tests.application.papers import form, take_roster

ROWS = [{"学籍号": f"T{n}", "结对帮扶人": "", "结对类型": "", "结对日期": ""} for n in range(80)]


def test_rows_of_one_name_are_compared_with_few_and_their_files_read_once(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, read = 0, 0
    compare, load = roster_doubles.compared, EventLog.load_many

    def counting(*both: Any) -> Any:
        nonlocal compared
        compared += 1
        return compare(*both)

    def noting(self: EventLog, ids: Sequence[UUID], **more: Any) -> Any:
        nonlocal read
        read += len(ids)
        return load(self, ids, **more)

    for module in (doubles, roster_doubles):
        monkeypatch.setattr(module, "MOST_COMPARED", 5, raising=False)
        monkeypatch.setattr(module, "compared", counting)
    monkeypatch.setattr(EventLog, "load_many", noting)

    taken = take_roster(system, form(*ROWS))

    assert (taken.enrolled, len(taken.asked)) == (80, 79)
    # Once to see whom a later row means, once to write.
    assert read <= 2 * len(ROWS)
    assert compared <= 5 * len(ROWS)
