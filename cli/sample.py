"""The sample school: loaded once, so that a newcomer has something to look at. Everybody in it is made up."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from uuid import uuid5

from application.access import Actor
from application.intake.batches import CARE_LOG
from application.intake.imports.care_log import import_care_log
from application.intake.imports.paper import Progress
from application.intake.imports.roster import import_roster
from application.intake.imports.runs import imports_of
from application.organisations.known_rules import known_rules
from application.system import System
from domain.org import org_id
from domain.refusal import Text
from domain.streams.organisations.unit import RecipientRegistered

SAMPLE_COUNTY = "示例县"
SAMPLE_ORG = f"{SAMPLE_COUNTY}/东岭镇/寸草心小学"
PUPILS = 502
BOUND_FROM = date(2026, 3, 1)
RULES = (("C18", 1), ("C39", 1))
# Beside the code in a checkout; an installed copy has no examples and starts empty.
FILES = Path(__file__).resolve().parent.parent / "examples" / "cuncaoxin"

Bar = Callable[[Text], AbstractContextManager[Progress]]


def wants_sample(system: System) -> bool:
    """Return whether nothing was ever recorded here, or loading the sample was interrupted."""
    if not FILES.is_dir():
        return False
    if system.log.head()[0] == 0:
        return True
    runs = imports_of(system.database)
    begun = SAMPLE_ORG in system.organisations.paths(below=SAMPLE_COUNTY)
    return begun and not any(run.kind == CARE_LOG and run.finished_at for run in runs)


def load_sample(system: System, *, actor: Actor, bar: Bar) -> None:
    """Load the sample school with its rules and somebody who is told of its alerts. Twice is once."""
    units = system.organisations
    units.ensure(SAMPLE_ORG, actor=actor)
    units.count_pupils(SAMPLE_ORG, pupils=PUPILS, actor=actor)
    for key in RULES:
        rule = known_rules(system.settings)[key]
        units.governance.bind_rule(SAMPLE_ORG, rule=rule, effective_from=BOUND_FROM, actor=actor)
    inbox = RecipientRegistered(
        recipient=uuid5(org_id(SAMPLE_COUNTY), "inbox"),
        name="示例信箱",
        channel="inbox",
        catch_all=True,
    )
    units.recipients.register(SAMPLE_COUNTY, details=inbox, actor=actor)
    with bar(Text(zh="载入示例花名册", en="Loading the sample roster")) as progress:
        data = (FILES / "roster.xlsx").read_bytes()
        import_roster(data, org=SAMPLE_ORG, registers=system.registers, actor=actor, progress=progress)
    with bar(Text(zh="载入示例关爱记录", en="Loading the sample care log")) as progress:
        data = (FILES / "care_log.csv").read_bytes()
        import_care_log(data, org=SAMPLE_ORG, registers=system.registers, actor=actor, progress=progress)
