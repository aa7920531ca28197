"""kill -9 in the middle of merges and their undoing: both files always tell of the same, and then of one."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.system import System
from application.upkeep.merges import half_merges
from projections import status
from tests.faults.mortal_merger import SAID
from tests.faults.test_killed_workers import SCHOOL, opened
from tests.support.actions import Desk

ROOT = Path(__file__).parents[2]
VISITS = [f"2026-04-{day:02}" for day in range(2, 22)]
KILLS = 12


@pytest.mark.slow(seconds=40)
@pytest.mark.timeout(300)
def test_a_merge_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    environ = {"CARELEDGER_DATA_DIR": str(tmp_path)}
    with opened(environ) as system:
        system.organisations.ensure(SCHOOL, actor=SYSTEM)
        desk = Desk(system)
        kept, other = (desk.enrol(day, org=SCHOOL) for day in ("2026-03-01", "2026-04-01"))
        carer = desk.carer(org=SCHOOL)
        for day in VISITS:
            desk.visit(other, carer, day)
        chance = random.Random(1)
        for _ in range(KILLS):
            killed(environ, other, kept, after=chance.uniform(0.0, 0.4))
            assert list(half_merges(system.log, [kept, other], but=())) == []
            assert visits(system, kept) in (Counter(), Counter(VISITS))

        first = system.merges.merge(other, into=kept, actor=SYSTEM, **SAID)
        again = system.merges.merge(other, into=kept, actor=SYSTEM, **SAID)

        assert first == again
        assert visits(system, kept) == Counter(VISITS)
        assert list(status.differences(system.database, system.log)) == []


def killed(environ: dict[str, str], other: UUID, kept: UUID, *, after: float) -> None:
    """Let a process merge and take back for so many seconds, and kill it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.mortal_merger", str(other), str(kept)],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        threading.Event().wait(after)
        process.kill()


def visits(system: System, child: UUID) -> Counter[str]:
    facts = Desk(system).child(child).facts
    return Counter(fact.day.isoformat() for fact in facts if fact.type == "home_visit_made")
