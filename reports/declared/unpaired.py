"""Children in care whom no grown-up looks after in a pairing, class by class."""

from application.access import Action
from domain.refusal import Text
from domain.rules.clocks import clocks
from projections import pairings
from projections.pairings import Covered
from projections.runner import lag_of
from reports import filters
from reports.columns import case_no, named, open_, org, percent, personal
from reports.pairs import Unpaired, without_carer
from reports.reasons import BEHIND
from reports.report import IN_CARE, Asked, Found, Report, Table, Topic

EVERYBODY = Text(zh="在册儿童均已结对。", en="Every child in care is paired.")


CLASSES: Table[Covered] = Table(
    name="classes",
    title=Text(zh="各班", en="Class by class"),
    columns=(
        org(),
        open_("children", "在册儿童", "Children in care", lambda x: x.children),
        open_("unpaired", "未结对", "Not paired", lambda x: x.children - x.paired),
        percent("percent", "结对率", "Paired", lambda x: (x.paired, x.children)),
    ),
)
CHILDREN: Table[Unpaired] = Table(
    title=Text(zh="未结对儿童", en="Who is not paired"),
    columns=(
        case_no(),
        named(lambda x: x.card.name),
        personal("student_no", "学籍号", "Student no.", lambda x: x.card.student_no),
        personal("key_target", "重点帮扶", "Key target", lambda x: x.key_target),
        org(lambda x: x.card.org),
    ),
    child=lambda row: row.card.child_id,
)


def read(asked: Asked) -> Found:
    """List who is in care and not paired on a day, those who must be first."""
    system = asked.system
    lag = lag_of(system.database, system.log, "pairings")
    at = clocks(now=system.now(), as_of=asked.day("on"))
    classes = pairings.covered(system.database, org=asked.org, day=at.as_of)
    return Found(
        tables=(
            CLASSES.filled([row for row in classes if row.children > row.paired], empty=EVERYBODY),
            CHILDREN.filled(without_carer(asked, at.as_of), empty=EVERYBODY),
        ),
        population=IN_CARE,
        clocks=at,
        notes=(BEHIND,) if lag else (),
    )


REPORT = Report(
    name="unpaired",
    title=Text(zh="未结对儿童", en="Children who are not paired"),
    text=Text(
        zh="各班尚未结对的在册儿童，重点帮扶对象在前",
        en="Children in care without a pairing, class by class; those who must have one come first.",
    ),
    filters=(filters.ORG, filters.ON),
    tables=(CLASSES, CHILDREN),
    read=read,
    action=Action.READ,
    topic=Topic.CARERS,
    order=112,
)
